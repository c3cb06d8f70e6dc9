"""`wuxue hold`: what a restored database holds back, and choosing for it at the machine."""

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from bot.commands.database import opened
from bot.commands.ground import (
    HERE,
    WRONG_USE,
    ConfigPath,
    console,
    fail,
    language,
    read_bot_id,
    read_config,
    say,
    words,
)
from bot.render import Renderer
from curriculum import holds
from curriculum.errors import NotThere
from curriculum.held_rhythms import Line
from curriculum.holds import Overview
from scheduler.clock import SystemClock
from scheduler.planner import STUDIES
from storage.engine import Database
from storage.holds import NOTICES

app = typer.Typer(no_args_is_help=True, help="恢复以后停发的。 What is held back after a restore.")


def _overview(database: Database, bot: int) -> Overview | None:
    return database.read_now(holds.overview_of, STUDIES, bot=bot, now=SystemClock().now())


@app.command("list")
def list_lines(config_path: ConfigPath = HERE) -> None:
    """恢复以后等着选的。 What waits for a choice after a restore.

    [bold]wuxue hold list[/bold]
    """
    config = read_config(config_path)
    bot = read_bot_id(config, config_path)
    with opened(config) as database:
        found = _overview(database, bot)
    if found is None:
        say("hold_none")
        return
    renderer, tongue = Renderer(zone=config.calendar.zone, wordings={}), language()
    say(
        "hold_span",
        since=renderer.moment(found.last_seen_at, tongue),
        until=renderer.moment(found.since, tongue),
    )
    table = Table("", words("plan_what"), words("plan_cohort"), words("hold_missed"))
    table.add_column(words("hold_waiting"))
    for number, line in enumerate(found.lines, 1):
        table.add_row(
            str(number),
            renderer.label(line.kind, tongue),
            Text(line.cohort_name),
            str(line.missed),
            str(line.waiting),
        )
    console.print(table)
    say("hold_how")


@app.command("choose")
def choose(
    choice: Annotated[str, typer.Argument(help="send, merge or skip.")],
    cohort: Annotated[
        str, typer.Argument(help="The cohort's name; notices for single notices; all for each.")
    ],
    study: Annotated[str, typer.Option(help="Which study.")] = "daily_lesson",
    config_path: ConfigPath = HERE,
) -> None:
    """选一项怎么办：send 补发，merge 合并，skip 不发。 Choose for one line.

    [bold]wuxue hold choose merge 2026年第一期[/bold]
    [bold]wuxue hold choose skip notices[/bold]
    """
    if choice not in holds.CHOICES:
        fail("hold_choice_unknown", code=WRONG_USE, choice=choice, known=", ".join(holds.CHOICES))
    config = read_config(config_path)
    bot = read_bot_id(config, config_path)
    with opened(config) as database:
        found = _overview(database, bot)
        if found is None:
            say("hold_none")
            return
        lines = [line for line in found.lines if _is_meant(line, cohort, study)]
        if not lines:
            fail("hold_line_unknown", name=cohort)
        is_over = [_settle(database, bot, line, choice) for line in lines][-1]
    if is_over:
        say("hold_over")
    else:
        say("hold_chosen")


def _is_meant(line: Line, cohort: str, study: str) -> bool:
    if cohort == "all":
        return True
    if cohort == NOTICES:
        return line.kind == NOTICES
    return (line.cohort_name, line.kind) == (cohort, study)


def _settle(database: Database, bot: int, line: Line, choice: str) -> bool:
    """Choose for one line; a notice cannot be merged, and is then sent."""
    wanted = choice if line.may_merge or choice != "merge" else "send"
    try:
        return database.write_now(
            holds.choose,
            None,
            STUDIES,
            bot=bot,
            kind=line.kind,
            cohort_id=line.cohort_id,
            choice=wanted,
            now=SystemClock().now(),
        )
    except NotThere:
        fail("hold_line_unknown", name=line.cohort_name or line.kind)
