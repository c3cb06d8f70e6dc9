"""One turn of the postman at the database: what became of the last sends, and the next batch."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from curriculum import people
from curriculum.facts import Facts, NotNow, NotWanted, Verdict
from scheduler import attention, folding
from scheduler.asking import Asked, ask
from storage import deliveries, holds, leases, sent_messages
from storage import folding as stored_folding
from storage.deliveries import FAILED, SKIPPED, Claimed
from storage.sent_messages import Arrived

# Renewed three times as often while its process lives; what a dead one held waits so long, and is
# on its way within three seconds of being due.
LEASE = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a claimed delivery that did not simply arrive.

    `status` None hands it back: to be tried again from `retry_at` (machine time) on. `moved` is
    the old and the new id of its chat, `unreachable_chat` one that cannot be written to any more.
    """

    delivery_id: int
    status: str | None
    error: str | None = None
    retry_at: datetime | None = None
    is_attempt: bool = True
    moved: tuple[int, int] | None = None
    unreachable_chat: int | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """Whose and how many deliveries to take up next; `limit` 0 takes none."""

    bot: int
    claimed_by: str
    limit: int


@dataclass(frozen=True, slots=True)
class Turn:
    """What one transaction does: write down, renew, claim."""

    arrived: Sequence[Arrived]
    outcomes: Sequence[Outcome]
    renew: Sequence[int]
    claim: Claim


@dataclass(frozen=True, slots=True)
class Turned:
    """What came of it: the deliveries that are still wanted, and how many were closed.

    `left` is how many more messages may sound at each of their persons, `good_until` from when on
    (business time) each must be asked for again; one that is not in it is good at any hour.
    """

    wanted: Sequence[tuple[Claimed, Facts]]
    claimed: int
    renewed: frozenset[int]
    closed: int
    # When it was taken (machine time): leases count from here.
    at: datetime
    left: Mapping[int, int]
    good_until: Mapping[int, datetime]


def take_turn(
    session: Session, turn: Turn, *, now: datetime, machine: Callable[[], datetime]
) -> Turned:
    """`now` is business time; `machine` tells machine time, asked once the database is ours.

    Waiting for it may take longer than a lease, which would have ended before it began.
    """
    session.connection()
    real = machine()
    sent_messages.record_parts(session, turn.arrived, sent_at=now)
    stored_folding.close(session, [n for one in turn.arrived for n in one.folded], at=now)
    attention.note(session, turn.arrived, now=now)
    _write_down(session, turn.outcomes, turn.claim, now=now)
    renewed: set[int] = set()
    if turn.renew:
        renewed = leases.extend(
            session, turn.renew, claimed_by=turn.claim.claimed_by, until=real + LEASE
        )
    closed = sum(one.is_last for one in turn.arrived)
    closed += sum(one.status is not None for one in turn.outcomes)
    claimed: list[Claimed] = []
    asked = Asked({}, {})
    if turn.claim.limit:
        claimed, asked = _claim(session, turn.claim, now=now, real=real)
    wanted = [(row, v) for row in claimed if isinstance(v := asked.verdicts.get(row.id), Facts)]
    left = attention.left_for(session, [row for row, _ in wanted], now=now)
    closed += len(claimed) - len(wanted)
    return Turned(wanted, len(claimed), frozenset(renewed), closed, real, left, asked.good_until)


def _write_down(
    session: Session, outcomes: Sequence[Outcome], claim: Claim, *, now: datetime
) -> None:
    """What was not sent: handed back for another try, or given up."""
    for one in outcomes:
        if one.moved is not None:
            people.move_chat(session, bot=claim.bot, old=one.moved[0], new=one.moved[1])
        if one.unreachable_chat is not None:
            people.set_reachable(
                session,
                bot=claim.bot,
                chat_id=one.unreachable_chat,
                reachable=False,
                reason=one.error,
                now=now,
            )
        if one.status is None:
            leases.release(
                session,
                [one.delivery_id],
                error=one.error,
                retry_at=one.retry_at,
                claimed_by=claim.claimed_by,
                is_attempt=one.is_attempt,
            )
        else:
            deliveries.finish(
                session,
                [one.delivery_id],
                status=one.status,
                at=now,
                error=one.error,
                claimed_by=claim.claimed_by,
            )


def _claim(
    session: Session, claim: Claim, *, now: datetime, real: datetime
) -> tuple[list[Claimed], Asked]:
    """Claim a batch and ask each study again whether its messages are still wanted."""
    if holds.is_held(session, claim.bot):
        return [], Asked({}, {})
    claimed = leases.claim(
        session,
        now=now,
        real=real,
        lease=LEASE,
        limit=claim.limit,
        claimed_by=claim.claimed_by,
        bot=claim.bot,
    )
    asked = ask(session, claimed, now=now)
    broken = [row.id for row in claimed if row.id not in asked.verdicts]
    if broken:
        deliveries.finish(session, broken, status=FAILED, at=now, error="no_facts")
    folded = folding.fold(session, claimed, asked.verdicts, now=now)
    verdicts = {of: verdict for of, verdict in asked.verdicts.items() if of not in folded}
    verdicts |= folding.with_lines(
        session, claimed, verdicts, lambda rows: ask(session, rows, now=now).verdicts
    )
    _set_aside(session, verdicts, now=now)
    return claimed, Asked(verdicts, asked.good_until)


def _set_aside(session: Session, verdicts: Mapping[int, Verdict], *, now: datetime) -> None:
    unwanted: dict[str, list[int]] = {}
    later: dict[datetime, list[int]] = {}
    for delivery_id, verdict in verdicts.items():
        if isinstance(verdict, NotWanted):
            unwanted.setdefault(verdict.reason, []).append(delivery_id)
        elif isinstance(verdict, NotNow):
            later.setdefault(verdict.until, []).append(delivery_id)
    for reason, ids in unwanted.items():
        deliveries.finish(session, ids, status=SKIPPED, at=now, error=reason)
    for until, ids in later.items():
        leases.hold(session, ids, until=until)
