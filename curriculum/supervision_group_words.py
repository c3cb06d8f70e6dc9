"""What is told of a session with several workers: the invitation, its change, an hour before."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from curriculum import supervision_words as words
from curriculum.errors import NotThere
from curriculum.facts import FOLDABLE, TIMED, URGENT, Facts, NotWanted
from curriculum.people import ACTIVE, Speaker
from curriculum.supervision_held_groups import unwritten_of
from curriculum.supervision_words import TAKE_BACK, Now, Told
from storage import deliveries, sent_messages
from storage import gatherings as names
from storage import supervision_groups as stored
from storage.people import Person
from storage.supervision_groups import COMING, DECLINED, PLANNED, SupervisionGroup

GROUP, GROUP_CARD = "supervision_group", "supervision_group_card"
# The edit of older messages of a session that was moved.
GROUP_OLD = "supervision_group_old"
GROUP_ANSWER, GROUP_HINT = "supervision_group_answer", "supervision_group_hint"
REMINDED_BEFORE, NEAR = timedelta(hours=1), timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class GroupView:
    """A session with several as somebody in it sees it; names only for its supervisor.

    `answer` is the reader's own seat, "" for the supervisor. `was_at` is when it was to begin as
    the invited had heard before the last change, None where they knew of none.
    """

    group_id: int
    starts_at: datetime
    minutes: int
    mode: str
    place: str
    state: str
    supervisor: str
    accompanies: bool
    answer: str
    invited: int
    names: tuple[str, ...]
    coming: tuple[str, ...]
    declined: tuple[str, ...]
    has_begun: bool
    version: int
    changed_at: datetime
    was_at: datetime | None = None
    is_undoable: bool = False
    moves: int = 0
    answered_at: datetime | None = None

    @property
    def is_moved(self) -> bool:
        """Whether the invited knew of another time."""
        return self.state == PLANNED and self.was_at not in (None, self.starts_at)

    @property
    def said_at(self) -> datetime:
        """When the last word of it was said, the reader's own answer included."""
        return max(self.changed_at, self.answered_at or self.changed_at)


def view(session: Session, group_id: int, reader_id: int, *, now: datetime) -> GroupView:
    """A session with several as its supervisor or one of the invited sees it; raises NotThere."""
    found, seats = stored.group(session, group_id), stored.seats(session, group_id)
    own = next((seat for seat in seats if seat.worker_id == reader_id), None)
    if found is None or (found.supervisor_id != reader_id and own is None):
        raise NotThere
    accompanies = found.supervisor_id == reader_id
    known = names.names_of(session, [found.supervisor_id, *(seat.worker_id for seat in seats)])

    def named(*states: str) -> tuple[str, ...]:
        wanted = [seat for seat in seats if not states or seat.state in states]
        return tuple(known.get(seat.worker_id, "") for seat in wanted) if accompanies else ()

    return GroupView(
        group_id=group_id,
        starts_at=found.starts_at,
        minutes=found.minutes,
        mode=found.mode,
        place=found.place,
        state=found.state,
        supervisor=known.get(found.supervisor_id, ""),
        accompanies=accompanies,
        answer="" if accompanies or own is None else own.state,
        invited=len(seats),
        names=named(),
        coming=named(COMING),
        declined=named(DECLINED),
        has_begun=found.starts_at <= now,
        version=found.version,
        changed_at=found.changed_at,
        was_at=_was_at(found),
        is_undoable=_is_undoable(found),
        moves=found.moves,
        answered_at=own.answered_at if own else None,
    )


def _is_undoable(group: SupervisionGroup) -> bool:
    if group.before is None:
        return group.version == 1 and group.state == PLANNED
    return "state" in group.before


def _was_at(group: SupervisionGroup) -> datetime | None:
    """When it was to begin as the invited had heard before the last change."""
    heard = (group.before or {}).get("known_at")
    return datetime.fromisoformat(heard) if heard else None


def known_at(session: Session, group: SupervisionGroup) -> datetime | None:
    """When it begins as the invited have heard; None where they know of none that stands.

    What waits has not been heard; a word that is gone was, long ago.
    """
    occasion, waits = _name(group), (deliveries.WAITING,)
    is_waiting = deliveries.has_any(session, kind=GROUP, occasion=occasion, statuses=waits)
    if is_waiting and not is_told(session, group):
        return _was_at(group)
    return group.starts_at if group.state == PLANNED else None


def own_groups(session: Session, speaker: Speaker, *, now: datetime) -> list[GroupView]:
    """Her sessions with several that are to come, on either side."""
    ids = [found.id for found, _ in stored.ahead_of_worker(session, speaker.person_id, now=now)]
    ids += [found.id for found in stored.ahead_of(session, speaker.person_id, since=now)]
    return [view(session, group_id or 0, speaker.person_id, now=now) for group_id in ids]


def unwritten_groups(session: Session, speaker: Speaker, *, now: datetime) -> list[GroupView]:
    """Her sessions with several that began within two weeks and of which nothing is written."""
    found = unwritten_of(session, speaker, until=now, now=now)
    return [view(session, group_id, speaker.person_id, now=now) for group_id, *_ in found]


def _name(group: SupervisionGroup) -> str:
    return f"{group.id}:{group.version}"


def _card_name(group: SupervisionGroup) -> str:
    return f"{group.id}:{group.moves}"


def is_told(session: Session, group: SupervisionGroup) -> bool:
    """Whether anybody has heard of its last change."""
    return words.is_told(session, GROUP, _name(group))


def owe_all(
    session: Session, group: SupervisionGroup, workers: Iterable[int], *, now: datetime
) -> None:
    """Tell the invited how it stands, a minute from now, unless that is what they know already.

    Urgently within a day of either time. Where they knew of another, their older messages of it
    are turned as well.
    """
    was_at = _was_at(group)
    stands_at = group.starts_at if group.state == PLANNED else None
    if group.before is not None and was_at == stands_at:
        return
    moments = [group.starts_at, *([was_at] if was_at else [])]
    is_near = min(moments) - now < NEAR
    if was_at and stands_at:
        _owe_old(session, group, is_near=is_near, now=now)
    for person_id in workers:
        words.owe(
            session,
            GROUP,
            person_id,
            bot=group.bot,
            occasion=_name(group),
            subject_id=group.id,
            urgency=URGENT if is_near else FOLDABLE,
            due_at=now + TAKE_BACK,
            not_after=max(moments),
            now=now,
        )


def _owe_old(session: Session, group: SupervisionGroup, *, is_near: bool, now: datetime) -> None:
    """Owe everybody that her older messages of it say 已改期 once the new time is told."""
    seats = stored.seats(session, group.id or 0)
    for person_id in (group.supervisor_id, *(seat.worker_id for seat in seats)):
        words.owe(
            session,
            GROUP_OLD,
            person_id,
            bot=group.bot,
            occasion=_name(group),
            subject_id=group.id,
            urgency=URGENT if is_near else FOLDABLE,
            due_at=now + TAKE_BACK,
            now=now,
        )


def owe_cards(
    session: Session, group: SupervisionGroup, workers: Iterable[int], *, now: datetime
) -> None:
    """Owe the message an hour before to everybody, the supervisor too.

    Where its hour comes before the word of the last change, that says it all.
    """
    if group.starts_at - REMINDED_BEFORE <= now + TAKE_BACK:
        return
    for person_id in (group.supervisor_id, *workers):
        words.owe(
            session,
            GROUP_CARD,
            person_id,
            bot=group.bot,
            occasion=_card_name(group),
            subject_id=group.id,
            urgency=TIMED,
            due_at=group.starts_at - REMINDED_BEFORE,
            not_after=group.starts_at + timedelta(minutes=group.minutes),
            now=now,
        )


def owe_answer(
    session: Session, group: SupervisionGroup, worker_id: int, state: str, *, now: datetime
) -> None:
    """Tell the supervisor that one cannot come, or can after all; a plain yes is on her page."""
    words.owe(
        session,
        GROUP_ANSWER,
        group.supervisor_id,
        bot=group.bot,
        occasion=f"{group.id}:{worker_id}:{state}:{now.isoformat()}",
        subject_id=group.id,
        urgency=FOLDABLE,
        due_at=now + TAKE_BACK,
        not_after=group.starts_at,
        now=now,
    )


def _changed(at: Now) -> Facts | NotWanted:
    found = stored.group(at.session, at.row.subject_id or 0)
    if found is None or _name(found) != at.row.occasion:
        return NotWanted("group_changed")
    return at.facts(view=view(at.session, found.id or 0, at.reader.person_id, now=at.now))


def _old(at: Now) -> Facts | NotWanted:
    """The messages in the reader's chat that name an older time, each turned once."""
    found = stored.group(at.session, at.row.subject_id or 0)
    if found is None or _name(found) != at.row.occasion:
        return NotWanted("group_changed")
    kinds = (GROUP, GROUP_CARD, GROUP_OLD)
    sent = sent_messages.about(
        at.session, at.reader.person_id, kinds=kinds, subject_id=found.id or 0
    )
    turned = {
        message
        for delivery, kind, _, message in sent
        if kind == GROUP_OLD and delivery != at.row.id
    }
    # What says the new time, if it was quicker, stands.
    newest = deliveries.ids_of(at.session, kind=GROUP, occasion=_name(found))
    newest |= deliveries.ids_of(at.session, kind=GROUP_CARD, occasion=_card_name(found))
    standing = dict.fromkeys(
        message
        for delivery, kind, chat, message in sent
        if kind != GROUP_OLD and chat == at.reader.chat_id and delivery not in newest
    )
    ids = tuple(message for message in standing if message not in turned)
    if not ids:
        return NotWanted("not_sent")
    was_at = _was_at(found) or found.starts_at
    return at.facts(was_at=was_at, message_ids=ids)


def _card(at: Now) -> Facts | NotWanted:
    found = stored.group(at.session, at.row.subject_id or 0)
    if found is None or found.state != PLANNED or _card_name(found) != at.row.occasion:
        return NotWanted("group_changed")
    if at.session.get_one(Person, found.supervisor_id).status != ACTIVE:
        return NotWanted("left")
    seen = view(at.session, found.id or 0, at.reader.person_id, now=at.now)
    return NotWanted("declined") if seen.answer == DECLINED else at.facts(view=seen)


def _answered(at: Now) -> Facts | NotWanted:
    group_id, worker_id, state, _ = at.row.occasion.split(":", 3)
    seats = {seat.worker_id: seat for seat in stored.seats(at.session, int(group_id))}
    seat = seats.get(int(worker_id))
    found = stored.group(at.session, int(group_id))
    if found is None or found.state != PLANNED or seat is None or seat.state != state:
        return NotWanted("group_changed")
    name = names.names_of(at.session, [int(worker_id)]).get(int(worker_id), "")
    seen = view(at.session, found.id or 0, at.reader.person_id, now=at.now)
    return at.facts(name=name, comes=state == COMING, view=seen)


NOTICES = (
    Told(GROUP, _changed),
    Told(GROUP_OLD, _old),
    Told(GROUP_CARD, _card),
    Told(GROUP_ANSWER, _answered),
)
