"""A training on paper and in calendars: the sheet to sign, the .ics."""

from datetime import date, datetime

from bot.render import Renderer
from bot.reports.blocks import Document, Fields, Heading, Table
from bot.reports.calendar_file import Entry, calendar
from bot.reports.words import report_words
from curriculum.people import ZONE
from curriculum.rhythm import local_date
from curriculum.training_events import EventView
from curriculum.training_sheets import SignInSheet

# A signature by hand needs so much, in mm.
SIGNED_IN = 9
WIDTHS = (0.8, 1.6, 2.5, 1.2, 1.8, 1.9)
# For who comes without a place.
SPARE_LINES = 6


def sign_in_document(sheet: SignInSheet, renderer: Renderer, language: str) -> Document:
    """Course, date, period above; name, unit, post, contact and room to sign for each person."""
    words = report_words(language)["training_sheet"]
    topic = f"{sheet.topic}（{sheet.trainer}）" if sheet.trainer else sheet.topic
    lines = [
        (
            str(number),
            one.name,
            one.unit,
            renderer.label(one.role, language) if one.role else "",
            one.contact,
            "",
        )
        for number, one in enumerate(sheet.signers, start=1)
    ]
    first_spare = len(lines) + 1
    lines += [
        (str(number), "", "", "", "", "")
        for number in range(first_spare, first_spare + SPARE_LINES)
    ]
    return Document(
        (
            Heading(words["title"], 1),
            Fields(
                (
                    (words["course"], sheet.title),
                    (words["date"], _dated(local_date(sheet.starts_at, ZONE), renderer, language)),
                    (
                        words["period"],
                        words["period_of"].format(
                            at=renderer.clock(sheet.starts_at, language),
                            minutes=sheet.minutes,
                            topic=topic,
                        ),
                    ),
                    (words["place"], sheet.place),
                )
            ),
            Table(
                tuple(
                    words[name] for name in ("number", "name", "unit", "post", "contact", "signed")
                ),
                tuple(lines),
                WIDTHS,
                SIGNED_IN,
            ),
        ),
        language=language,
        foot=sheet.organiser,
    )


def _dated(day: date, renderer: Renderer, language: str) -> str:
    """With its year: what is signed is filed."""
    dated = report_words(language)["training_file"]["day"]
    return dated.format(year=day.year, day=renderer.day(day, language))


def calendar_of(
    event: EventView, renderer: Renderer, language: str, *, bot: int, said_at: datetime
) -> bytes:
    """The training as one entry from its first half day to its last, or its being called off."""
    note = "\n".join(
        f"{renderer.moment(one.starts_at, language)} {one.topic} {one.trainer}".strip()
        for one in event.periods
    )
    has_pin = event.latitude is not None and event.longitude is not None
    entry = Entry(
        uid=f"training-{event.event_id}@{bot}.wuxue",
        sequence=event.moves,
        title=event.title,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        said_at=said_at,
        place=event.place,
        note=note,
        geo=(event.latitude or 0.0, event.longitude or 0.0) if has_pin else None,
    )
    return calendar([entry], cancelled=event.state == "cancelled")
