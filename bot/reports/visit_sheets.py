"""A visit on paper and in calendars: its roster, its programme, the .ics."""

import io
from collections.abc import Sequence
from datetime import datetime

from bot.render import Renderer
from bot.reports.blocks import Document, Fields, Heading, Table, Text
from bot.reports.calendar_file import Entry, calendar
from bot.reports.cells import cell_text
from bot.reports.record_sheets import new_sheet
from bot.reports.words import report_words
from curriculum.visit_pages import VisitView
from curriculum.visit_words import StopPlan
from storage.visit_people import Listed

COLUMNS = ("number", "name", "unit", "post", "contact", "answer")
WIDTHS = (0.7, 1.6, 2.6, 1.3, 1.9, 1.2)
CHARACTERS = (6, 12, 28, 16, 18, 12)
STOP_WIDTHS = (0.8, 2.2, 3.0, 2.4)


def _span(visit: VisitView, renderer: Renderer, language: str) -> str:
    first = renderer.day(visit.starts_on, language)
    last = renderer.day(visit.ends_on, language)
    return first if first == last else f"{first} - {last}"


def _head(visit: VisitView, renderer: Renderer, language: str) -> Fields:
    words = report_words(language)["visit"]
    return Fields(
        (
            (words["title"], visit.title),
            (words["date"], _span(visit, renderer, language)),
            (words["places"], "、".join(visit.destinations)),
            (words["organiser"], visit.organiser),
            (words["people"], words["count"].format(people=visit.people, coming=visit.coming)),
        )
    )


def roster_rows(
    lines: Sequence[Listed], renderer: Renderer, language: str
) -> list[tuple[str, ...]]:
    """A row for each on the list, officials like everybody else."""
    return [
        (
            str(number),
            one.name,
            one.unit_name,
            one.post,
            one.phone,
            renderer.label(f"visit_list_{one.state}", language),
        )
        for number, one in enumerate(lines, start=1)
    ]


def roster_document(
    visit: VisitView, lines: Sequence[Listed], renderer: Renderer, language: str
) -> Document:
    """花名册 as a document."""
    words = report_words(language)["visit"]
    return Document(
        (
            Heading(words["roster"], 1),
            _head(visit, renderer, language),
            Table(
                tuple(words[name] for name in COLUMNS),
                tuple(roster_rows(lines, renderer, language)),
                WIDTHS,
            ),
        ),
        language=language,
        foot=visit.organiser,
    )


def roster_workbook(
    visit: VisitView,
    lines: Sequence[Listed],
    renderer: Renderer,
    language: str,
    *,
    made_at: datetime,
) -> bytes:
    """花名册 as a sheet in which every text stays text."""
    import xlsxwriter

    words = report_words(language)
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    book.set_properties({"created": made_at.replace(tzinfo=None), "title": visit.title})
    sheet = new_sheet(book, words["visit"]["roster"])
    text = book.add_format({"num_format": "@"})
    head = book.add_format({"bold": True, "bg_color": "#DDEBF7", "bottom": 1})
    for place, (name, width) in enumerate(zip(COLUMNS, CHARACTERS, strict=True)):
        sheet.set_column(place, place, width, text)
        sheet.write_string(0, place, words["visit"][name], head)
    sheet.freeze_panes(1, 0)
    rows = roster_rows(lines, renderer, language)
    for line, row in enumerate(rows, start=1):
        for place, cell in enumerate(row):
            sheet.write_string(
                line, place, cell_text(cell, cut_mark=words["sentences"]["cut"]), text
            )
    sheet.ignore_errors({"number_stored_as_text": f"A1:F{len(rows) + 1}"})
    book.close()
    return stream.getvalue()


def programme_document(visit: VisitView, renderer: Renderer, language: str) -> Document:
    """行程单: aims, then each day with its places and hosts, then what to take along."""
    words = report_words(language)["visit"]
    blocks: list[Heading | Text | Table | Fields] = [
        Heading(words["programme"], 1),
        _head(visit, renderer, language),
        Heading(words["aims"]),
        Text(visit.aims),
    ]
    by_day: dict[str, list[StopPlan]] = {}
    for one in visit.stops:
        by_day.setdefault(renderer.day(one.day, language), []).append(one)
    for day, stops in by_day.items():
        rows = tuple(
            (
                f"{one.at:%H:%M}" if one.at else "",
                one.destination,
                one.programme,
                " ".join(text for text in (one.host_name, one.host_contact) if text),
            )
            for one in stops
        )
        names = ("hour", "place", "doing", "host")
        blocks += [Heading(day), Table(tuple(words[name] for name in names), rows, STOP_WIDTHS)]
    if visit.packing:
        blocks += [Heading(words["packing"]), Text("\n".join(visit.packing))]
    return Document(blocks, language=language, foot=visit.organiser)


def calendar_of(
    visit: VisitView, renderer: Renderer, language: str, *, bot: int, said_at: datetime
) -> bytes:
    """The journey as one entry to the end of its last day, or its being called off."""
    note = "\n".join(_noted(one, renderer, language) for one in visit.stops)
    entry = Entry(
        uid=f"visit-{visit.visit_id}@{bot}.wuxue",
        sequence=visit.moves,
        title=visit.title,
        starts_at=visit.starts_at,
        ends_at=visit.ends_at,
        said_at=said_at,
        place="、".join(visit.destinations),
        note=note,
    )
    return calendar([entry], cancelled=visit.state == "cancelled")


def _noted(one: StopPlan, renderer: Renderer, language: str) -> str:
    at = f"{one.at:%H:%M}" if one.at else ""
    pieces = (renderer.day(one.day, language), at, one.destination, one.programme)
    return " ".join(piece for piece in pieces if piece)
