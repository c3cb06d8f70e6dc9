"""Attendance at gatherings: 我来了 in its window, apologies, the roll, reading up afterwards.

Whatever proves presence goes into the ledger at once; what is corrected becomes a new row there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from curriculum import gathering_words, gatherings, gatherings_back, records, rooms
from curriculum.errors import NotThere, TooEarly
from curriculum.gathering_errors import SessionOver
from curriculum.people import Speaker
from curriculum.rhythm import local_date
from storage import audit, staffing
from storage import gathering_people as people
from storage import gatherings as stored
from storage import rooms as seating
from storage.cohorts import Cohort
from storage.gathering_people import Expected
from storage.gatherings import PLANNED, SKIPPED, Attendance, Gathering

SIGNED_IN, ROLL_CALL, IMPORTED, MADE_UP = "signed_in", "roll_call", "imported", "made_up"
TO_CONFIRM, APOLOGY, ABSENT = "to_confirm", "apology", "absent"
# What proves that somebody was there, by its name in the ledger.
PRESENT = (SIGNED_IN, ROLL_CALL, IMPORTED)
# Why somebody cannot come, where she wants to say so; a code, never words.
REASONS = ("field_visit", "other_meeting", "no_network", "unsaid")
# How long a late tap, a facilitator's roll and reading up are possible (EXPERIENCE section 3).
OPEN_FOR = timedelta(days=7)
# Reading the minutes and answering one question takes about so long.
MADE_UP_MINUTES = 10
EARLY, RECORDED, BEFORE, LATE, NOT_ON = "early", "recorded", "before", "late", "not_on"
# What waits for a coordinator, since she who would confirm it is the one who says it.
LED_LATE = "led_late"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a tap on 我来了 came to, and from when on it counts."""

    outcome: str
    minutes: int
    opens_at: datetime


@dataclass(frozen=True, slots=True)
class Roll:
    """A gathering's roster for whoever calls it; `page` is cut from `lines` by the caller.

    `late` are those whose own word counts after the window: whoever led it.
    """

    gathering_id: int
    kind: str
    room: int
    title: str
    starts_at: datetime
    lines: tuple[Expected, ...]
    is_arranger: bool
    late: frozenset[int] = frozenset()

    def count(self, *states: str) -> int:
        """How many stand in one of these states."""
        return sum(line.state in states for line in self.lines)


def opens_at(found: Gathering) -> datetime:
    """From when on 我来了 counts."""
    return found.starts_at - timedelta(minutes=found.opens_before)


def closes_at(found: Gathering) -> datetime:
    """Until when 我来了 counts by itself."""
    return found.starts_at + timedelta(minutes=found.closes_after)


def sign_in(session: Session, speaker: Speaker, gathering_id: int, *, now: datetime) -> SignedIn:
    """我来了: recorded inside the window, to be confirmed after it; never a refusal.

    Whoever led it has nobody else to confirm it: her own word counts later too, unless she was
    called absent. Raises NotThere for who does not learn there, SessionOver a week later.
    """
    found, standing = _hers(session, speaker, gathering_id, now=now)
    outcome = _outcome(found, standing.state if standing else None, now=now)
    if outcome == LATE and gatherings.led(session, speaker.person_id, found):
        is_open = standing is None or standing.state not in (ABSENT, TO_CONFIRM)
        outcome = RECORDED if is_open else LED_LATE
    if outcome in (RECORDED, LATE, LED_LATE):
        state = SIGNED_IN if outcome == RECORDED else TO_CONFIRM
        _settle(session, found, speaker.person_id, state=state, actor_id=speaker.person_id, now=now)
    return SignedIn(outcome, found.minutes, opens_at(found))


def _outcome(found: Gathering, state: str | None, *, now: datetime) -> str:
    if found.state != PLANNED:
        return NOT_ON
    if state in PRESENT:
        return BEFORE
    if now < opens_at(found):
        return EARLY
    if now > found.starts_at + OPEN_FOR:
        raise SessionOver
    return RECORDED if now <= closes_at(found) and state != ABSENT else LATE


def apologise(
    session: Session, speaker: Speaker, gathering_id: int, *, reason: str, now: datetime
) -> None:
    """请假 beforehand, with one of REASONS; raises NotThere, SessionOver."""
    found, standing = _hers(session, speaker, gathering_id, now=now)
    if reason not in REASONS:
        raise NotThere
    is_here = standing is not None and standing.state in PRESENT
    if found.state != PLANNED or now >= found.starts_at or is_here:
        raise SessionOver
    stored.mark(
        session,
        found.id or 0,
        speaker.person_id,
        state=APOLOGY,
        reason=reason,
        marked_by=speaker.person_id,
        now=now,
    )
    _write_down(session, "apologise", found, speaker.person_id, speaker.person_id, now=now)


def come_after_all(session: Session, speaker: Speaker, gathering_id: int, *, now: datetime) -> None:
    """撤销 of an apology; raises NotThere where there is none."""
    found, standing = _hers(session, speaker, gathering_id, now=now)
    if standing is None or standing.state != APOLOGY:
        raise NotThere
    session.delete(standing)
    session.flush()
    _write_down(session, "withdraw_apology", found, speaker.person_id, speaker.person_id, now=now)


def roll(session: Session, speaker: Speaker, gathering_id: int, *, now: datetime) -> Roll:
    """The roster for the facilitator or a coordinator; raises NotThere, SessionOver, TooEarly.

    Before the window opens there is nobody to call; a facilitator has a week, a coordinator any
    time.
    """
    found = to_call(session, speaker, gathering_id, now=now)
    lines = _roster(session, found)
    return Roll(
        gathering_id=gathering_id,
        kind=found.kind,
        room=found.room,
        title=found.title,
        starts_at=found.starts_at,
        lines=tuple(lines),
        is_arranger=gatherings.arranges(session, speaker, found),
        late=frozenset(
            line.person_id
            for line in lines
            if line.state == SIGNED_IN
            and line.marked_at
            and line.marked_at > closes_at(found)
            and gatherings.led(session, line.person_id, found)
        ),
    )


def to_call(session: Session, speaker: Speaker, gathering_id: int, *, now: datetime) -> Gathering:
    """A gathering whose roll she may call now; raises NotThere, SessionOver, TooEarly."""
    found = gatherings.read(session, gathering_id, bot=speaker.bot)
    if not gatherings.leads(session, speaker, found):
        raise NotThere
    is_over = now > found.starts_at + OPEN_FOR and not gatherings.arranges(session, speaker, found)
    # One that was never announced may have been held all the same.
    if found.state not in (PLANNED, SKIPPED) or is_over:
        raise SessionOver
    if now < opens_at(found):
        raise TooEarly(at=opens_at(found))
    return found


def tick(
    session: Session, speaker: Speaker, gathering_id: int, person_id: int, *, now: datetime
) -> None:
    """A tap on the roll: whoever was not there is, and the other way round.

    On her own name it says no more than 我来了 would. Raises NotThere for who is not on the roster,
    and as `to_call`.
    """
    found = to_call(session, speaker, gathering_id, now=now)
    line = next((one for one in _roster(session, found) if one.person_id == person_id), None)
    if line is None:
        raise NotThere
    state = _ticked(session, speaker, found, line)
    _settle(session, found, person_id, state=state, actor_id=speaker.person_id, now=now)
    gathering_words.update_card_if_sent(session, found, person_id, now=now)


def _ticked(session: Session, speaker: Speaker, found: Gathering, line: Expected) -> str:
    if line.state in PRESENT:
        return ABSENT
    if line.person_id != speaker.person_id:
        return ROLL_CALL
    by_other = line.state == ABSENT and line.marked_by != speaker.person_id
    waits = by_other or line.state == TO_CONFIRM
    return TO_CONFIRM if waits and not gatherings.arranges(session, speaker, found) else SIGNED_IN


def import_present(
    session: Session,
    speaker: Speaker,
    gathering_id: int,
    person_ids: Sequence[int],
    *,
    now: datetime,
) -> int:
    """Enter a list of who was there; returns how many that is news of."""
    found = to_call(session, speaker, gathering_id, now=now)
    states = {line.person_id: line.state for line in _roster(session, found)}
    if not states.keys() >= set(person_ids):
        raise NotThere
    fresh = [person_id for person_id in person_ids if states[person_id] not in PRESENT]
    for person_id in fresh:
        _settle(session, found, person_id, state=IMPORTED, actor_id=speaker.person_id, now=now)
        gathering_words.update_card_if_sent(session, found, person_id, now=now)
    return len(fresh)


def may_make_up(found: Gathering, state: str | None, *, now: datetime) -> bool:
    """Whether somebody who was not there can read up on it."""
    return (
        found.state == PLANNED
        and state not in (*PRESENT, MADE_UP, TO_CONFIRM)
        and closes_at(found) < now <= found.starts_at + OPEN_FOR
    )


def make_up(
    session: Session, speaker: Speaker, gathering_id: int, point_id: int, *, now: datetime
) -> int:
    """补学: she read the minutes and says which point serves her; returns the minutes recorded.

    Raises NotThere, SessionOver.
    """
    found, standing = _hers(session, speaker, gathering_id, now=now)
    if point_id not in {point.id for point in stored.points(session, found.id or 0)}:
        raise NotThere
    if not may_make_up(found, standing.state if standing else None, now=now):
        raise SessionOver
    _settle(session, found, speaker.person_id, state=MADE_UP, actor_id=speaker.person_id, now=now)
    return MADE_UP_MINUTES


def call_off(
    session: Session,
    speaker: Speaker,
    gathering_id: int,
    *,
    reason: str,
    seen: int | None,
    is_told: bool = True,
    now: datetime,
) -> Gathering:
    """Cancel a session, and take back what early comers had recorded; raises as `cancel`."""
    found = gatherings.cancel(
        session, speaker, gathering_id, reason=reason, seen=seen, is_told=is_told, now=now
    )
    for room in seating.of_session(session, found):
        for row in stored.attendances(session, room.id or 0):
            if row.state in PRESENT:
                _record(session, room, row.person_id, None, actor_id=speaker.person_id, now=now)
    return found


def call_on(
    session: Session, speaker: Speaker, gathering_id: int, *, seen: int, now: datetime
) -> Gathering:
    """撤销 of cancelling a session, what early comers had recorded included; as `bring_back`."""
    found = gatherings_back.bring_back(session, speaker, gathering_id, seen=seen, now=now)
    record_again(session, speaker, found, now=now)
    return found


def record_again(session: Session, speaker: Speaker, found: Gathering, *, now: datetime) -> None:
    """Record anew who was there early, of a session that was called off and is held after all."""
    for room in seating.of_session(session, found):
        for row in stored.attendances(session, room.id or 0):
            if row.state in PRESENT:
                actor_id = row.marked_by or speaker.person_id
                _record(session, room, row.person_id, row.state, actor_id=actor_id, now=now)


def _hers(
    session: Session, speaker: Speaker, gathering_id: int, *, now: datetime
) -> tuple[Gathering, Attendance | None]:
    """A gathering of a cohort she learns in, and what is known of her there; raises NotThere.

    Where it meets in rooms, hers, whichever of them her message was of; with a seat in it.
    """
    found = gatherings.read(session, gathering_id, bot=speaker.bot, lock=True)
    if not people.learns_in(session, speaker.person_id, found.cohort_id):
        raise NotThere
    found = rooms.hers(session, speaker.person_id, found)
    rooms.take_seat(session, speaker.person_id, found, now=now)
    return found, stored.attendance_of(session, found.id or 0, speaker.person_id)


def _roster(session: Session, found: Gathering) -> list[Expected]:
    zone = session.get_one(Cohort, found.cohort_id).zone
    return people.roster(session, found, on=local_date(found.starts_at, zone))


def _settle(
    session: Session, found: Gathering, person_id: int, *, state: str, actor_id: int, now: datetime
) -> None:
    """Note a state, and let the ledger say what it proves."""
    stored.mark(
        session,
        found.id or 0,
        person_id,
        state=state,
        reason="",
        marked_by=actor_id,
        now=now,
    )
    if state in (*PRESENT, MADE_UP):
        _record(session, found, person_id, state, actor_id=actor_id, now=now)
    elif state == ABSENT:
        _record(session, found, person_id, None, actor_id=actor_id, now=now)
    _write_down(session, f"attendance_{state}", found, person_id, actor_id, now=now)


def _record(
    session: Session,
    found: Gathering,
    person_id: int,
    evidence: str | None,
    *,
    actor_id: int,
    now: datetime,
) -> None:
    membership = staffing.newest_membership(session, person_id)
    records.settle(
        session,
        person_id=person_id,
        unit_id=membership.unit_id if membership else None,
        study=found.kind,
        occasion=gatherings.name_of(found),
        occurred_on=local_date(found.starts_at, session.get_one(Cohort, found.cohort_id).zone),
        title=found.title,
        source_id=found.id,
        minutes=MADE_UP_MINUTES if evidence == MADE_UP else found.minutes,
        evidence=evidence,
        recorded_by=None if actor_id == person_id else actor_id,
        now=now,
    )


def _write_down(
    session: Session, action: str, found: Gathering, person_id: int, actor_id: int, *, now: datetime
) -> None:
    audit.add(
        session,
        at=now,
        actor_id=actor_id,
        action=action,
        object_kind="gathering",
        object_id=found.id,
        person=person_id,
    )
