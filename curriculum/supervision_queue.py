"""Who has not supervision enough, in order: asked for it, new within three months, waited longest.

A worker asks privately (我想要督导); why each stands where she stands only coordinators see.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from curriculum import supervision_capacity as capacity
from curriculum import supervision_pairs as pairs
from curriculum.errors import ChangedMeanwhile, NotThere
from curriculum.list_words import sought
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.supervision_pairing import supervisors_for
from curriculum.supervision_pairs import DEFAULT_MONTHS, EITHER, months_on
from storage import audit
from storage import supervision_pairs as stored
from storage import supervision_reach as reach_of
from storage import supervision_wishes as wishes
from storage.supervision_pairs import SupervisionPair
from storage.supervision_wishes import SupervisionWish

ASKED, NEW, WAITED, LATE = "asked", "new", "waited", "late"
NEW_MONTHS = 3
RIGHT = "assign_supervision"
# Beside their numbers there is one more button.
PAGE = 5
# So many supervisors are offered, the best first.
OFFERED = 4


@dataclass(frozen=True, slots=True)
class Waiting:
    """A worker in the queue: why she stands where she stands, and since when that holds.

    `pair_id` is the pair that is late, None where she has none.
    """

    worker_id: int
    name: str
    unit_name: str
    unit_path: str
    reason: str
    since: date
    pair_id: int | None = None


@dataclass(frozen=True, slots=True)
class QueuePage:
    """One page of the queue, counted from 0, of all or of who fits the `words`.

    `first` is the place of its first line among them, from 1.
    """

    lines: tuple[Waiting, ...]
    page: int
    pages: int
    count: int
    words: str = ""

    @property
    def first(self) -> int:
        """The place of this page's first line among them."""
        return self.page * PAGE + 1


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A supervisor who could accompany a worker; `spare` minutes in three months, None: unsaid."""

    supervisor_id: int
    name: str
    pairs: int
    spare: int | None
    fits: bool


@dataclass(frozen=True, slots=True)
class Card:
    """A worker of the queue with who could accompany her, the best first."""

    waiting: Waiting
    suggestions: tuple[Suggestion, ...]


def order(one: Waiting) -> tuple[int, date, int]:
    """Who asked comes first, then who is new, then the others; within each the longest."""
    return (
        (ASKED, NEW).index(one.reason) if one.reason in (ASKED, NEW) else 2,
        one.since,
        one.worker_id,
    )


def waiting(session: Session, speaker: Speaker, *, now: datetime) -> list[Waiting]:
    """The whole queue of the people she looks after; raises NotThere."""
    speaker.require(RIGHT)
    reach, today = speaker.reach(RIGHT), local_date(now, ZONE)
    rows = reach_of.unaccompanied(session, reach, bot=speaker.bot, on=today)
    asked = wishes.asked_at(session, [row.worker_id for row in rows], bot=speaker.bot)
    found = [_waiting(row, asked.get(row.worker_id), today=today) for row in rows]
    late = [
        row for row in stored.under(session, reach, bot=speaker.bot, on=today) if row.due_on < today
    ]
    people = {who for row in late for who in (row.supervisor_id, row.worker_id)}
    resting = stored.absent_among(session, people, on=today)
    found += [
        Waiting(
            row.worker_id, row.worker, row.unit_name, row.unit_path, LATE, row.due_on, row.pair_id
        )
        for row in late
        if not {row.supervisor_id, row.worker_id} & resting
    ]
    return sorted(found, key=order)


def _waiting(row: reach_of.Unaccompanied, asked_at: datetime | None, *, today: date) -> Waiting:
    reason, since = WAITED, row.last_until or row.since
    if asked_at is not None:
        reason, since = ASKED, local_date(asked_at, ZONE)
    elif row.last_until is None and months_on(row.since, NEW_MONTHS) > today:
        reason = NEW
    return Waiting(row.worker_id, row.name, row.unit_name, row.unit_path, reason, since)


def queue(
    session: Session, speaker: Speaker, page: int = 0, *, words: str = "", now: datetime
) -> QueuePage:
    """One page of the queue, `words` in name or unit; raises NotThere, SearchTooLong."""
    every = waiting(session, speaker, now=now)
    found = sought(every, words, lambda one: (one.name, one.unit_name), page=page, size=PAGE)
    return QueuePage(found.lines, found.page, found.pages, found.count, found.words)


def card(session: Session, speaker: Speaker, worker_id: int, *, now: datetime) -> Card:
    """A worker without a pair, and who could accompany her; raises NotThere, NoSupervisor."""
    today = local_date(now, ZONE)
    speaker.require(RIGHT)
    rows = reach_of.unaccompanied(
        session, speaker.reach(RIGHT), bot=speaker.bot, on=today, worker_id=worker_id
    )
    if not rows:
        raise NotThere
    asked = wishes.asked_at(session, [worker_id], bot=speaker.bot)
    who = _waiting(rows[0], asked.get(worker_id), today=today)
    return Card(who, tuple(suggestions(session, speaker, worker_id, now=now)[:OFFERED]))


def suggestions(
    session: Session, speaker: Speaker, worker_id: int, *, now: datetime
) -> list[Suggestion]:
    """Who could accompany a worker: whoever has most hours left, then those who stated none."""
    people = supervisors_for(session, speaker, worker_id, now=now)
    names = {one.person_id: one.name for one in people}
    resting = stored.absent_among(session, names, on=local_date(now, ZONE))
    ground = capacity.Ground(session, names, bot=speaker.bot, now=now)
    found = []
    for who, name in names.items():
        load = ground.load(who)
        fits = who not in resting and (load.spare is None or load.spare >= load.minutes)
        found.append(Suggestion(who, name, load.pairs, load.spare, fits))
    return sorted(
        found, key=lambda one: (not one.fits, one.spare is None, -(one.spare or 0), one.pairs)
    )


def assign(
    session: Session, speaker: Speaker, worker_id: int, supervisor_id: int, *, now: datetime
) -> SupervisionPair:
    """Give a worker of the queue a supervisor, quarterly; both are told.

    Raises NotThere, NoSupervisor; ChangedMeanwhile where somebody else gave her one meanwhile.
    """
    stored.locked_people(session, [worker_id, supervisor_id])
    stands = stored.of_person(
        session, worker_id, bot=speaker.bot, on=local_date(now, ZONE), as_supervisor=False
    )
    if stands:
        raise ChangedMeanwhile
    return pairs.assign(
        session,
        speaker,
        worker_id=worker_id,
        supervisor_id=supervisor_id,
        every_months=DEFAULT_MONTHS,
        mode=EITHER,
        last_day=None,
        now=now,
    )


def own_wish(session: Session, speaker: Speaker) -> date | None:
    """The local date on which she asked for supervision, if that still stands."""
    wish = wishes.open_wish(session, bot=speaker.bot, worker_id=speaker.person_id)
    return local_date(wish.asked_at, ZONE) if wish else None


def wish(session: Session, speaker: Speaker, *, wants: bool, now: datetime) -> None:
    """我想要督导 of a worker without a pair, or taking it back; raises NotThere.

    Twice says it once. Nobody is told but in her coordinator's 今日待办.
    """
    speaker.require("be_supervised")
    stored.locked_people(session, [speaker.person_id])
    today = local_date(now, ZONE)
    of_mine = stored.of_person(
        session, speaker.person_id, bot=speaker.bot, on=today, as_supervisor=False
    )
    if wants and of_mine:
        raise NotThere
    is_open = own_wish(session, speaker) is not None
    if wants == is_open:
        return
    if wants:
        session.add(SupervisionWish(bot=speaker.bot, worker_id=speaker.person_id, asked_at=now))
        session.flush()
    else:
        wishes.end(
            session, bot=speaker.bot, worker_id=speaker.person_id, by=speaker.person_id, now=now
        )
    audit.add(
        session,
        at=now,
        actor_id=speaker.person_id,
        action="wish_supervision" if wants else "take_back_supervision_wish",
        object_kind="person",
        object_id=speaker.person_id,
    )
