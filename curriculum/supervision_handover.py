"""交接: who accompanies a supervisor's workers after her last day, settled before it comes.

At 60 and at 14 days before the end of a pair, or of the supervisor's role, she and the coordinators
are told (EXPERIENCE section 8). One pair follows another on that day.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session

from curriculum import supervision_pairs as pairs
from curriculum.errors import ChangedMeanwhile, NotThere
from curriculum.list_words import Sought, sought
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.supervision_errors import SuccessorNeeded, SupervisionUndoTooLate
from curriculum.supervision_handover_words import is_told, owe_words
from curriculum.supervision_queue import Suggestion, suggestions
from curriculum.supervision_words import UNDO
from storage import audit
from storage import gatherings as names
from storage import supervision_handovers as stored
from storage import supervision_pairs as stored_pairs
from storage import supervision_reach as reach_of
from storage.supervision_handovers import PLANNED, UNDONE, SupervisionHandover
from storage.supervision_pairs import PairRow, SupervisionPair

RIGHT = "assign_supervision"
AHEAD = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Ending:
    """A pair that ends, the first day on which it holds no more, and who follows, "" for nobody.

    `settled_by` and `settled_at` say who settled that and when.
    """

    pair: PairRow
    end: date
    successor: str
    settled_by: int = 0
    settled_at: datetime | None = None

    @property
    def last_day(self) -> date:
        """The last day on which the pair holds."""
        return self.end - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class HandoverPage:
    """What one supervisor hands over; `may_choose` for coordinators, `may_undo` her last choice."""

    supervisor_id: int
    supervisor: str
    endings: tuple[Ending, ...]
    may_choose: bool
    may_undo: bool
    # One page of the endings, whoever has nobody yet first; all or those the words name.
    shown: Sought[Ending]

    @property
    def open(self) -> int:
        """How many have nobody yet."""
        return sum(not one.successor for one in self.endings)


def endings(
    session: Session, *, bot: int, now: datetime, supervisor_id: int | None = None
) -> list[Ending]:
    """The pairs that end within sixty days, of one supervisor where she is named, in order."""
    today = local_date(now, ZONE)
    by = today + AHEAD
    roles = stored.role_ends(session, after=today, by=by, supervisor_id=supervisor_id)
    rows = reach_of.ending(
        session, list(roles), bot=bot, on=today, by=by, supervisor_id=supervisor_id
    )
    ends = {row.pair_id: _end(row, roles) for row in rows}
    others = reach_of.of_workers(session, {row.worker_id for row in rows}, bot=bot, on=today)
    settled = stored.planned_from(session, list(ends))
    known = names.names_of(session, [one.supervisor_id for one in others])
    found = []
    for row in rows:
        end = ends[row.pair_id]
        next_one = _next(row, end, others)
        plan = settled.get(row.pair_id)
        found.append(
            Ending(
                row,
                end,
                known.get(next_one.supervisor_id, "") if next_one else "",
                plan.changed_by if plan and next_one else 0,
                plan.changed_at if plan and next_one else None,
            )
        )
    return sorted(found, key=lambda one: (one.end, one.pair.pair_id))


def _end(row: PairRow, roles: dict[int, date]) -> date:
    known = [day for day in (row.until, roles.get(row.supervisor_id)) if day is not None]
    return min(known)


def _next(row: PairRow, end: date, others: Iterable[SupervisionPair]) -> SupervisionPair | None:
    """Another pair of the same worker that holds on the day on which this one ends no more."""
    for one in others:
        is_other = one.worker_id == row.worker_id and one.id != row.pair_id
        if is_other and one.since <= end and (one.until is None or one.until > end):
            return one
    return None


def page(
    session: Session,
    speaker: Speaker,
    supervisor_id: int,
    *,
    words: str = "",
    page: int = 0,
    now: datetime,
) -> HandoverPage:
    """What a supervisor hands over: she sees all of it, a coordinator her own people.

    `words` in the name or unit of one of them. Raises NotThere, SearchTooLong.
    """
    found = endings(session, bot=speaker.bot, now=now, supervisor_id=supervisor_id)
    reached = _reached(speaker, found) if speaker.may(RIGHT) else []
    may_choose = bool(reached)
    # She herself sees whom she accompanies; whoever coordinates too may settle what is in reach.
    found = found if speaker.person_id == supervisor_id else reached
    if not found:
        raise NotThere
    at = [one.settled_at for one in found if one.settled_by == speaker.person_id and one.settled_at]
    return HandoverPage(
        supervisor_id,
        found[0].pair.supervisor,
        tuple(found),
        may_choose,
        may_choose and bool(at) and now - max(at) <= UNDO,
        sought(
            sorted(found, key=lambda one: bool(one.successor)),
            words,
            lambda one: (one.pair.worker, one.pair.unit_name),
            page=page,
        ),
    )


def _reached(speaker: Speaker, found: Sequence[Ending]) -> list[Ending]:
    speaker.require(RIGHT)
    reach = speaker.reach(RIGHT)
    return [one for one in found if any(one.pair.unit_path.startswith(path) for path in reach)]


def successors(
    session: Session,
    speaker: Speaker,
    supervisor_id: int,
    pair_id: int | None,
    *,
    now: datetime,
) -> list[Suggestion]:
    """Who could follow for a pair, or for all that are open, the best first.

    Raises NotThere, NoSupervisor, SuccessorNeeded.
    """
    wanted = _open(session, speaker, supervisor_id, pair_id, now=now)
    today = local_date(now, ZONE)
    last = max(one.end for one in wanted)
    leaving = stored.role_ends(session, after=today, by=last)
    offers = [
        {one.supervisor_id: one for one in suggestions(session, speaker, who, now=now)}
        for who in {one.pair.worker_id for one in wanted}
    ]
    common = set.intersection(*(set(offer) for offer in offers)) - {supervisor_id} - set(leaving)
    if not common:
        raise SuccessorNeeded
    return [one for one in offers[0].values() if one.supervisor_id in common]


def _open(
    session: Session, speaker: Speaker, supervisor_id: int, pair_id: int | None, *, now: datetime
) -> list[Ending]:
    """What has nobody yet, all of it or one pair; raises NotThere, ChangedMeanwhile."""
    speaker.require(RIGHT)
    every = _reached(
        speaker, endings(session, bot=speaker.bot, now=now, supervisor_id=supervisor_id)
    )
    wanted = [one for one in every if pair_id in (None, one.pair.pair_id)]
    if not wanted:
        raise NotThere
    found = [one for one in wanted if not one.successor]
    if not found:
        raise ChangedMeanwhile
    return found


def choose(
    session: Session,
    speaker: Speaker,
    supervisor_id: int,
    pair_id: int | None,
    successor_id: int,
    *,
    now: datetime,
) -> int:
    """Let somebody follow from the day of the end on, for one pair or (None) for all; how many.

    The worker and both supervisors are told. Raises NotThere, ChangedMeanwhile where somebody else
    settled it, SuccessorNeeded.
    """
    wanted = _open(session, speaker, supervisor_id, pair_id, now=now)
    people = {supervisor_id, successor_id, *(one.pair.worker_id for one in wanted)}
    stored_pairs.locked_people(session, sorted(people))
    wanted = _open(session, speaker, supervisor_id, pair_id, now=now)
    offered = successors(session, speaker, supervisor_id, pair_id, now=now)
    if successor_id not in {one.supervisor_id for one in offered}:
        raise NotThere
    for one in wanted:
        _settle(session, speaker, one, successor_id, now=now)
    return len(wanted)


def _settle(
    session: Session, speaker: Speaker, one: Ending, successor_id: int, *, now: datetime
) -> None:
    old = stored_pairs.pair(session, one.pair.pair_id, lock=True)
    if old is None or old.ended_at is not None:
        raise ChangedMeanwhile
    _drop_settled(session, one.pair.pair_id)
    made = pairs.assign(
        session,
        speaker,
        worker_id=old.worker_id,
        supervisor_id=successor_id,
        every_months=old.every_months,
        mode=old.mode,
        last_day=None,
        since=one.end,
        is_told=False,
        now=now,
    )
    handover = SupervisionHandover(
        bot=old.bot,
        from_pair_id=old.id or 0,
        to_pair_id=made.id or 0,
        on_day=one.end,
        state=PLANNED,
        before={"until": old.until.isoformat() if old.until else None},
        version=1,
        changed_by=speaker.person_id,
        changed_at=now,
        created_at=now,
    )
    old.until = one.end
    session.add(old)
    session.add(handover)
    session.flush()
    write_down(session, speaker, handover, "hand_over_supervision", now=now)
    owe_words(session, handover, (old.worker_id, old.supervisor_id, successor_id), now=now)


def _drop_settled(session: Session, pair_id: int) -> None:
    """What was settled for a pair came to nothing where the next pair was ended by hand."""
    gone = stored.planned_from(session, [pair_id]).get(pair_id)
    if gone is not None:
        gone.state = UNDONE
        session.add(gone)
        session.flush()


def take_back(session: Session, speaker: Speaker, supervisor_id: int, *, now: datetime) -> int:
    """撤销 of what she settled last for a supervisor's pairs, for ten minutes; how many.

    Who was told is told again. Raises NotThere, SupervisionUndoTooLate.
    """
    speaker.require(RIGHT)
    found = _reached(
        speaker, endings(session, bot=speaker.bot, now=now, supervisor_id=supervisor_id)
    )
    hers = [one for one in found if one.settled_by == speaker.person_id and one.settled_at]
    if not hers:
        raise NotThere
    newest = max(one.settled_at for one in hers if one.settled_at)
    if now - newest > UNDO:
        raise SupervisionUndoTooLate(minutes=UNDO.seconds // 60)
    last = [one.pair.pair_id for one in hers if one.settled_at == newest]
    for handover in stored.planned_from(session, last).values():
        _undo(session, speaker, handover, now=now)
    return len(last)


def _undo(
    session: Session, speaker: Speaker, handover: SupervisionHandover, *, now: datetime
) -> None:
    was_told = is_told(session, handover)
    old = stored_pairs.pair(session, handover.from_pair_id, lock=True)
    made = stored_pairs.pair(session, handover.to_pair_id, lock=True)
    if old is None or made is None:
        raise NotThere
    until = (handover.before or {}).get("until")
    old.until = date.fromisoformat(until) if until else None
    made.until, made.ended_at = made.since, now
    handover.state = UNDONE
    handover.version += 1
    handover.changed_by, handover.changed_at = speaker.person_id, now
    session.add_all([old, made, handover])
    session.flush()
    write_down(session, speaker, handover, "undo_supervision_handover", now=now)
    if was_told:
        people = (old.worker_id, old.supervisor_id, made.supervisor_id)
        owe_words(session, handover, people, now=now)


def write_down(
    session: Session, speaker: Speaker, handover: SupervisionHandover, action: str, *, now: datetime
) -> None:
    """Keep in the audit trail what was done to a handover: ids and codes only."""
    audit.add(
        session,
        at=now,
        actor_id=speaker.person_id,
        action=action,
        object_kind="supervision_handover",
        object_id=handover.id,
        from_pair=handover.from_pair_id,
        to_pair=handover.to_pair_id,
        on_day=handover.on_day.isoformat(),
    )
    session.flush()
