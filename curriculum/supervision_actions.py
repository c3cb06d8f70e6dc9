"""Actions of supervision come back: listed, done with one tap, put off, dropped, and all undone."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session

from curriculum.errors import ChangedMeanwhile, NotThere
from curriculum.list_words import Sought, day_texts, sought
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.supervision_actions_written import AHEAD
from curriculum.supervision_errors import RecordDateNotClear, SupervisionUndoTooLate
from curriculum.supervision_texts import words_of
from curriculum.supervision_words import UNDO, pair_with
from storage import audit
from storage import gatherings as names
from storage import supervision_records as stored
from storage.sealed import NoteKey
from storage.supervision_records import DONE, DROPPED, OPEN, SupervisionAction


@dataclass(frozen=True, slots=True)
class ActionView:
    """An action as somebody it concerns sees it; `may_undo` her last change of it."""

    action_id: int
    pair_id: int | None
    record_id: int
    name: str
    is_mine: bool
    due_on: date
    state: str
    text: str
    version: int
    may_undo: bool


def _readable(
    session: Session, speaker: Speaker, action_id: int, *, lock: bool = False
) -> SupervisionAction:
    """An action of hers, or of somebody she accompanies or is accompanied by; raises NotThere."""
    row = stored.action(session, action_id, lock=lock)
    if row is None or row.bot != speaker.bot or speaker.deputy_id is not None:
        raise NotThere
    if row.owner_id == speaker.person_id:
        return row
    record = stored.record(session, row.record_id)
    if record is not None and record.supervisor_id == speaker.person_id:
        return row
    if row.pair_id is None:
        raise NotThere
    pair_with(session, speaker.person_id, row.pair_id)
    return row


def view(
    session: Session, speaker: Speaker, action_id: int, *, note_key: NoteKey, now: datetime
) -> ActionView:
    """One action; raises NotThere."""
    return _view(session, speaker, _readable(session, speaker, action_id), note_key, now=now)


def _view(
    session: Session, speaker: Speaker, row: SupervisionAction, note_key: NoteKey, *, now: datetime
) -> ActionView:
    is_hers = row.before is not None and row.changed_by == speaker.person_id
    return ActionView(
        row.id or 0,
        row.pair_id,
        row.record_id,
        names.names_of(session, [row.owner_id]).get(row.owner_id, ""),
        row.owner_id == speaker.person_id,
        row.due_on,
        row.state,
        words_of(row, note_key),
        row.version,
        is_hers and now - row.changed_at <= UNDO,
    )


def open_of_pair(
    session: Session,
    speaker: Speaker,
    pair_id: int,
    *,
    words: str = "",
    page: int = 0,
    note_key: NoteKey,
    now: datetime,
) -> Sought[ActionView]:
    """One page of what the two of a pair have still to do, the first due first.

    `words` in whose it is, what is to be done, or the day. Raises NotThere, SearchTooLong.
    """
    if speaker.deputy_id is not None:
        raise NotThere
    pair_with(session, speaker.person_id, pair_id)
    rows = stored.actions_of_pair(session, pair_id)
    every = [_view(session, speaker, row, note_key, now=now) for row in rows]
    return sought(every, words, lambda one: (one.name, one.text, *day_texts(one.due_on)), page=page)


def _change(
    session: Session,
    speaker: Speaker,
    action_id: int,
    verb: str,
    change: Callable[[SupervisionAction], None],
    *,
    seen: int,
    now: datetime,
) -> None:
    row = _readable(session, speaker, action_id, lock=True)
    if row.version != seen or row.state != OPEN:
        raise ChangedMeanwhile
    row.before = {"due_on": row.due_on.isoformat(), "state": row.state}
    change(row)
    _changed(session, speaker, row, verb, now=now)


def _changed(
    session: Session, speaker: Speaker, row: SupervisionAction, verb: str, *, now: datetime
) -> None:
    row.version += 1
    row.changed_by, row.changed_at = speaker.person_id, now
    session.add(row)
    session.flush()
    audit.add(
        session,
        at=now,
        actor_id=speaker.person_id,
        action=verb,
        object_kind="supervision_action",
        object_id=row.id,
        pair=row.pair_id,
        state=row.state,
        due_on=row.due_on.isoformat(),
    )


def settle(
    session: Session, speaker: Speaker, action_id: int, state: str, *, seen: int, now: datetime
) -> None:
    """做完了 or 不做了; raises NotThere, ChangedMeanwhile."""
    if state not in (DONE, DROPPED):
        raise NotThere

    def change(row: SupervisionAction) -> None:
        row.state = state

    verb = "finish_supervision_action" if state == DONE else "drop_supervision_action"
    _change(session, speaker, action_id, verb, change, seen=seen, now=now)


def usable_date(day: date, *, today: date) -> date:
    """A date to which an action can be put off; raises RecordDateNotClear."""
    if not today <= day <= today + AHEAD:
        raise RecordDateNotClear
    return day


def move(
    session: Session, speaker: Speaker, action_id: int, due_on: date, *, seen: int, now: datetime
) -> None:
    """改时间; raises NotThere, ChangedMeanwhile, RecordDateNotClear."""
    due_on = usable_date(due_on, today=local_date(now, ZONE))

    def change(row: SupervisionAction) -> None:
        row.due_on = due_on

    _change(session, speaker, action_id, "move_supervision_action", change, seen=seen, now=now)


def take_back(
    session: Session, speaker: Speaker, action_id: int, *, seen: int, now: datetime
) -> None:
    """撤销 of her last change, for ten minutes.

    Raises NotThere, ChangedMeanwhile, SupervisionUndoTooLate.
    """
    row = _readable(session, speaker, action_id, lock=True)
    if row.changed_by != speaker.person_id or row.before is None:
        raise NotThere
    if row.version != seen:
        raise ChangedMeanwhile
    if now - row.changed_at > UNDO:
        raise SupervisionUndoTooLate(minutes=UNDO // timedelta(minutes=1))
    row.due_on, row.state = date.fromisoformat(row.before["due_on"]), row.before["state"]
    row.before = None
    _changed(session, speaker, row, "undo_supervision_action", now=now)
