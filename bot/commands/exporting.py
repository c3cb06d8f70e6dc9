"""Learning records into a file from the command line, with a progress bar."""

from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlmodel import Session

from bot.commands import ground
from bot.commands.ground import HERE, ConfigPath, both, console, fail
from bot.reports.learning_records import write_csv, write_xlsx
from curriculum import records
from curriculum.errors import PeriodNotUnderstood
from curriculum.records import Scope
from curriculum.rhythm import local_date
from scheduler.clock import SystemClock
from storage.people import unit_by_name


def export(
    target: Annotated[Path, typer.Argument(help="The file to write, ending in .xlsx or .csv.")],
    unit: Annotated[str, typer.Option(help="The unit, with everything under it.")],
    period: Annotated[str, typer.Option(help="month, quarter, year, all, 2026-11, or 2026-11-01..2026-11-30.")] = "month",
    config_path: ConfigPath = HERE,
) -> None:
    """Write learning records. Example: wuxue export records.xlsx --unit 林芝市社工指导中心 --period 2026-11"""
    if target.suffix not in (".xlsx", ".csv"):
        fail(both("文件名请以 .xlsx 或 .csv 结尾。", "The file's name must end in .xlsx or .csv."), code=ground.WRONG_USE)
    config = ground.read_config(config_path)
    made_at = SystemClock().now().astimezone(ZoneInfo(config.calendar.zone))
    try:
        span = records.read_period(period, today=local_date(made_at, config.calendar.zone))
    except PeriodNotUnderstood:
        fail(both(f"没看懂时间段“{period}”。", f"The period {period} was not understood."), code=ground.WRONG_USE)
    bar = Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=ground.errors)

    def write(session: Session) -> int:
        found = unit_by_name(session, unit)
        if len(found) != 1:
            fail(both(f"没有找到单位“{unit}”，或者有重名。", f"There is no unit {unit}, or there are several."))
        scope = Scope(found[0].id or 0, found[0].path, found[0].name_zh)
        rows = records.rows(session, scope, span)
        with bar:
            task = bar.add_task(target.name, total=records.count(session, scope, span))

            def advance(done: int) -> None:
                bar.update(task, completed=done)

            if target.suffix == ".csv":
                return write_csv(rows, target, language=ground.language(), made_at=made_at, on_row=advance)
            return write_xlsx(
                rows, target, language=ground.language(), period=span, unit_name=unit,
                made_at=made_at, on_row=advance,
            )

    with ground.opened(config) as database:
        count = database.read_now(write)
    console.print(both(f"已写好 {target}，{count} 条。", f"Wrote {target}, {count} rows."))
