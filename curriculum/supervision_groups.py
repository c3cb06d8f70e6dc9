"""Group supervision: set by the supervisor with several of her workers, each may decline.

Several workers are invited into quarters of an hour that are theirs and hers alone, as those of a
pair's session are (EXPERIENCE section 8).
"""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from curriculum import supervision_dates
from curriculum.errors import ChangedMeanwhile, NotThere
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.supervision_booking import possible_moment, within
from curriculum.supervision_errors import GroupBusy, GroupSize, SlotTaken
from curriculum.supervision_group_words import (
    owe_all,
    owe_answer,
    owe_cards,
)
from curriculum.supervision_pairs import IN_PERSON, ONLINE
from curriculum.supervision_slots import quarters
from curriculum.supervision_times import terms_of, usable_place
from storage import audit
from storage import gatherings as names
from storage import supervision_bookings as booked
from storage import supervision_groups as stored
from storage import supervision_pairs as stored_pairs
from storage.supervision_groups import (
    COMING,
    DECLINED,
    INVITED,
    PLANNED,
    SupervisionGroup,
    SupervisionSeat,
)
from storage.supervision_pairs import PairRow

FEWEST, MOST = 2, 8


def pairs_chosen(
    session: Session, speaker: Speaker, pair_ids: Sequence[int], *, now: datetime
) -> list[PairRow]:
    """These pairs of hers that hold, at least two and at most eight; NotThere, GroupSize."""
    speaker.require("supervise")
    known = {
        row.pair_id: row
        for row in stored_pairs.of_person(
            session,
            speaker.person_id,
            bot=speaker.bot,
            on=local_date(now, ZONE),
            as_supervisor=True,
        )
    }
    wanted = list(dict.fromkeys(pair_ids))
    if any(pair_id not in known for pair_id in wanted):
        raise NotThere
    if not FEWEST <= len(wanted) <= MOST:
        raise GroupSize(fewest=FEWEST, most=MOST)
    return [known[pair_id] for pair_id in wanted]


def set_group(
    session: Session,
    speaker: Speaker,
    pair_ids: Sequence[int],
    starts_at: datetime,
    *,
    mode: str,
    place: str,
    now: datetime,
) -> SupervisionGroup:
    """The supervisor sets a session with several; all are told a minute later.

    Raises NotThere, GroupSize, MomentNotPossible; GroupBusy names who has something else then.
    """
    chosen = pairs_chosen(session, speaker, pair_ids, now=now)
    if mode not in (ONLINE, IN_PERSON):
        raise NotThere
    starts_at = possible_moment(starts_at, now=now)
    for row in chosen:
        pair = stored_pairs.pair(session, row.pair_id)
        if pair is not None:
            within(pair, starts_at)
    workers = [row.worker_id for row in chosen]
    stored_pairs.locked_people(session, [speaker.person_id, *workers])
    made = _added(session, speaker, chosen, starts_at, mode=mode, place=place, now=now)
    take_all(session, made, starts_at, workers)
    settle(session, speaker, made, "set_group_supervision", now=now)
    owe_all(session, made, workers, now=now)
    owe_cards(session, made, workers, now=now)
    return made


def _added(
    session: Session,
    speaker: Speaker,
    chosen: Sequence[PairRow],
    starts_at: datetime,
    *,
    mode: str,
    place: str,
    now: datetime,
) -> SupervisionGroup:
    """The session and the places in it, nobody's time taken yet."""
    terms = terms_of(session, speaker.person_id)
    made = SupervisionGroup(
        bot=speaker.bot,
        supervisor_id=speaker.person_id,
        starts_at=starts_at,
        minutes=terms.minutes,
        buffer_minutes=terms.buffer_minutes,
        mode=mode,
        place=terms.place if mode == ONLINE else usable_place(place),
        state=PLANNED,
        moves=0,
        version=1,
        changed_by=speaker.person_id,
        changed_at=now,
        created_at=now,
    )
    session.add(made)
    session.flush()
    for row in chosen:
        seat = SupervisionSeat(
            group_id=made.id or 0, worker_id=row.worker_id, pair_id=row.pair_id, state=INVITED
        )
        session.add(seat)
    return made


def take_all(
    session: Session, group: SupervisionGroup, starts_at: datetime, workers: Sequence[int]
) -> None:
    """Take everybody's quarters, those it has let go of; raises GroupBusy, SlotTaken."""
    refuse_busy(session, group, starts_at, workers)
    wanted = _wanted(group, starts_at, workers)
    if not booked.take(session, None, wanted, group_id=group.id):
        raise SlotTaken


def refuse_busy(
    session: Session, group: SupervisionGroup, starts_at: datetime, workers: Sequence[int]
) -> None:
    """Raise GroupBusy with the names of who has something else than this session then."""
    busy = [
        who
        for who, span in _wanted(group, starts_at, workers).items()
        if booked.taken(session, who, first=span[0], last=span[-1], but_group=group.id)
    ]
    if busy:
        known = names.names_of(session, busy)
        raise GroupBusy(names="、".join(known.get(who, "") for who in busy))


def _wanted(
    group: SupervisionGroup, starts_at: datetime, workers: Sequence[int]
) -> dict[int, range]:
    """The quarters of everybody; the supervisor's rest afterwards is hers alone."""
    whole = quarters(starts_at, group.minutes + group.buffer_minutes)
    hers = quarters(starts_at, group.minutes)
    return {group.supervisor_id: whole, **dict.fromkeys(workers, hers)}


def settle(
    session: Session, speaker: Speaker, group: SupervisionGroup, action: str, *, now: datetime
) -> None:
    """What every change brings: the pairs' next dates, the trail."""
    session.add(group)
    session.flush()
    for seat in stored.seats(session, group.id or 0):
        pair = stored_pairs.pair(session, seat.pair_id, lock=True)
        if pair is not None:
            supervision_dates.refresh(session, pair)
    audit.add(
        session,
        at=now,
        actor_id=speaker.person_id,
        action=action,
        object_kind="supervision_group",
        object_id=group.id,
        starts_at=group.starts_at.isoformat(),
        state=group.state,
    )
    session.flush()


def answer(
    session: Session, speaker: Speaker, group_id: int, *, comes: bool, now: datetime
) -> SupervisionGroup:
    """能去 or 去不了 of a worker invited; that she cannot come her supervisor is told.

    Raises NotThere, ChangedMeanwhile once it began, GroupBusy where she has something else by now.
    """
    found = stored.group(session, group_id)
    seats = {seat.worker_id: seat for seat in stored.seats(session, group_id)}
    if found is None or speaker.person_id not in seats:
        raise NotThere
    stored_pairs.locked_people(session, [found.supervisor_id, speaker.person_id])
    found, seat = stored.group(session, group_id, lock=True), seats[speaker.person_id]
    session.refresh(seat)
    if found is None or found.state != PLANNED or found.starts_at <= now:
        raise ChangedMeanwhile
    wanted = COMING if comes else DECLINED
    if seat.state == wanted:
        return found
    was_declined = seat.state == DECLINED
    if not comes:
        booked.release_group(session, group_id, person_id=speaker.person_id)
    elif was_declined:
        _take_again(session, found, speaker)
        owe_cards(session, found, [speaker.person_id], now=now)
    seat.state, seat.answered_at = wanted, now
    session.add(seat)
    settle(session, speaker, found, f"{wanted}_group_supervision", now=now)
    if was_declined or not comes:
        owe_answer(session, found, speaker.person_id, wanted, now=now)
    return found


def _take_again(session: Session, group: SupervisionGroup, speaker: Speaker) -> None:
    span = quarters(group.starts_at, group.minutes)
    if not booked.take(session, None, {speaker.person_id: span}, group_id=group.id):
        raise GroupBusy(names=speaker.name)
