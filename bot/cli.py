"""The `wuxue` command: everything an administrator does outside the chat.

Exit codes: 0 done, 1 the work failed, 2 wrong use.
"""

import typer

from bot.commands import exporting, lesson_packs, running, setting_up

app = typer.Typer(
    name="wuxue",
    no_args_is_help=True,
    # Typer's own tracebacks show local variables, and those hold names and texts.
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="五学+：给一线社工的学习机器人。 Wuxue: a learning bot for frontline social workers.",
    epilog="先试试 try first:  wuxue rehearse",
)
app.command()(setting_up.init)
app.command()(running.run)
app.command()(running.rehearse)
app.command()(running.plan)
app.command()(setting_up.invite)
app.command()(exporting.export)
app.add_typer(lesson_packs.app, name="lessons")
app.add_typer(setting_up.unit_app, name="unit")
app.add_typer(setting_up.cohort_app, name="cohort")
app.add_typer(setting_up.db_app, name="db")


def main() -> None:
    """The entry point."""
    app()
