"""Rooms as a coordinator arranges them: one session, or all of the weekly study that follow.

A topic is discussed in rooms like the weekly study, and answered once for all. A quarterly share is
one programme before everybody; rooms are proposed for it too, where its cohort is large.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from curriculum import gatherings, room_seats, splitting
from curriculum import weekly_study as study
from curriculum.errors import NotThere
from curriculum.gathering_errors import OccasionChanged, RoomLinks
from curriculum.gatherings import SPLITTABLE
from curriculum.people import Speaker
from curriculum.weekly_series import cohort_of
from curriculum.weekly_study import Series
from storage import audit, cohort_series
from storage import gatherings as stored
from storage import rooms as seating
from storage.gatherings import PLANNED, Gathering

# Why a room's link changed, as its people read it.
NEW_PLACE = "place"
PLACE_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Rooms:
    """How a session would be split: of each room how many people, of how many units."""

    rooms: tuple[tuple[int, int], ...]


def offered(people: int) -> list[int]:
    """Into how many rooms so many people can be split: as few as fit, or one or two more."""
    fewest = max(2, room_seats.rooms_for(people))
    return [n for n in range(fewest, fewest + 3) if n <= room_seats.MOST_ROOMS]


def read_places(written: str, rooms: int) -> list[str]:
    """A link for each room, one in a line; raises RoomLinks where they are more or fewer."""
    lines = [" ".join(line.split())[:PLACE_LIMIT] for line in written.splitlines() if line.strip()]
    if len(lines) != rooms:
        raise RoomLinks(rooms=rooms, found=len(lines))
    return lines


def preview(session: Session, speaker: Speaker, gathering_id: int, count: int) -> Rooms:
    """How a session would be split into so many rooms; raises NotThere."""
    found = gatherings.read(session, gathering_id, bot=speaker.bot)
    cohort = cohort_of(session, speaker, found.cohort_id)
    return Rooms(tuple(splitting.preview(session, found, count, cohort.zone)))


def split(
    session: Session,
    speaker: Speaker,
    gathering_id: int,
    count: int,
    *,
    places: Sequence[str] = (),
    is_whole: bool,
    seen: int,
    now: datetime,
) -> Gathering:
    """Let a session, or it and all that follow, meet in rooms; everybody is told of the first.

    Raises NotThere, OccasionPassed, OccasionChanged.
    """
    found = gatherings.to_arrange(session, speaker, gathering_id, seen=seen, now=now)
    if found.kind not in SPLITTABLE or count not in range(2, room_seats.MOST_ROOMS + 1):
        raise NotThere
    _require_series(found, is_whole=is_whole)
    if found.state != PLANNED or found.room:
        raise OccasionChanged
    if is_whole:
        _set(session, speaker, found.cohort_id, count, places, now=now)
    splitting.split(
        session,
        found,
        count,
        places=places,
        actor_id=speaker.person_id,
        is_told=True,
        is_own=found.is_own or not is_whole,
        now=now,
    )
    for later in _following(session, found) if is_whole else ():
        if not later.room:
            splitting.split_as_before(session, later, count, places=places, now=now)
    return found


def merge(
    session: Session,
    speaker: Speaker,
    gathering_id: int,
    *,
    is_whole: bool,
    seen: int,
    now: datetime,
) -> Gathering:
    """Let the rooms of a session, or of it and all that follow, meet as one again.

    Told once, of the first, and only where anybody was told of the rooms. Raises as `split`.
    """
    found = gatherings.to_arrange(session, speaker, gathering_id, seen=seen, now=now)
    if found.state != PLANNED or not found.room:
        raise OccasionChanged
    _require_series(found, is_whole=is_whole)
    place = _place_together(session, found)
    if is_whole:
        _set(session, speaker, found.cohort_id, 0, (), now=now)
    merged = _merge_one(session, speaker, found, place, is_told=True, is_own=not is_whole, now=now)
    for later in _following(session, merged) if is_whole else ():
        if later.room == 1:
            _merge_one(session, speaker, later, place, is_told=False, is_own=False, now=now)
    return merged


def _require_series(found: Gathering, *, is_whole: bool) -> None:
    """Only the weekly study has sessions that follow as it is; raises NotThere."""
    if is_whole and found.kind != study.KIND:
        raise NotThere


def _place_together(session: Session, found: Gathering) -> str:
    """Where rooms meet again as one: where their series does, else where the first of them did."""
    if found.kind == study.KIND:
        return _series(session, found.cohort_id).place
    return seating.of_session(session, found)[0].place


def _merge_one(
    session: Session,
    speaker: Speaker,
    found: Gathering,
    place: str,
    *,
    is_told: bool,
    is_own: bool,
    now: datetime,
) -> Gathering:
    return splitting.merge(
        session,
        found,
        place=place,
        actor_id=speaker.person_id,
        is_told=is_told,
        is_own=is_own,
        now=now,
    )


def change_place(
    session: Session,
    speaker: Speaker,
    gathering_id: int,
    place: str,
    *,
    seen: int,
    now: datetime,
) -> Gathering:
    """Give one room another link; its people are told once. Raises as `gatherings.rearrange`."""
    found = gatherings.read(session, gathering_id, bot=speaker.bot)
    return gatherings.rearrange(
        session,
        speaker,
        gathering_id,
        place=place,
        reason=NEW_PLACE,
        seen=seen,
        is_own=found.is_own,
        now=now,
    )


def _series(session: Session, cohort_id: int) -> Series:
    rhythm = cohort_series.locked(session, cohort_id=cohort_id, kind=study.KIND)
    return study.read_series(rhythm.time_of_day, rhythm.settings) if rhythm else Series()


def _set(
    session: Session,
    speaker: Speaker,
    cohort_id: int,
    count: int,
    places: Sequence[str],
    *,
    now: datetime,
) -> None:
    """Let the series meet in so many rooms from now on; raises NotThere where there is none."""
    rhythm = cohort_series.locked(session, cohort_id=cohort_id, kind=study.KIND)
    if rhythm is None:
        raise NotThere
    rhythm.settings = rhythm.settings | {"rooms": count, "room_places": list(places)}
    session.add(rhythm)
    session.flush()
    audit.add(
        session,
        at=now,
        actor_id=speaker.person_id,
        action="set_rooms",
        object_kind="cohort",
        object_id=cohort_id,
        rooms=count,
    )


def _following(session: Session, found: Gathering) -> list[Gathering]:
    """The planned sessions of a series behind one, as they are made already."""
    rows = stored.of_cohorts(
        session, [found.cohort_id], since=found.starts_at, states=(PLANNED,), kind=study.KIND
    )
    return [one for one in rows if one.local_date != found.local_date]
