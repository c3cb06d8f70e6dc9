"""Gatherings: announcing, moving and cancelling a session of a cohort, whatever it is of.

A study says when and what; who is told, once and in time, is settled here.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlmodel import Session

from curriculum import gathering_words as words
from curriculum.errors import NotThere
from curriculum.gathering_errors import OccasionChanged, OccasionPassed
from curriculum.people import Speaker
from curriculum.rhythm import local_date, moment_at
from storage import audit, deputies, rooms
from storage import gatherings as stored
from storage.cohorts import Cohort
from storage.columns import LARGEST_ID
from storage.gatherings import CANCELLED, PLANNED, REPLACED, Gathering
from storage.people import Unit

WEEKLY, MONTHLY, QUARTERLY = "weekly_study", "monthly_topic", "quarterly_share"
# What a large cohort can meet for in rooms.
SPLITTABLE = (WEEKLY, MONTHLY, QUARTERLY)
OPENS_BEFORE, CLOSES_AFTER = 10, 15
WEEK = timedelta(days=7)


def announce(
    session: Session,
    speaker: Speaker,
    *,
    kind: str,
    cohort_id: int,
    title: str,
    starts_at: datetime,
    minutes: int,
    place: str,
    now: datetime,
    agenda: Sequence[tuple[str, int]] = (),
    facilitator_id: int | None = None,
    opens_before: int = OPENS_BEFORE,
    closes_after: int = CLOSES_AFTER,
) -> int:
    """Announce one session of a cohort; returns its id. Raises NotThere, OccasionPassed.

    Everybody in the cohort gets the line the day before and the message an hour before. Called
    again for the same kind, cohort and local date it gives what stands already. A monthly or
    quarterly session takes the weekly one's place in its week.
    """
    cohort = session.get(Cohort, cohort_id) if cohort_id < LARGEST_ID else None
    if cohort is None or cohort.bot != speaker.bot:
        raise NotThere
    speaker.require("schedule", unit_path=session.get_one(Unit, cohort.unit_id).path)
    if starts_at <= now:
        raise OccasionPassed
    day = local_date(starts_at, cohort.zone)
    found = add(
        session,
        cohort,
        kind=kind,
        day=day,
        title=title,
        starts_at=starts_at,
        minutes=minutes,
        place=place,
        agenda=agenda,
        opens_before=opens_before,
        closes_after=closes_after,
        actor_id=speaker.person_id,
        now=now,
    )
    if facilitator_id is not None and found.facilitator_id is None:
        found.facilitator_id, found.is_confirmed = facilitator_id, True
        session.add(found)
    owe(session, found, cohort.zone, now=now)
    return found.id or 0


def add(
    session: Session,
    cohort: Cohort,
    *,
    kind: str,
    day: date,
    title: str,
    starts_at: datetime,
    minutes: int,
    place: str,
    agenda: Sequence[tuple[str, int]],
    opens_before: int,
    closes_after: int,
    actor_id: int | None,
    now: datetime,
    state: str = PLANNED,
    reason: str = "",
) -> Gathering:
    """Store a gathering under its original date, or give the one that stands there."""
    cohort_id = cohort.id or 0
    standing = stored.named(session, kind=kind, cohort_id=cohort_id, local_date=day)
    if standing is not None:
        return standing
    found = Gathering(
        bot=cohort.bot,
        cohort_id=cohort_id,
        kind=kind,
        local_date=day,
        title=title,
        starts_at=starts_at,
        minutes=minutes,
        place=place,
        agenda=[list(item) for item in agenda],
        opens_before=opens_before,
        closes_after=closes_after,
        is_confirmed=False,
        state=state,
        reason=reason,
        moves=0,
        version=1,
        is_own=False,
        created_by=actor_id,
        created_at=now,
    )
    session.add(found)
    session.flush()
    write_down(session, "announce_gathering", found, actor_id=actor_id, now=now)
    if kind != WEEKLY and state == PLANNED:
        _take_weekly_place(session, found, cohort, now=now)
    return found


def _take_weekly_place(session: Session, new: Gathering, cohort: Cohort, *, now: datetime) -> None:
    """The weekly session of the same week gives way; whoever was reminded of it is told."""
    for weekly in in_week(session, cohort, local_date(new.starts_at, cohort.zone), kind=WEEKLY):
        if weekly.state == PLANNED and weekly.starts_at > now:
            was_said = words.is_said(session, weekly)
            weekly.state = REPLACED
            words.changed(weekly)
            session.add(weekly)
            session.flush()
            write_down(session, "replace_gathering", weekly, actor_id=None, now=now)
            if was_said:
                words.tell(session, weekly, cohort.zone, was_at=weekly.starts_at, now=now)


def owe(session: Session, found: Gathering, zone: str, *, now: datetime) -> int:
    """Owe the line and the reminder of a session that a study added itself, once they are near."""
    return words.owe(session, found, zone, now=now)


def in_week(
    session: Session, cohort: Cohort, day: date, *, kind: str | None = None
) -> list[Gathering]:
    """A cohort's gatherings of the ISO week of a date."""
    monday = day - timedelta(days=day.weekday())
    since = moment_at(monday, cohort.quiet_to.replace(hour=0, minute=0), cohort.zone)
    return stored.of_cohorts(session, [cohort.id or 0], since=since, until=since + WEEK, kind=kind)


def name_of(found: Gathering) -> str:
    """What the ledger calls it: by its original date."""
    return f"{found.cohort_id}:{found.local_date.isoformat()}"


def read(session: Session, gathering_id: int, *, bot: int, lock: bool = False) -> Gathering:
    """A gathering of this bot; raises NotThere."""
    found = (
        stored.gathering(session, gathering_id, lock=lock) if gathering_id < LARGEST_ID else None
    )
    if found is None or found.bot != bot:
        raise NotThere
    return found


def arranges(session: Session, speaker: Speaker, found: Gathering) -> bool:
    """Whether somebody coordinates the cohort of a gathering."""
    cohort = session.get_one(Cohort, found.cohort_id)
    return speaker.may("schedule", unit_path=session.get_one(Unit, cohort.unit_id).path)


def leads(session: Session, speaker: Speaker, found: Gathering) -> bool:
    """Whether somebody facilitates a gathering or coordinates its cohort, or is her deputy."""
    return (
        speaker.acts_as(found.facilitator_id)
        or arranges(session, speaker, found)
        or stands_in(session, speaker, found)
    )


def stands_in(session: Session, speaker: Speaker, found: Gathering) -> bool:
    """Whether somebody stands in for the facilitator on the day of a gathering, or does now.

    She prepares for a session of the first day before she has any other right.
    """
    if speaker.acts_as(found.facilitator_id):
        return True
    return _deputy_on_its_day(session, found) == speaker.person_id


def led(session: Session, person_id: int, found: Gathering) -> bool:
    """Whether somebody is the facilitator of a gathering, or stood in for her on its day."""
    return person_id in (found.facilitator_id, _deputy_on_its_day(session, found))


def _deputy_on_its_day(session: Session, found: Gathering) -> int | None:
    day = local_date(found.starts_at, session.get_one(Cohort, found.cohort_id).zone)
    leads_it = found.facilitator_id or 0
    return deputies.away_among(session, [leads_it], on=day).get(leads_it)


def to_arrange(
    session: Session, speaker: Speaker, gathering_id: int, *, seen: int | None, now: datetime
) -> Gathering:
    """A gathering she may change, locked; NotThere, OccasionPassed, OccasionChanged."""
    found = read(session, gathering_id, bot=speaker.bot, lock=True)
    if not arranges(session, speaker, found):
        raise NotThere
    if seen is not None and seen != found.version:
        raise OccasionChanged
    if found.starts_at <= now:
        raise OccasionPassed
    return found


def rearrange(
    session: Session,
    speaker: Speaker,
    gathering_id: int,
    *,
    starts_at: datetime | None = None,
    place: str | None = None,
    minutes: int | None = None,
    reason: str,
    seen: int | None,
    is_told: bool = True,
    is_own: bool = True,
    now: datetime,
) -> Gathering:
    """Give a session another time, place or length; of the first two everybody is told once.

    The rooms of one session begin together and are as long; each has its own place. `is_told`
    False where another word says it already. Raises as `to_arrange`.
    """
    found = to_arrange(session, speaker, gathering_id, seen=seen, now=now)
    if found.state != PLANNED or (starts_at is not None and starts_at <= now):
        raise OccasionPassed
    is_whole = starts_at is not None or minutes is not None
    for room in rooms.of_session(session, found) if is_whole else [found]:
        was_at, was_place, was_name = room.starts_at, room.place, words.occasion(room)
        room.starts_at = starts_at or was_at
        room.place = was_place if place is None or room is not found else place
        room.minutes = minutes or room.minutes
        room.reason, room.is_own = reason, is_own
        is_moved = (room.starts_at, room.place) != (was_at, was_place)
        room.moves += is_moved
        words.changed(room)
        session.add(room)
        session.flush()
        write_down(session, "move_gathering", room, actor_id=speaker.person_id, now=now)
        words.update_cards(session, room, was_name, now=now)
        if is_moved:
            words.tell_moved(session, room, was_at=was_at, is_told=is_told, now=now)
    return found


def cancel(
    session: Session,
    speaker: Speaker,
    gathering_id: int,
    *,
    reason: str,
    seen: int | None,
    is_told: bool = True,
    now: datetime,
) -> Gathering:
    """Let a session not take place; everybody is told once, and is not reminded of it."""
    found = to_arrange(session, speaker, gathering_id, seen=seen, now=now)
    if found.state != PLANNED:
        raise OccasionChanged
    zone = words.zone_of(session, found)
    for room in rooms.of_session(session, found):
        room.state, room.reason = CANCELLED, reason
        words.changed(room)
        session.add(room)
        session.flush()
        write_down(session, "cancel_gathering", room, actor_id=speaker.person_id, now=now)
        if is_told:
            words.tell(session, room, zone, was_at=room.starts_at, now=now)
        words.update_cards(session, room, words.occasion(room), now=now)
    return found


def write_down(
    session: Session, action: str, found: Gathering, *, actor_id: int | None, now: datetime
) -> None:
    """Note in the trail what was done with a gathering, and when it begins by that."""
    audit.add(
        session,
        at=now,
        actor_id=actor_id,
        action=action,
        object_kind="gathering",
        object_id=found.id,
        study=found.kind,
        version=found.version,
        starts_at=found.starts_at.isoformat(),
    )
