"""How check questions fare, in the terminal or as a workbook."""

from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.table import Table
from rich.text import Text
from sqlmodel import Session

from bot.commands import ground
from bot.commands.database import opened
from bot.commands.ground import HERE, WRONG_USE, ConfigPath, console, fail, say, words
from bot.reports.item_statistics import write_item_statistics
from bot.reports.words import report_words
from curriculum import item_statistics
from curriculum.item_statistics import ItemFigure
from scheduler.clock import SystemClock

LETTERS = "ABCDEFGHIJ"


def statistics(
    pack: Annotated[str | None, typer.Option(help="The code of one imported pack.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="The file to write, ending in .xlsx.", dir_okay=False)
    ] = None,
    config_path: ConfigPath = HERE,
) -> None:
    """题目有多难，错项吸引多少人；五人以下不显示。 How questions fare; never below five people.

    [bold]wuxue lessons statistics --pack starter_zh[/bold]
    [bold]wuxue lessons statistics --out 题目统计.xlsx[/bold]
    """
    if out is not None and out.suffix.lower() != ".xlsx":
        fail("statistics_wrong_ending", code=WRONG_USE, file=out)
    config = ground.read_config(config_path)
    zone = ZoneInfo(config.calendar.zone)

    def report(session: Session) -> int:
        if pack is not None and not item_statistics.has_pack(session, pack):
            fail("statistics_pack_unknown", code=WRONG_USE, pack=pack)
        items = item_statistics.figures(session, pack_code=pack)
        if out is None:
            found = list(items)
            if found:
                console.print(_table(found))
            return len(found)
        made_at = SystemClock().now().astimezone(zone)
        tongue = ground.language()
        return write_item_statistics(
            items, out, language=tongue, unit_name=pack or "", made_at=made_at
        )

    with opened(config) as database:
        try:
            count = database.read_now(report)
        except OSError as error:
            fail("export_not_written", file=out, reason=error.strerror or type(error).__name__)
    if out is not None:
        say("statistics_written", file=out, count=count)
    elif not count:
        say("statistics_empty")


def _table(items: list[ItemFigure]) -> Table:
    """One row per question; what is said stands in the words of the workbook."""
    table = Table(show_lines=True)
    for heading in (
        words("statistics_lesson"),
        words("statistics_question"),
        words("statistics_answered"),
        words("statistics_right"),
        words("statistics_options"),
        words("statistics_remark"),
    ):
        table.add_column(heading, overflow="fold")
    told = report_words(ground.language())
    for item in items:
        few = told["item_words"]["few"]
        # A question's square brackets are its own words.
        table.add_row(
            Text(f"{item.pack} {item.lesson} ({item.version})"),
            Text(item.text),
            few if item.answered is None else str(item.answered),
            _range(item),
            Text(_options(item, few)),
            told["item_remarks"][item.remark] if item.remark is not None else "",
        )
    return table


def _range(item: ItemFigure) -> str:
    if item.right_from is None or item.right_to is None:
        return ""
    low, high = f"{item.right_from:.0%}", f"{item.right_to:.0%}"
    return low if low == high else f"{low}-{high}"


def _options(item: ItemFigure, few: str) -> str:
    if item.answered is None:
        return ""
    return "\n".join(
        f"{'✓' if option.is_right else ' '} {letter} {option.at_least or few}"
        for letter, option in zip(LETTERS, item.options, strict=False)
    )
