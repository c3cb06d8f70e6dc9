"""Records as they are listed: those somebody is in, by date or number, and sessions without one."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from curriculum.directory import page_of, searched
from curriculum.list_words import Sought, day_texts, sought
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.supervision_held_groups import unwritten_of as groups_unwritten
from curriculum.supervision_words import UNWRITTEN_WITHIN, pair_with
from storage import gatherings as names
from storage import supervision_due_records, supervision_held
from storage import supervision_records as stored
from storage.supervision_bookings import SupervisionBooking
from storage.supervision_records import SupervisionRecord

# Beside their numbers there is one more button.
PAGE = 5


@dataclass(frozen=True, slots=True)
class RecordLine:
    """A record in a list; `with_whom` are the names of the others in it."""

    record_id: int
    form: str
    number: int | None
    occurred_on: date
    minutes: int
    mode: str
    state: str
    is_one_sided: bool
    with_whom: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecordsPage:
    """One page of records, counted from 0; `words` is what was searched for, "" for all."""

    lines: tuple[RecordLine, ...]
    page: int
    pages: int
    count: int
    words: str


@dataclass(frozen=True, slots=True)
class Unwritten:
    """A session that was held, as far as anybody knows, and has no record.

    One with several has no booking and no pair, `group_id` and how many they were.
    """

    booking_id: int
    pair_id: int
    starts_at: datetime
    other: str
    group_id: int = 0
    count: int = 1


def own(
    session: Session, speaker: Speaker, pair_id: int, *, words: str = "", page: int = 0
) -> RecordsPage:
    """One page of the records she is in, of one pair unless that is 0; a worker's peers' too.

    `words` are a number (3), a month (12月) or a date. Raises NotThere, SearchTooLong.
    """
    pair = pair_with(session, speaker.person_id, pair_id) if pair_id else None
    words = searched(words)
    rows = [
        row
        for row in supervision_held.of_reader(
            session,
            speaker.person_id,
            bot=speaker.bot,
            pair_id=pair_id or None,
            with_peers=pair is not None and pair.worker_id == speaker.person_id,
        )
        if fits(words, row.number, row.occurred_on)
    ]
    page, pages = page_of(len(rows), page, size=PAGE)
    shown = rows[page * PAGE : (page + 1) * PAGE]
    return RecordsPage(_lines(session, speaker, shown), page, pages, len(rows), words)


def fits(words: str, number: int | None, day: date) -> bool:
    """Whether a record is one that was searched for."""
    text = unicodedata.normalize("NFKC", words).strip()
    if not text:
        return True
    if counted := re.fullmatch(r"第?(\d{1,4})次?", text):
        is_year = len(counted[1]) == 4
        return day.year == int(counted[1]) if is_year else number == int(counted[1])
    numbers = [int(found) for found in re.findall(r"\d{1,4}", text)]
    if not 1 <= len(numbers) <= 3:
        return False
    if numbers[0] >= 1000:
        return (day.year, day.month, day.day)[: len(numbers)] == tuple(numbers)
    return len(numbers) <= 2 and (day.month, day.day)[: len(numbers)] == tuple(numbers)


def _lines(
    session: Session, speaker: Speaker, rows: Sequence[SupervisionRecord]
) -> tuple[RecordLine, ...]:
    people = stored.people_of(session, [row.id or 0 for row in rows])
    concerned = {
        row.id or 0: [
            *filter(None, [row.supervisor_id]),
            *(one.person_id for one in people[row.id or 0]),
        ]
        for row in rows
    }
    known = names.names_of(session, [one for ids in concerned.values() for one in ids])
    return tuple(
        RecordLine(
            row.id or 0,
            row.form,
            row.number,
            row.occurred_on,
            row.counted_minutes,
            row.mode,
            row.state,
            row.is_one_sided,
            tuple(known.get(one, "") for one in concerned[row.id or 0] if one != speaker.person_id),
        )
        for row in rows
    )


def unwritten(
    session: Session, speaker: Speaker, *, words: str = "", page: int = 0, now: datetime
) -> Sought[Unwritten]:
    """One page of her sessions of the last two weeks that have no record, the first one first.

    `words` in the other's name or the day. Raises SearchTooLong.
    """
    found: list[SupervisionBooking] = supervision_due_records.unwritten_of(
        session, speaker.person_id, bot=speaker.bot, since=now - UNWRITTEN_WITHIN, until=now
    )
    known = names.names_of(session, [one.worker_id for one in found])
    every = [
        Unwritten(one.id or 0, one.pair_id, one.starts_at, known.get(one.worker_id, ""))
        for one in found
    ] + [
        Unwritten(0, 0, starts_at, "", group_id, count)
        for group_id, starts_at, count in groups_unwritten(session, speaker, until=now, now=now)
    ]
    every.sort(key=lambda one: one.starts_at)
    return sought(
        every,
        words,
        lambda one: (one.other, *day_texts(local_date(one.starts_at, ZONE))),
        page=page,
    )
