"""Who facilitates a gathering: turns in order, confirming, handing on, swapping by agreement."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from curriculum import gathering_words, gatherings
from curriculum.errors import NotThere, OccasionChanged, OccasionPassed
from curriculum.facts import FOLDABLE
from curriculum.gathering_words import ASK, FALLBACK, KIT, NUDGE
from curriculum.people import Speaker
from curriculum.rhythm import local_date
from storage import audit, deliveries, rooms, rounds
from storage import gathering_people as people
from storage import gatherings as stored
from storage.cohorts import Cohort
from storage.gatherings import PLANNED, FacilitatorSwap, Gathering

SWAP = "facilitator_swap"
ASKED, ACCEPTED, DECLINED = "asked", "accepted", "declined"
CHOICES_SHOWN = 6
# Turns nearer than this are looked after: she is asked three days before.
LOOKED_AHEAD = timedelta(days=4)


@dataclass(frozen=True, slots=True)
class Turn:
    """A gathering that lies ahead and whose it is."""

    gathering_id: int
    kind: str
    starts_at: datetime
    facilitator_id: int
    facilitator: str
    is_confirmed: bool


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
    _hand_over(session, found, chosen, actor_id=None, is_confirmed=False, now=now)
    for coordinator_id in rounds.coordinators_near(
        session, found.cohort_id, bot=found.bot, on=local_date(now, cohort.zone)
    ):
        _owe(session, found, FALLBACK, coordinator_id, occasion=f"{found.id}", now=now)
    return chosen


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


def _hand_over(
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
            name = f"{found.id}:{found.version}" if kind == ASK else f"{found.id}"
            _owe(session, found, kind, person_id, occasion=name, now=now)
    for concerned in {before, person_id} - {None}:
        gathering_words.update_card_if_sent(session, found, concerned or 0, now=now)


def _owe(
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
    _hand_over(session, room, person_id, actor_id=None, is_confirmed=is_confirmed, now=now)


def confirm(session: Session, speaker: Speaker, gathering_id: int, *, now: datetime) -> Gathering:
    """我来主持: whose turn it is, or a coordinator who steps in. NotThere, OccasionPassed."""
    found = _ahead(session, speaker, gathering_id, now=now)
    if not gatherings.leads(session, speaker, found):
        raise NotThere
    if found.facilitator_id != speaker.person_id and found.is_confirmed:
        raise OccasionChanged
    if found.facilitator_id != speaker.person_id or not found.is_confirmed:
        _hand_over(
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
    found = _ahead(session, speaker, gathering_id, now=now)
    if found.facilitator_id != speaker.person_id:
        raise NotThere
    cohort = session.get_one(Cohort, found.cohort_id)
    give_turn(session, found, cohort, now=now, skipping=frozenset({speaker.person_id}))
    return found


def choosable(
    session: Session, speaker: Speaker, gathering_id: int, *, now: datetime
) -> list[tuple[int, str]]:
    """Whom a coordinator can give a session to, whose turn is nearest first; raises NotThere."""
    found = _ahead(session, speaker, gathering_id, now=now)
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
    _hand_over(session, found, person_id, actor_id=speaker.person_id, is_confirmed=False, now=now)
    return found


def swappable(
    session: Session, speaker: Speaker, gathering_id: int, *, now: datetime
) -> list[Turn]:
    """The sessions of others that hers could be exchanged with; raises NotThere."""
    found = _ahead(session, speaker, gathering_id, now=now)
    if found.facilitator_id != speaker.person_id:
        raise NotThere
    rows = [
        other
        for other in stored.of_cohorts(
            session, [found.cohort_id], since=now, states=(PLANNED,), kind=found.kind
        )
        if other.facilitator_id not in (None, speaker.person_id)
        and _fit(session, speaker.person_id, found, other)
    ]
    names = stored.names_of(session, [other.facilitator_id or 0 for other in rows])
    return [_turn(other, names) for other in rows[:CHOICES_SHOWN]]


def _fit(session: Session, person_id: int, mine: Gathering, other: Gathering) -> bool:
    """Whether each has a place where she would lead: in the room, where it is one."""
    taken = rooms.seats(session, [one.id or 0 for one in (mine, other)])
    return (not other.room or person_id in taken[other.id or 0]) and (
        not mine.room or other.facilitator_id in taken[mine.id or 0]
    )


def _turn(found: Gathering, names: dict[int, str]) -> Turn:
    leading = found.facilitator_id or 0
    return Turn(
        found.id or 0,
        found.kind,
        found.starts_at,
        leading,
        names.get(leading, ""),
        found.is_confirmed,
    )


def ask_swap(
    session: Session, speaker: Speaker, gathering_id: int, other_id: int, *, now: datetime
) -> Turn:
    """Ask somebody to exchange sessions; she is told and answers. NotThere, OccasionPassed."""
    turns = {turn.gathering_id: turn for turn in swappable(session, speaker, gathering_id, now=now)}
    if other_id not in turns:
        raise NotThere
    asked = FacilitatorSwap(
        gathering_id=gathering_id,
        other_id=other_id,
        asked_by=speaker.person_id,
        asked_of=turns[other_id].facilitator_id,
        state=ASKED,
        asked_at=now,
    )
    session.add(asked)
    session.flush()
    found = gatherings.read(session, other_id, bot=speaker.bot)
    _write_down_swap(session, asked, "ask_swap", speaker, now=now)
    _owe(session, found, SWAP, asked.asked_of, occasion=f"{asked.id}:{ASKED}", now=now)
    return turns[other_id]


def answer_swap(
    session: Session, speaker: Speaker, swap_id: int, *, accepts: bool, now: datetime
) -> str:
    """Accept or decline an exchange; both sessions change hands, and the asker hears of it.

    Returns the state. Raises NotThere for who was not asked, OccasionPassed, OccasionChanged when
    either session went to somebody else meanwhile.
    """
    asked = stored.swap(session, swap_id, lock=True)
    if asked is None or asked.asked_of != speaker.person_id:
        raise NotThere
    if asked.state != ASKED:
        raise OccasionChanged
    first = _ahead(session, speaker, asked.gathering_id, now=now)
    second = _ahead(session, speaker, asked.other_id, now=now)
    if (first.facilitator_id, second.facilitator_id) != (asked.asked_by, asked.asked_of):
        raise OccasionChanged
    asked.state, asked.answered_at = ACCEPTED if accepts else DECLINED, now
    session.add(asked)
    session.flush()
    _write_down_swap(session, asked, f"swap_{asked.state}", speaker, now=now)
    if accepts:
        for found, person_id in ((first, asked.asked_of), (second, asked.asked_by)):
            _hand_over(
                session,
                found,
                person_id,
                actor_id=speaker.person_id,
                is_confirmed=True,
                now=now,
            )
    _owe(session, first, SWAP, asked.asked_by, occasion=f"{asked.id}:{asked.state}", now=now)
    return asked.state


def _write_down_swap(
    session: Session, asked: FacilitatorSwap, action: str, speaker: Speaker, *, now: datetime
) -> None:
    audit.add(
        session,
        at=now,
        actor_id=speaker.person_id,
        action=action,
        object_kind="facilitator_swap",
        object_id=asked.id,
        gathering=asked.gathering_id,
        other=asked.other_id,
    )


def _ahead(session: Session, speaker: Speaker, gathering_id: int, *, now: datetime) -> Gathering:
    """A session of hers that is still to come, locked."""
    found = gatherings.read(session, gathering_id, bot=speaker.bot, lock=True)
    learns = people.learns_in(session, speaker.person_id, found.cohort_id)
    if not learns and not gatherings.leads(session, speaker, found):
        raise NotThere
    if found.state != PLANNED or found.starts_at <= now:
        raise OccasionPassed
    return found
