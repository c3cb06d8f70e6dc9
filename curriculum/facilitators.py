"""Who facilitates a gathering: turns in order, confirming, handing on, given by a coordinator."""

from datetime import datetime, timedelta

from sqlmodel import Session

from curriculum import gathering_words, gatherings
from curriculum.errors import NotThere
from curriculum.facts import FOLDABLE
from curriculum.gathering_errors import OccasionChanged, OccasionPassed
from curriculum.gathering_words import ASK, FALLBACK, KIT, NUDGE
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from storage import audit, deliveries, deputies, rounds
from storage import gathering_people as people
from storage import gatherings as stored
from storage.cohorts import Cohort
from storage.gatherings import PLANNED, Gathering

# Turns nearer than this are looked after: she is asked three days before.
LOOKED_AHEAD = timedelta(days=4)


def give_turn(
    session: Session,
    found: Gathering,
    cohort: Cohort,
    *,
    now: datetime,
    skipping: frozenset[int] = frozenset(),
) -> int | None:
    """Give a session to whoever had her turn longest ago, and ask her; None where nobody is here.

    Who is away on that day, cannot be reached or handed it on is passed over.
    """
    day = local_date(found.starts_at, cohort.zone)
    members = people.present_members(session, found, on=day)
    turns = people.latest_turns(session, found.cohort_id, kind=found.kind)
    free = [(turns.get(i), place, i) for place, (i, _) in enumerate(members) if i not in skipping]
    free.sort(key=lambda one: (one[0] is not None, one[0] or now, one[1]))
    chosen = free[0][2] if free else None
    hand_over(session, found, chosen, actor_id=None, is_confirmed=False, now=now)
    _owe_fallback(session, found, cohort, now=now)
    return chosen


def _owe_fallback(session: Session, found: Gathering, cohort: Cohort, *, now: datetime) -> None:
    """Whoever coordinates, or stands in for her, gets the kit where nobody has said yes by then."""
    on = local_date(now, cohort.zone)
    near = rounds.coordinators_near(session, found.cohort_id, bot=found.bot, on=on)
    for coordinator_id in deputies.who_acts(session, near, on=on):
        owe(session, found, FALLBACK, coordinator_id, occasion=_name(found), now=now)


def owe_to_deputies(session: Session, *, bot: int, now: datetime) -> int:
    """Owe the kits of the next days to whoever stands in by now; returns how many sessions.

    A session whose facilitator is away on its day is her deputy's to see to, said yes or not; one
    that nobody has taken on is for whoever stands in for a coordinator.
    """
    today = local_date(now, ZONE)
    standing = deputies.standing(session, bot=bot, since=today, until=today + LOOKED_AHEAD)
    if not standing:
        return 0
    ahead = stored.starting(session, bot=bot, since=now, until=now + LOOKED_AHEAD)
    for found, zone in ahead:
        day = local_date(found.starts_at, zone)
        for one in standing:
            is_hers = one.person_id == found.facilitator_id and one.since <= day < one.until
            if is_hers and one.deputy_id is not None:
                owe(session, found, FALLBACK, one.deputy_id, occasion=_name(found), now=now)
        if not found.is_confirmed:
            _owe_fallback(session, found, session.get_one(Cohort, found.cohort_id), now=now)
    return len(ahead)


def _name(found: Gathering) -> str:
    """What its kit and nudge are called; a room that was split off a second time has new ones."""
    return f"{found.id}.{found.moves}" if found.room > 1 else f"{found.id}"


def pass_over_absent(session: Session, *, bot: int, now: datetime) -> int:
    """Give on the turns of the next days whose facilitator rests or left; returns how many."""
    absent: dict[int, Gathering] = {}
    rows = people.unconfirmed(session, bot=bot, since=now, until=now + LOOKED_AHEAD)
    for found, zone, is_member, since, until in rows:
        day = local_date(found.starts_at, zone)
        rests = since is not None and since <= day and (until is None or until > day)
        if rests or not is_member:
            absent[found.id or 0] = found
    for one in absent.values():
        cohort = session.get_one(Cohort, one.cohort_id)
        skipping = frozenset({one.facilitator_id or 0})
        give_turn(session, one, cohort, now=now, skipping=skipping)
    return len(absent)


def hand_over(
    session: Session,
    found: Gathering,
    person_id: int | None,
    *,
    actor_id: int | None,
    is_confirmed: bool,
    now: datetime,
) -> None:
    """Let a session be somebody's; she is asked, or gets what she needs once she has said yes."""
    before = found.facilitator_id
    found.facilitator_id, found.is_confirmed = person_id, is_confirmed
    found.version += 1
    session.add(found)
    session.flush()
    audit.add(
        session,
        at=now,
        actor_id=actor_id,
        action="confirm_facilitator" if is_confirmed else "give_turn",
        object_kind="gathering",
        object_id=found.id,
        old=before,
        new=person_id,
    )
    if person_id is not None:
        kinds = (KIT, NUDGE) if is_confirmed else (ASK,)
        for kind in kinds:
            name = f"{found.id}:{found.version}" if kind == ASK else _name(found)
            owe(session, found, kind, person_id, occasion=name, now=now)
    for concerned in {before, person_id} - {None}:
        gathering_words.update_card_if_sent(session, found, concerned or 0, now=now)


def owe(
    session: Session, found: Gathering, kind: str, person_id: int, *, occasion: str, now: datetime
) -> None:
    """Owe one message; each kind says itself when its hour has come."""
    deliveries.add(
        session,
        bot=found.bot,
        kind=kind,
        occasion=occasion,
        recipient=person_id,
        person_id=person_id,
        cohort_id=found.cohort_id,
        subject_id=found.id,
        urgency=FOLDABLE,
        due_at=now,
        created_at=now,
    )


def keep_turn(
    session: Session, room: Gathering, person_id: int | None, *, is_confirmed: bool, now: datetime
) -> None:
    """Let whoever had a session's turn have that of the room she sits in."""
    hand_over(session, room, person_id, actor_id=None, is_confirmed=is_confirmed, now=now)
    _owe_fallback(session, room, session.get_one(Cohort, room.cohort_id), now=now)


def confirm(session: Session, speaker: Speaker, gathering_id: int, *, now: datetime) -> Gathering:
    """我来主持: whose turn it is, her deputy, or a coordinator who steps in.

    Raises NotThere, OccasionPassed, and OccasionChanged where somebody else has said yes.
    """
    found = ahead(session, speaker, gathering_id, now=now)
    if not gatherings.leads(session, speaker, found):
        raise NotThere
    if found.is_confirmed and not gatherings.stands_in(session, speaker, found):
        raise OccasionChanged
    if found.facilitator_id != speaker.person_id or not found.is_confirmed:
        hand_over(
            session,
            found,
            speaker.person_id,
            actor_id=speaker.person_id,
            is_confirmed=True,
            now=now,
        )
    return found


def hand_on(session: Session, speaker: Speaker, gathering_id: int, *, now: datetime) -> Gathering:
    """这次不行: the turn goes to the next one; hers comes again soon. NotThere, OccasionPassed."""
    found = ahead(session, speaker, gathering_id, now=now)
    if found.facilitator_id != speaker.person_id:
        raise NotThere
    cohort = session.get_one(Cohort, found.cohort_id)
    give_turn(session, found, cohort, now=now, skipping=frozenset({speaker.person_id}))
    return found


def choosable(
    session: Session, speaker: Speaker, gathering_id: int, *, now: datetime
) -> list[tuple[int, str]]:
    """Whom a coordinator can give a session to, whose turn is nearest first; raises NotThere."""
    found = ahead(session, speaker, gathering_id, now=now)
    if not gatherings.arranges(session, speaker, found):
        raise NotThere
    cohort = session.get_one(Cohort, found.cohort_id)
    day = local_date(found.starts_at, cohort.zone)
    members = people.present_members(session, found, on=day)
    turns = people.latest_turns(session, found.cohort_id, kind=found.kind)
    return sorted(
        ((i, name) for i, name in members if i != found.facilitator_id),
        key=lambda one: (one[0] in turns, turns.get(one[0], now)),
    )


def give_to(
    session: Session, speaker: Speaker, gathering_id: int, person_id: int, *, now: datetime
) -> Gathering:
    """A coordinator gives a session to somebody, who is asked; raises as `choosable`."""
    if person_id not in dict(choosable(session, speaker, gathering_id, now=now)):
        raise NotThere
    found = gatherings.read(session, gathering_id, bot=speaker.bot, lock=True)
    hand_over(session, found, person_id, actor_id=speaker.person_id, is_confirmed=False, now=now)
    return found


def ahead(session: Session, speaker: Speaker, gathering_id: int, *, now: datetime) -> Gathering:
    """A session of hers that is still to come, locked."""
    found = gatherings.read(session, gathering_id, bot=speaker.bot, lock=True)
    learns = people.learns_in(session, speaker.person_id, found.cohort_id)
    if not learns and not gatherings.leads(session, speaker, found):
        raise NotThere
    if found.state != PLANNED or found.starts_at <= now:
        raise OccasionPassed
    return found
