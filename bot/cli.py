"""The `wuxue` command: everything an administrator does outside the chat.

Exit codes: 0 done, 1 the work failed, 2 wrong use.
"""

import typer

from bot.commands import (
    archiving,
    authoring,
    backups,
    copying,
    database,
    doctor,
    exporting,
    holding,
    inviting,
    item_statistics,
    keys,
    lesson_packs,
    people,
    planning,
    rehearsing,
    running,
    setting_up,
    units,
    verifying,
)

app = typer.Typer(
    name="wuxue",
    no_args_is_help=True,
    # Typer's own tracebacks show local variables, and those hold names and texts.
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="五学+：给一线社工的学习机器人。 Wuxue: a learning bot for frontline social workers.",
    epilog="先试试 try first:  [bold]wuxue rehearse[/bold]",
)
app.command()(setting_up.init)
app.command()(running.run)
app.command()(doctor.doctor)
app.command()(rehearsing.rehearse)
app.command()(planning.plan)
app.command()(inviting.invite)
app.command()(exporting.export)
app.command("training-file")(archiving.training_archive_file)
app.command()(verifying.verify)
database.app.command()(backups.backup)
database.app.command()(backups.restore)
for act in (authoring.new, authoring.questions, item_statistics.statistics):
    lesson_packs.app.command()(act)
database.app.command("copy")(copying.copy_database)
app.add_typer(lesson_packs.app, name="lessons")
app.add_typer(units.unit_app, name="unit")
app.add_typer(units.cohort_app, name="cohort")
app.add_typer(people.app, name="people")
app.add_typer(database.app, name="db")
app.add_typer(holding.app, name="hold")
app.add_typer(keys.app, name="key")


def main() -> None:
    """The entry point."""
    app()
