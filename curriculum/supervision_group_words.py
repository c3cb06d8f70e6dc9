"""What is told of a session with several workers: the invitation, its change, an hour before."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session

from curriculum import supervision_words as words
from curriculum.errors import NotThere
from curriculum.facts import FOLDABLE, TIMED, URGENT, Facts, NotWanted
from curriculum.people import ACTIVE, Speaker
from curriculum.supervision_held_groups import unwritten_of
from curriculum.supervision_words import TAKE_BACK, Now, Told
from storage import deliveries
from storage import gatherings as names
from storage import supervision_groups as stored
from storage.people import Person
from storage.supervision_groups import COMING, DECLINED, PLANNED, SupervisionGroup

GROUP, GROUP_CARD = "supervision_group", "supervision_group_card"
GROUP_ANSWER, GROUP_HINT = "supervision_group_answer", "supervision_group_hint"
REMINDED_BEFORE, NEAR = timedelta(hours=1), timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class GroupView:
    """A session with several as somebody in it sees it; names only for its supervisor.

    `answer` is the reader's own seat, "" for the supervisor.
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


def view(session: Session, group_id: int, reader_id: int, *, now: datetime) -> GroupView:
    """A session with several as its supervisor or one of the invited sees it; raises NotThere."""
    found, seats = stored.group(session, group_id), stored.seats(session, group_id)
    own = next((seat.state for seat in seats if seat.worker_id == reader_id), "")
    if found is None or (found.supervisor_id != reader_id and not own):
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
        answer="" if accompanies else own,
        invited=len(seats),
        names=named(),
        coming=named(COMING),
        declined=named(DECLINED),
        has_begun=found.starts_at <= now,
        version=found.version,
        changed_at=found.changed_at,
    )


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


def is_told(session: Session, group: SupervisionGroup) -> bool:
    """Whether anybody has heard of its last change."""
    return words.is_told(session, GROUP, _name(group))


def owe_all(
    session: Session, group: SupervisionGroup, workers: Iterable[int], *, now: datetime
) -> None:
    """Tell the invited how it stands, a minute from now; urgently within a day of it."""
    is_near = group.starts_at - now < NEAR
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
            not_after=group.starts_at,
            now=now,
        )


def owe_cards(
    session: Session, group: SupervisionGroup, workers: Iterable[int], *, now: datetime
) -> None:
    """Owe the message an hour before to everybody, the supervisor too."""
    for person_id in (group.supervisor_id, *workers):
        words.owe(
            session,
            GROUP_CARD,
            person_id,
            bot=group.bot,
            occasion=f"{group.id}:{group.moves}",
            subject_id=group.id,
            urgency=TIMED,
            due_at=max(now, group.starts_at - REMINDED_BEFORE),
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


def owe_hint(session: Session, supervisor_id: int, month: date, *, bot: int, now: datetime) -> None:
    """Tell a supervisor that several could meet together, once for a month."""
    words.owe(
        session,
        GROUP_HINT,
        supervisor_id,
        bot=bot,
        occasion=f"{supervisor_id}:{month.isoformat()}",
        subject_id=supervisor_id,
        urgency=FOLDABLE,
        due_at=now + TAKE_BACK,
        now=now,
    )


def drop_hint(session: Session, supervisor_id: int, month: date) -> bool:
    """Whether a suggestion could be taken back, because she has not heard of it yet."""
    occasion = f"{supervisor_id}:{month.isoformat()}"
    return bool(deliveries.take_out(session, kind=GROUP_HINT, occasion=occasion))


def _changed(at: Now) -> Facts | NotWanted:
    found = stored.group(at.session, at.row.subject_id or 0)
    if found is None or _name(found) != at.row.occasion:
        return NotWanted("group_changed")
    return at.facts(view=view(at.session, found.id or 0, at.reader.person_id, now=at.now))


def _card(at: Now) -> Facts | NotWanted:
    found = stored.group(at.session, at.row.subject_id or 0)
    if found is None or found.state != PLANNED or f"{found.id}:{found.moves}" != at.row.occasion:
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


NOTICES = (Told(GROUP, _changed), Told(GROUP_CARD, _card), Told(GROUP_ANSWER, _answered))
