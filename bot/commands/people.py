"""`wuxue people import`: a roster from a file, problems as a table, links and cards beside it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text
from telegram.error import InvalidToken

from bot.commands import ground
from bot.commands.database import opened
from bot.commands.ground import HERE, ConfigPath, errors, fail, say, words
from bot.config import Config
from bot.render import Renderer
from bot.reports.invite_cards import invite_cards
from bot.reports.roster_sheet import result_sheet
from bot.roster_files import RosterFile, read_roster
from bot.roster_wording import column_name, problem_sentence, sheet_words
from bot.telegram_names import username_of
from curriculum import roster
from curriculum.rhythm import local_date
from curriculum.roster import Imported, Reach
from curriculum.roster_check import Plan
from curriculum.roster_problems import RosterProblem, RosterRefused
from scheduler.clock import SystemClock
from storage.engine import Database

app = typer.Typer(no_args_is_help=True, help="人员：名册导入。 People: importing rosters.")


@app.command("import")
def import_(
    file: Annotated[
        Path, typer.Argument(help="The roster, .xlsx or .csv.", exists=True, dir_okay=False)
    ],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    resend: Annotated[
        bool, typer.Option("--resend", help="New links for all who have not joined.")
    ] = False,
    config_path: ConfigPath = HERE,
) -> None:
    """导入名册；有一行不对就什么都不写。 Import a roster, whole or not at all.

    [bold]wuxue people import 名册.xlsx --dry-run[/bold]
    [bold]wuxue people import 名册.xlsx[/bold]
    """
    config = ground.read_config(config_path)
    token = ground.read_token(config, config_path)
    reach = roster.everywhere(ground.read_bot_id(config, config_path))
    now = SystemClock().now()
    try:
        read = _read(file)
        with opened(config) as database:
            plan = database.read_now(
                roster.check, reach, read.rows, unreadable=read.problems, now=now
            )
            if plan.problems:
                raise RosterRefused(plan.problems)  # noqa: TRY301
            _say_plan(plan)
            if dry_run:
                return
            files = _files_beside(file, config, token, now)
            _import(database, reach, read, files, resend=resend)
    except RosterRefused as refused:
        _show_problems(refused.problems)
        fail("roster_refused", count=len(refused.problems))


def _read(file: Path) -> RosterFile:
    try:
        data = file.read_bytes()
    except OSError as error:
        fail("roster_not_read", file=file, reason=_reason(error))
    return read_roster(data, file.name)


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__


def _say_plan(plan: Plan) -> None:
    counts = plan.counts
    say(
        "roster_plan",
        total=len(plan.entries),
        new=counts["new"],
        changed=counts["changed"],
        unchanged=counts["unchanged"],
        units=counts["units"],
        invites=plan.invites,
    )
    for unit in plan.new_units:
        say("roster_new_unit", name=unit.label)


def _show_problems(problems: Sequence[RosterProblem]) -> None:
    """Every problem, one a line; what people wrote is never markup."""
    language = ground.language()
    names = sheet_words(language)["columns"]
    table = Table(box=None, pad_edge=False)
    table.add_column(names["row"], justify="right")
    table.add_column(names["column"], no_wrap=True)
    table.add_column(names["written"])
    for problem in problems:
        table.add_row(
            str(problem.line or ""),
            Text(column_name(problem, language)),
            Text(problem_sentence(problem, language)),
        )
    errors.print(table)


def _import(
    database: Database, reach: Reach, read: RosterFile, files: "_Files", *, resend: bool
) -> None:
    """Write, then put the sheet and the cards beside the file; links are known only now."""
    # Made before anything is written: links that could not be saved would be lost.
    with files.reserved():
        imported = database.write_now(
            roster.import_roster, reach, read.rows, resend=resend, now=files.made_at
        )
        try:
            files.write(imported)
        except OSError as error:
            fail("roster_links_lost", reason=_reason(error))
    counts = imported.counts
    say(
        "roster_imported",
        new=counts["new"],
        changed=counts["changed"],
        unchanged=counts["unchanged"],
        units=counts["units"],
        invited=len(imported.invited),
    )
    for path in (files.sheet, files.cards):
        if path.exists():
            say("roster_written", file=path)


def _username(config: Config, token: str) -> str:
    try:
        username = username_of(config, token)
        if username is None:
            say("bot_name_unknown", style="yellow", to=errors)
    except InvalidToken:
        say("bot_token_refused", style="yellow", to=errors)
        username = None
    return username or words("bot_name_here")


@dataclass(frozen=True, slots=True)
class _Files:
    """What is written beside the roster, and what it takes to word it."""

    sheet: Path
    cards: Path
    username: str
    zone: str
    made_at: datetime

    @contextmanager
    def reserved(self) -> Iterator[None]:
        """New, empty files that only their owner can read; those that stay empty go again."""
        paths = (self.sheet, self.cards)
        try:
            try:
                for path in paths:
                    path.touch(mode=0o600, exist_ok=False)
            except OSError as error:
                fail("roster_not_written", file=path, reason=_reason(error))
            yield
        finally:
            for path in paths:
                if path.exists() and path.stat().st_size == 0:
                    path.unlink()

    def write(self, imported: Imported) -> None:
        """The sheet, and a page of cards for every ten people invited."""
        language = ground.language()
        renderer = Renderer(zone=self.zone, wordings={})
        self.sheet.write_bytes(
            result_sheet(
                imported,
                language=language,
                bot_username=self.username,
                moment=lambda moment: renderer.moment(moment, language),
                made_at=self.made_at,
            )
        )
        if not imported.invited:
            return
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, console=errors) as bar:
            task = bar.add_task(words("roster_cards"), total=len(imported.invited))
            self.cards.write_bytes(
                invite_cards(
                    imported.invited,
                    language=language,
                    bot_username=self.username,
                    day=lambda moment: renderer.day(local_date(moment, self.zone), language),
                    on_card=lambda done: bar.update(task, completed=done),
                )
            )


def _is_taken(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        # A name too long for the disk: writing it says so.
        return False


def _pair(file: Path, at: str, number: int) -> tuple[Path, Path]:
    stamp = at if number == 1 else f"{at}-{number}"
    return (
        file.with_name(words("roster_sheet_file", name=file.stem, at=stamp)),
        file.with_name(words("roster_cards_file", name=file.stem, at=stamp)),
    )


def _files_beside(file: Path, config: Config, token: str, now: datetime) -> _Files:
    zone = config.calendar.zone
    at = now.astimezone(ZoneInfo(zone)).strftime("%Y%m%d-%H%M%S")
    # Two imports in one second are two pairs of files.
    pairs = (_pair(file, at, number) for number in count(1))
    sheet, cards = next(pair for pair in pairs if not any(map(_is_taken, pair)))
    return _Files(
        sheet=sheet,
        cards=cards,
        username=_username(config, token),
        zone=zone,
        made_at=now,
    )
