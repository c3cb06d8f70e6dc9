"""Finding somebody for a training's lists, and on them: by name, number, station or telephone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from curriculum import certificates_seen, directory, training_attendance, training_events
from curriculum.errors import NotThere
from curriculum.event_access import path_of
from curriculum.people import Speaker
from storage import directory as stored
from storage import training_attendance as training_rolls
from storage import training_seats as seats
from storage import trainings
from storage.training_attendance import Expected
from storage.training_seats import Filed
from storage.trainings import TrainingEvent

MOST_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Found:
    """Who fits the words: (person, name and station) of the first few, and how many there are."""

    people: tuple[tuple[int, str], ...]
    count: int


def find(
    session: Session,
    speaker: Speaker,
    event_id: int,
    period_id: int,
    words: str,
    *,
    now: datetime,
) -> Found:
    """People of the training's unit; for its arranger, or with a half day for who calls its roll.

    Raises NotThere, SearchTooLong and what calling the roll raises.
    """
    if period_id:
        event, _ = training_attendance.to_call(session, speaker, period_id, now=now)
    else:
        found = trainings.event(session, event_id, bot=speaker.bot)
        if found is None or not training_events.arranges(session, speaker, found):
            raise NotThere
        event = found
    looked_for = directory.wanted(directory.searched(words))
    everybody = list(stored.findable(session, [path_of(session, event)]))
    ids = directory.fitting(everybody, looked_for) if looked_for else []
    by_id = {one.person_id: one for one in everybody}
    shown = [by_id[person_id] for person_id in ids[:MOST_SHOWN]]
    return Found(tuple((one.person_id, f"{one.name} {one.unit_name}") for one in shown), len(ids))


@dataclass(frozen=True, slots=True)
class Match:
    """One person found on a list; `note` is a code of how she stands there, `object_id` what her
    button opens (a certificate), 0 for none; `at_page` where she stands on the whole list.
    """

    person_id: int
    name: str
    unit_name: str
    note: str
    object_id: int
    at_page: int


@dataclass(frozen=True, slots=True)
class Matches:
    """One page of who fits the words on a list; `event_id` is the training's."""

    event_id: int
    title: str
    lines: tuple[Match, ...]
    words: str
    count: int
    page: int
    pages: int
    can_change: bool


def on_lists(
    session: Session, speaker: Speaker, event_id: int, words: str, *, page: int, now: datetime
) -> Matches:
    """Who fits among all who come, wait or cannot, for whoever arranges it; raises NotThere."""
    event = training_events.to_arrange(session, speaker, event_id, lock=False)
    everybody = [
        (_findable(one), Match(one.person_id, one.name, one.unit_name, one.state, 0, 0))
        for one in seats.filed(session, event_id)
    ]
    can_change = event.state == trainings.PUBLISHED and event.starts_at > now
    return _page(event, everybody, words, page, can_change=can_change)


def on_roll(
    session: Session, speaker: Speaker, period_id: int, words: str, *, page: int, now: datetime
) -> Matches:
    """Who fits on a half day's list, for whoever calls it; raises as calling the roll."""
    event, period = training_attendance.to_call(session, speaker, period_id, now=now)
    size = training_attendance.PAGE
    everybody = [
        (
            _findable(one),
            Match(
                one.person_id,
                one.name,
                one.unit_name,
                one.state or "none",
                period_id,
                place // size,
            ),
        )
        for place, one in enumerate(training_rolls.roll(session, period))
    ]
    return _page(event, everybody, words, page, can_change=True)


def with_certificates(
    session: Session, speaker: Speaker, event_id: int, words: str, *, page: int, now: datetime
) -> Matches:
    """Who fits among those who were there; raises NotThere, CertificatesNotYet."""
    event = certificates_seen.over(session, speaker, event_id, lock=False, now=now)
    numbers = {one.person_id: one for one in seats.filed(session, event_id)}
    everybody = []
    for line in certificates_seen.everybody(session, event):
        known = numbers.get(line.person_id)
        number, phone = (known.number, known.phone) if known else (None, None)
        found = stored.Findable(line.person_id, line.name, number, phone, line.unit_name)
        everybody.append(
            (
                found,
                Match(
                    line.person_id,
                    line.name,
                    line.unit_name,
                    line.state,
                    line.certificate_id or 0,
                    0,
                ),
            )
        )
    return _page(event, everybody, words, page, can_change=True)


def _findable(one: Filed | Expected) -> stored.Findable:
    return stored.Findable(one.person_id, one.name, one.number, one.phone, one.unit_name)


def _page(
    event: TrainingEvent,
    everybody: Sequence[tuple[stored.Findable, Match]],
    words: str,
    page: int,
    *,
    can_change: bool,
) -> Matches:
    words = directory.searched(words)
    looked_for = directory.wanted(words)
    fitting = set(directory.fitting([one for one, _ in everybody], looked_for))
    found = [match for _, match in everybody if looked_for and match.person_id in fitting]
    pages = max(1, -(-len(found) // MOST_SHOWN))
    page = min(page, pages - 1)
    lines = tuple(found[page * MOST_SHOWN : (page + 1) * MOST_SHOWN])
    return Matches(event.id or 0, event.title, lines, words, len(found), page, pages, can_change)
