"""What sessions ask of somebody today: minutes, turns, a cohort too large for one room."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby

from sqlmodel import Session

from curriculum import facilitator_messages, room_seats, working_days
from curriculum.gatherings import MONTHLY, QUARTERLY, WEEKLY
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date, next_working_day
from curriculum.todo_items import SOON, TODAY, WHEN_POSSIBLE, Item
from storage import audit, rounds
from storage import cohorts as stored_cohorts
from storage import gatherings as stored
from storage import schedule as stored_schedule
from storage import weekly_todo as undone
from storage.cohorts import Cohort
from storage.gatherings import PLANNED, Gathering

MINUTES, TURN, ROOMS = "write_minutes", "confirm_turn", "split_rooms"
# Minutes are asked for some working days long; these are never over sooner than after the one
# span, nor with the longest holidays among them later than after the other.
SURELY_ASKED, LOOKED_BACK = timedelta(days=6), timedelta(days=28)
# Whoever has the turn is asked three days before; from then on it is to be confirmed.
TURNS_AHEAD = timedelta(days=3)
# Rooms of one session are proposed so long before it, on a working day.
OFFERED_BEFORE = timedelta(days=8)
# On which local date a series was proposed to meet in rooms, among its settings: once.
OFFERED = "rooms_offered"


def items(session: Session, speaker: Speaker, *, now: datetime) -> list[Item]:
    """The sessions that wait for somebody: those she coordinates, nearest, and her own minutes."""
    reach = speaker.reach("schedule")
    within = stored_schedule.cohorts_under(session, list(reach), bot=speaker.bot)
    paths = {cohort.id or 0: path for cohort, path, _ in within}
    cohorts = {cohort.id or 0: cohort for cohort, _, _ in within}
    minutes, turns = _unwritten(session, speaker, cohorts, now=now), []
    if cohorts:
        ahead = stored.of_cohorts(
            session,
            list(cohorts),
            since=now,
            until=now + TURNS_AHEAD,
            states=(PLANNED,),
            kind=WEEKLY,
        )
        turns = [one for one in ahead if not one.is_confirmed]
    offers = [cohort for cohort in cohorts.values() if _is_offered(session, cohort, now=now)]
    large = _large_sessions(session, cohorts, paths, now=now)
    concerned = {one.cohort_id for one in (*minutes, *turns, *large)}
    concerned |= {one.id or 0 for one in offers}
    mine = _nearest(session, speaker, concerned & cohorts.keys(), now=now)
    return [
        *_minutes(session, speaker, minutes, mine),
        *_turns([one for one in turns if one.cohort_id in mine], cohorts, now=now),
        *_offers(session, [one for one in offers if one.id in mine], now=now),
        *(_large(session, one, cohorts, now=now) for one in large if one.cohort_id in mine),
    ]


def _nearest(
    session: Session, speaker: Speaker, cohort_ids: set[int], *, now: datetime
) -> set[int]:
    """Those of these cohorts that nobody coordinates nearer than she does."""
    on = local_date(now, ZONE)
    return {
        cohort_id
        for cohort_id in cohort_ids
        if speaker.person_id in rounds.coordinators_near(session, cohort_id, bot=speaker.bot, on=on)
    }


def _unwritten(
    session: Session, speaker: Speaker, cohorts: dict[int, Cohort], *, now: datetime
) -> list[Gathering]:
    rows = undone.unwritten(
        session,
        kind=WEEKLY,
        cohort_ids=list(cohorts),
        facilitator_id=speaker.person_id,
        since=now - LOOKED_BACK,
        until=now,
    )
    return [
        one
        for one in rows
        if one.starts_at + timedelta(minutes=one.minutes) <= now
        and _is_asked_for(session, one, now=now)
    ]


def _is_asked_for(session: Session, found: Gathering, *, now: datetime) -> bool:
    """Whether minutes are still asked for; after that the session's page says they are missing."""
    if now - found.starts_at < SURELY_ASKED:
        return True
    cohort = session.get_one(Cohort, found.cohort_id)
    asked_to = facilitator_messages.minutes_asked_to(session, found, cohort)
    return local_date(now, cohort.zone) <= asked_to


def _minutes(
    session: Session, speaker: Speaker, rows: Sequence[Gathering], mine: set[int]
) -> list[Item]:
    """One line for each session: its rooms together for who coordinates it, else her own."""
    found = []
    for _, rooms in groupby(rows, key=lambda one: (one.cohort_id, one.local_date)):
        all_rooms = list(rooms)
        first, own = all_rooms[0], [r for r in all_rooms if r.facilitator_id == speaker.person_id]
        cohort = session.get_one(Cohort, first.cohort_id)
        day = local_date(first.starts_at, cohort.zone)
        if first.cohort_id in mine:
            found.append(
                Item(MINUTES, "session", str(first.id), SOON, cohort.name, day, len(all_rooms))
            )
        elif own:
            found.append(Item(MINUTES, "minutes", str(own[0].id), SOON, cohort.name, day, 1))
    return found


def _turns(rows: Sequence[Gathering], cohorts: dict[int, Cohort], *, now: datetime) -> list[Item]:
    """Of each cohort the next session whose turn, or one of whose rooms' turns, nobody took on."""
    found: dict[int, list[Gathering]] = {}
    for one in rows:
        first = found.setdefault(one.cohort_id, [one])
        if one is not first[0] and one.local_date == first[0].local_date:
            first.append(one)
    return [_turn(rooms, cohorts[cohort_id], now=now) for cohort_id, rooms in found.items()]


def _turn(rooms: Sequence[Gathering], cohort: Cohort, *, now: datetime) -> Item:
    day, today = local_date(rooms[0].starts_at, cohort.zone), local_date(now, cohort.zone)
    rank = TODAY if day - today <= timedelta(days=1) else SOON
    return Item(TURN, "session", str(rooms[0].id), rank, cohort.name, day, len(rooms))


def offer_rooms(session: Session, *, bot: int, now: datetime) -> int:
    """Propose rooms for every series whose cohort is too large for one, once; returns how many."""
    fresh = [
        (rhythm, cohort)
        for rhythm, cohort in undone.series_on(session, kind=WEEKLY, bot=bot)
        if OFFERED not in rhythm.settings and not rhythm.settings.get("rooms")
    ]
    offered = 0
    for rhythm, cohort in fresh:
        if _people(session, cohort, now=now) > room_seats.MOST_IN_ROOM:
            today = local_date(now, cohort.zone)
            rhythm.settings = rhythm.settings | {OFFERED: today.isoformat()}
            session.add(rhythm)
            audit.add(
                session,
                at=now,
                actor_id=None,
                action="offer_rooms",
                object_kind="cohort",
                object_id=cohort.id,
            )
            offered += 1
    session.flush()
    return offered


def _is_offered(session: Session, cohort: Cohort, *, now: datetime) -> bool:
    rhythm = stored_cohorts.rhythm_of(session, cohort_id=cohort.id or 0, kind=WEEKLY)
    if rhythm is None or not rhythm.is_on or rhythm.settings.get("rooms"):
        return False
    return bool(rhythm.settings.get(OFFERED) == local_date(now, cohort.zone).isoformat())


def _offers(session: Session, cohorts: Sequence[Cohort], *, now: datetime) -> list[Item]:
    """A line for each cohort, leading to its next session, where it can be split."""
    found = []
    for cohort in cohorts:
        ahead = stored.of_cohorts(
            session, [cohort.id or 0], since=now, states=(PLANNED,), kind=WEEKLY
        )
        whole = [one for one in ahead if not one.room]
        if whole:
            people = _people(session, cohort, now=now)
            item = Item(
                ROOMS, "session", str(whole[0].id), WHEN_POSSIBLE, cohort.name, None, people
            )
            found.append(item)
    return found


def _large_sessions(
    session: Session, cohorts: dict[int, Cohort], paths: dict[int, str], *, now: datetime
) -> list[Gathering]:
    """Monthly and quarterly sessions to be proposed rooms for today: each once, a week before.

    Or on the working day after it was announced, where that is later.
    """
    if not cohorts:
        return []
    ahead = stored.of_cohorts(
        session, list(cohorts), since=now, until=now + OFFERED_BEFORE, states=(PLANNED,)
    )
    found = []
    for one in ahead:
        cohort = cohorts[one.cohort_id]
        is_whole = one.kind in (MONTHLY, QUARTERLY) and not one.room
        if is_whole and _people(session, cohort, now=now) > room_seats.MOST_IN_ROOM:
            calendar = working_days.calendar_of(
                session, unit_path=paths[one.cohort_id], working_weekdays=cohort.working_weekdays
            )
            announced = local_date(one.created_at, cohort.zone)
            week_before = local_date(one.starts_at - OFFERED_BEFORE, cohort.zone)
            day = next_working_day(max(announced, week_before), calendar)
            if day == local_date(now, cohort.zone):
                found.append(one)
    return found


def _large(
    session: Session, found: Gathering, cohorts: dict[int, Cohort], *, now: datetime
) -> Item:
    cohort = cohorts[found.cohort_id]
    day, people = local_date(found.starts_at, cohort.zone), _people(session, cohort, now=now)
    return Item(ROOMS, "session", str(found.id), WHEN_POSSIBLE, cohort.name, day, people)


def _people(session: Session, cohort: Cohort, *, now: datetime) -> int:
    cohort_id, on = cohort.id or 0, local_date(now, cohort.zone)
    counted = stored_schedule.people_in(session, [cohort_id], bot=cohort.bot, on=on)
    return counted.get(cohort_id, 0)
