"""Learning records into a file from the command line, with a progress bar."""

from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlmodel import Session

from bot.commands import ground
from bot.commands.database import opened
from bot.commands.ground import HERE, WRONG_USE, ConfigPath, fail, say
from bot.commands.units import one_unit
from bot.reports.learning_records import write_csv, write_xlsx
from curriculum import records
from curriculum.errors import PeriodNotUnderstood
from curriculum.records import Period, Scope
from curriculum.rhythm import local_date
from scheduler.clock import SystemClock


def export(
    target: Annotated[Path, typer.Argument(help="The file to write, ending in .xlsx or .csv.")],
    unit: Annotated[str, typer.Option(help="The unit, with everything under it.")],
    period: Annotated[
        str,
        typer.Option(help="month, quarter, year, all, 2026-11, or 2026-11-01..2026-11-30."),
    ] = "month",
    config_path: ConfigPath = HERE,
) -> None:
    """导出学习记录。 Write learning records to a file.

    [bold]wuxue export 记录.xlsx --unit 林芝市社工指导中心[/bold]
    [bold]wuxue export records.csv --unit 八一镇社工站 --period 2026-11[/bold]
    """
    if target.suffix.lower() not in (".xlsx", ".csv"):
        fail("export_wrong_ending", code=WRONG_USE, file=target)
    config = ground.read_config(config_path)
    made_at = SystemClock().now().astimezone(ZoneInfo(config.calendar.zone))
    try:
        span = records.read_period(period, today=local_date(made_at, config.calendar.zone))
    except PeriodNotUnderstood:
        fail("export_period", code=WRONG_USE, period=period)
    with opened(config) as database:
        try:
            count = database.read_now(_write, target, unit, span, made_at)
        except OSError as error:
            fail("export_not_written", file=target, reason=error.strerror or type(error).__name__)
    say("exported", file=target, count=count)


def _write(session: Session, target: Path, unit: str, span: Period, made_at: datetime) -> int:
    """Write the file while a bar on stderr counts its rows; returns how many there are."""
    found = one_unit(session, unit)
    scope = Scope(found.id or 0, found.path, found.name_zh)
    rows = records.rows(session, scope, span)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=ground.errors,
    )
    with bar:
        # A file's name may look like markup.
        name = target.name.replace("[", r"\[")
        task = bar.add_task(name, total=records.count(session, scope, span))

        def advance(done: int) -> None:
            bar.update(task, completed=done)

        if target.suffix.lower() == ".csv":
            return write_csv(
                rows, target, language=ground.language(), made_at=made_at, on_row=advance
            )
        return write_xlsx(
            rows,
            target,
            language=ground.language(),
            period=span,
            unit_name=unit,
            made_at=made_at,
            on_row=advance,
        )
