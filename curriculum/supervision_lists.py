"""Pairs as they are listed: all that a coordinator looks after, and each person's own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlmodel import Session

from curriculum.errors import NotThere
from curriculum.list_words import sought
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from storage import supervision_bookings as bookings
from storage import supervision_pairs as stored
from storage.supervision_pairs import PairRow

# A pair with its names, as every page shows it.
Line = PairRow
# How many of those accompanied a page shows: beside their numbers there is one more button.
BESIDE = 5


@dataclass(frozen=True, slots=True)
class PairsPage:
    """One page of pairs, counted from 0; `words` is what was searched for, "" for all."""

    lines: tuple[PairRow, ...]
    page: int
    pages: int
    count: int
    words: str
    today: date
    # When those of them meet next that have booked, by pair.
    booked: Mapping[int, datetime] = field(default_factory=dict)


def pairs(
    session: Session, speaker: Speaker, *, words: str = "", page: int = 0, now: datetime
) -> PairsPage:
    """One page of the pairs she looks after, all or those that hold every word.

    Raises NotThere, SearchTooLong.
    """
    speaker.require("assign_supervision")
    reach, today = speaker.reach("assign_supervision"), local_date(now, ZONE)
    every = list(stored.under(session, reach, bot=speaker.bot, on=today))
    found = sought(every, words, lambda row: (row.supervisor, row.worker, row.unit_name), page=page)
    return PairsPage(found.lines, found.page, found.pages, found.count, found.words, today)


def pair_of(session: Session, speaker: Speaker, pair_id: int) -> PairRow:
    """A pair as a coordinator sees it; raises NotThere."""
    row = stored.row(session, pair_id, bot=speaker.bot)
    if row is None:
        raise NotThere
    speaker.require("assign_supervision", unit_path=row.unit_path)
    return row


def own(session: Session, speaker: Speaker, *, now: datetime) -> list[PairRow]:
    """The pairs in which she is accompanied."""
    if not speaker.may("be_supervised"):
        return []
    return stored.of_person(
        session,
        speaker.person_id,
        bot=speaker.bot,
        on=local_date(now, ZONE),
        as_supervisor=False,
    )


def accompanied_page(
    session: Session, speaker: Speaker, page: int = 0, *, words: str = "", now: datetime
) -> PairsPage:
    """One page of them, `words` in name or unit; raises NotThere, SearchTooLong."""
    speaker.require("supervise")
    every = accompanied(session, speaker, now=now)
    found = sought(every, words, lambda row: (row.worker, row.unit_name), page=page, size=BESIDE)
    newest = bookings.newest(session, [row.pair_id for row in found.lines])
    booked = {key: one.starts_at for key, one in newest.items() if one.starts_at > now}
    today = local_date(now, ZONE)
    return PairsPage(found.lines, found.page, found.pages, found.count, found.words, today, booked)


def accompanied(session: Session, speaker: Speaker, *, now: datetime) -> list[PairRow]:
    """The pairs in which she accompanies, the next due first."""
    if not speaker.may("supervise"):
        return []
    return stored.of_person(
        session, speaker.person_id, bot=speaker.bot, on=local_date(now, ZONE), as_supervisor=True
    )
