"""A visit's summary as a document, and the figures of visits as a workbook."""

from datetime import datetime, time
from typing import Any, BinaryIO

from bot.render import Renderer
from bot.reports.blocks import Block, Document, Fields, Heading, Table, Text
from bot.reports.cells import cell_text, starts_like_formula
from bot.reports.record_sheets import Formats, formats_of, new_sheet
from bot.reports.whole_files import new_workbook
from bot.reports.words import report_words
from curriculum.visit_counts import Batch, CountsPage, VisitCounts
from curriculum.visit_return import PARTS, WHOLE
from curriculum.visit_summary import Said, Summary

STOP_WIDTHS = (1.8, 0.8, 2.4, 4.0)
PEOPLE_WIDTHS = (0.6, 1.6, 2.8, 1.8, 1.0)


def summary_document(summary: Summary, renderer: Renderer, language: str) -> Document:
    """Headed like a summary that leaders edit: the batch, its way, what was seen, what follows."""
    words = report_words(language)["visit_summary"]
    blocks: list[Block] = [
        Heading(words["title"].format(title=summary.title), 1),
        Fields(_fields(summary, renderer, words, language)),
        Heading(words["programme"], 2),
        _stops(summary, renderer, words, language),
    ]
    if summary.entries:
        blocks.append(Heading(words["entries"], 2))
        blocks += [
            Text(_said(one, words, renderer.day(one.day, language) if one.day else ""))
            for one in summary.entries
        ]
    for part in (*PARTS, WHOLE):
        if summary.brought[part]:
            blocks.append(Heading(words[part], 2))
            blocks += [Text(_said(one, words)) for one in summary.brought[part]]
    if summary.is_confirmed:
        blocks += [Heading(words["people"], 2), _people(summary, words)]
    return Document(tuple(blocks), language=language, foot=summary.organiser)


def _fields(
    summary: Summary, renderer: Renderer, words: Any, language: str
) -> tuple[tuple[str, str], ...]:
    since, until = (
        words["dated"].format(year=day.year, day=renderer.day(day, language))
        for day in (summary.starts_on, summary.ends_on)
    )
    span = since if summary.starts_on == summary.ends_on else f"{since}—{until}"
    people = words["not_called"]
    if summary.is_confirmed:
        people = words["count"].format(
            people=len(summary.people),
            learners=len(summary.people) - summary.officials,
            officials=summary.officials,
        )
    batch = [(words["batch"], str(summary.number))] if summary.number else []
    return (
        *batch,
        (words["when"], span),
        (words["where"], "、".join(summary.destinations)),
        (words["organiser"], summary.organiser),
        (words["aims"], summary.aims),
        (words["how_many"], people),
    )


def _stops(summary: Summary, renderer: Renderer, words: Any, language: str) -> Table:
    return Table(
        tuple(words[name] for name in ("day", "at", "place", "done")),
        tuple(
            (
                renderer.day(stop.day, language),
                stop.at.strftime("%H:%M") if stop.at else "",
                stop.destination,
                stop.programme,
            )
            for stop in summary.stops
        ),
        STOP_WIDTHS,
    )


def _said(said: Said, words: Any, day: str = "") -> str:
    """What somebody wrote, with her name only where she lets it stand."""
    author = said.author or words["a_colleague"]
    return f"{said.text}（{day + ' ' if day else ''}{author}）"


def _people(summary: Summary, words: Any) -> Table:
    return Table(
        tuple(words[name] for name in ("number", "name", "unit", "post", "days")),
        tuple(
            (
                str(number),
                one.name,
                one.unit_name,
                one.post or ("" if one.is_official else words["learner"]),
                str(one.days),
            )
            for number, one in enumerate(summary.people, start=1)
        ),
        PEOPLE_WIDTHS,
    )


def counts_sheet(found: CountsPage, target: BinaryIO, *, language: str, made_at: datetime) -> None:
    """Figures, batches and who was there, a sheet each; numbers are numbers."""
    words = report_words(language)["visit_counts"]
    with new_workbook(target, made_at=made_at) as book:
        looks = formats_of(book)
        head = looks.head
        figures = new_sheet(book, words["figures"])
        _head(figures, head, [words["span"], *(words[name] for name in _FIGURES)])
        spans = (
            (f"{found.period.since}—{found.period.until}", found.counts),
            (words["cumulative"].format(until=found.period.until), found.cumulative),
        )
        for row, (span, counts) in enumerate(spans, start=1):
            figures.write_string(row, 0, span)
            for column, value in enumerate(_values(counts), start=1):
                figures.write_number(row, column, value)
        batches = new_sheet(book, words["batches"])
        _head(batches, head, [words[name] for name in _BATCH])
        for row, batch in enumerate(found.batches, start=1):
            _write(batches, row, _cells(batch, words), looks)
        people = new_sheet(book, words["travellers"])
        _head(people, head, [words[name] for name in _TRAVELLER])
        lines = [(batch, one) for batch in found.batches for one in batch.people]
        for row, (batch, one) in enumerate(lines, start=1):
            kind = words["official"] if one.is_official else words["learner"]
            cells = (batch.title, one.name, one.unit_name, one.post, kind, one.days, one.minutes)
            _write(people, row, cells, looks)


_FIGURES = ("batches", "people", "learners", "officials", "times", "destinations", "waiting")
_BATCH = (
    *("title", "number", "unit", "since", "until", "destinations"),
    *("learners", "officials", "people", "roll"),
)
_TRAVELLER = ("title", "name", "unit", "post", "kind", "days", "minutes")


def _values(counts: VisitCounts) -> tuple[int, ...]:
    return (
        counts.batches,
        counts.people,
        counts.learners,
        counts.officials,
        counts.times,
        counts.destinations,
        counts.waiting,
    )


def _cells(batch: Batch, words: Any) -> tuple[Any, ...]:
    return (
        batch.title,
        batch.number or "",
        batch.unit_name,
        batch.starts_on,
        batch.ends_on,
        "、".join(batch.destinations),
        batch.learners,
        batch.officials,
        len(batch.people),
        words["confirmed"] if batch.is_confirmed else words["not_called"],
    )


def _head(sheet: Any, look: Any, names: list[str]) -> None:
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(names) - 1, 14)
    for column, name in enumerate(names):
        sheet.write_string(0, column, name, look)


def _write(sheet: Any, row: int, cells: tuple[Any, ...], looks: Formats) -> None:
    for column, cell in enumerate(cells):
        if isinstance(cell, int):
            sheet.write_number(row, column, cell, looks.number[0])
        elif isinstance(cell, str):
            look = looks.guarded if starts_like_formula(cell) else looks.text
            sheet.write_string(row, column, cell_text(cell, cut_mark="…"), look[0])
        else:
            sheet.write_datetime(row, column, datetime.combine(cell, time()), looks.date[0])
