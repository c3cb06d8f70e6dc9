"""Who reads the notes of a pair: the two in it, and her next supervisor if the worker agrees.

A note belongs to the relation, never to a role: nobody else reads it, not even a deputy or an
administrator (DESIGN section 8).
"""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from curriculum.errors import NotThere
from curriculum.list_words import Sought, sought
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.supervision_due import holds
from storage import audit
from storage import gatherings as names
from storage import supervision_notes as stored
from storage import supervision_pairs as stored_pairs
from storage.supervision_notes import SHARED, SUPERVISOR, WORKER, SupervisionNote
from storage.supervision_pairs import SupervisionPair

SUCCESSOR = "successor"


@dataclass(frozen=True, slots=True)
class Earlier:
    """A pair that is over with notes somebody still reads; `other` names its supervisor or worker.

    `accompanied` is whether it names the worker.
    """

    pair_id: int
    other: str
    accompanied: bool
    count: int


@dataclass(frozen=True, slots=True)
class Reader:
    """As what somebody reads the notes of a pair: which kinds, and her own whatever their kind."""

    pair: SupervisionPair
    side: str
    kinds: tuple[str, ...]
    author_id: int | None
    is_over: bool

    def reads(self, note: SupervisionNote) -> bool:
        """Whether a note is among what she reads."""
        is_own = self.author_id is not None and note.author_id == self.author_id
        return note.kind in self.kinds or is_own


def kinds_read(side: str, *, is_over: bool) -> tuple[str, ...]:
    """The kinds of note that somebody reads besides her own, by her side of the pair.

    A worker keeps what was shared with her; a former supervisor keeps what she wrote herself.
    """
    if side == WORKER:
        return (SHARED, WORKER)
    if side == SUPERVISOR:
        return () if is_over else (SHARED, SUPERVISOR)
    return (SHARED,)


def reader_of(session: Session, speaker: Speaker, pair_id: int, *, now: datetime) -> Reader:
    """As what she reads the notes of a pair; raises NotThere for everybody whom it does not name.

    A deputy is not the person she stands in for.
    """
    pair = stored_pairs.pair(session, pair_id)
    if pair is None or pair.bot != speaker.bot or speaker.deputy_id is not None:
        raise NotThere
    is_over = not holds(pair, on=local_date(now, ZONE))
    sides = {pair.supervisor_id: SUPERVISOR, pair.worker_id: WORKER}
    side = sides.get(speaker.person_id)
    if side is None:
        if not (is_over and succeeds(session, speaker.person_id, pair, now=now)):
            raise NotThere
        side = SUCCESSOR
    author_id = None if side == SUCCESSOR else speaker.person_id
    return Reader(pair, side, kinds_read(side, is_over=is_over), author_id, is_over)


def succeeds(session: Session, person_id: int, pair: SupervisionPair, *, now: datetime) -> bool:
    """Whether somebody accompanies the worker of a pair now that it is over, and may read on."""
    given = stored.consent(session, pair.id or 0)
    if given is None or not given.is_given:
        return False
    today = local_date(now, ZONE)
    return any(
        other.supervisor_id == person_id
        and holds(other, on=today)
        and pair.since <= other.since <= today
        for other in stored.pairs_with_worker(session, pair.worker_id, bot=pair.bot)
    )


def may_be_read(session: Session, speaker: Speaker, pair_id: int, *, now: datetime) -> bool:
    """Whether somebody reads notes of this pair at all."""
    try:
        reader_of(session, speaker, pair_id, now=now)
    except NotThere:
        return False
    return True


def earlier(session: Session, speaker: Speaker, *, now: datetime) -> list[Earlier]:
    """The pairs that are over of which she still reads notes, her own and those handed over."""
    if speaker.deputy_id is not None:
        return []
    today = local_date(now, ZONE)
    own = stored.pairs_of(session, speaker.person_id, bot=speaker.bot)
    accompanied = {
        pair.worker_id
        for pair in own
        if pair.supervisor_id == speaker.person_id and holds(pair, on=today)
    }
    before = [
        pair
        for worker_id in sorted(accompanied)
        for pair in stored.pairs_with_worker(session, worker_id, bot=speaker.bot)
    ]
    found = []
    for pair in {pair.id: pair for pair in (*own, *before)}.values():
        if holds(pair, on=today):
            continue
        try:
            reader = reader_of(session, speaker, pair.id or 0, now=now)
        except NotThere:
            continue
        count = stored.count(session, pair.id or 0, kinds=reader.kinds, author_id=reader.author_id)
        if count:
            is_supervisor = reader.side == SUPERVISOR
            other = pair.worker_id if is_supervisor else pair.supervisor_id
            name = names.names_of(session, [other]).get(other, "")
            found.append(Earlier(pair.id or 0, name, is_supervisor, count))
    return found


def consent(session: Session, pair_id: int) -> bool | None:
    """Whether the worker of a pair lets her next supervisor read its shared notes; None: not said.

    For reminders of a handover; the notes themselves are read with `page`.
    """
    given = stored.consent(session, pair_id)
    return given.is_given if given is not None else None


def set_consent(
    session: Session, speaker: Speaker, pair_id: int, *, is_given: bool, now: datetime
) -> None:
    """给新督导看, or not, or not any more, said by the worker of a pair; raises NotThere.

    It can be said while the pair still stands: it is read when it is over.
    """
    reader = reader_of(session, speaker, pair_id, now=now)
    if reader.side != WORKER:
        raise NotThere
    stored.set_consent(session, pair_id, is_given=is_given, now=now)
    audit.add(
        session,
        at=now,
        actor_id=speaker.person_id,
        action="give_notes_on" if is_given else "keep_notes",
        object_kind="supervision_pair",
        object_id=pair_id,
    )


def earlier_page(
    session: Session, speaker: Speaker, *, words: str = "", page: int = 0, now: datetime
) -> Sought[Earlier]:
    """One page of them, `words` in the other's name; raises SearchTooLong."""
    every = earlier(session, speaker, now=now)
    return sought(every, words, lambda one: (one.other,), page=page)
