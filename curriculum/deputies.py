"""外出: a coordinator or supervisor is away for some days, and somebody stands in for her.

The deputy has the same rights in the same units while it lasts, by the roles that the other holds
herself (storage.speakers reads them at every tap), and no day longer. Every change is written
down, told to whom it concerns, and can be taken back for ten minutes by whoever made it.
"""

from datetime import date, datetime

from sqlmodel import Session

from curriculum import deputy_choice, deputy_words
from curriculum.deputy_errors import AwayUndoOver
from curriculum.deputy_pages import AGREES, is_concerned
from curriculum.errors import ChangedMeanwhile, NotThere
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.second_thoughts import UNDO
from storage import audit, staffing
from storage import deputies as stored
from storage.deputies import (
    AGREED,
    ALONE,
    DECLINED,
    NAMED,
    PROPOSED,
    REFUSED,
    STANDS,
    TAKEN_BACK,
    Deputy,
)


def set_away(
    session: Session,
    speaker: Speaker,
    *,
    since: date,
    back: date,
    deputy_id: int | None,
    now: datetime,
) -> int:
    """She is away from `since` until `back`, her first day again; gives the id of what was stored.

    Raises AwayNotClear, NobodyToAgree, NotThere, and ChangedMeanwhile where she has one already.
    """
    row = new_absence(session, speaker, since=since, back=back, now=now)
    return begin(session, speaker, row, deputy_id, of=speaker, action="set_away", now=now)


def new_absence(
    session: Session, absent: Speaker, *, since: date, back: date, now: datetime
) -> Deputy:
    """An absence not stored yet; raises AwayNotClear, NotThere, ChangedMeanwhile as above."""
    today = local_date(now, ZONE)
    staffing.locked_person(session, absent.person_id)
    deputy_choice.taken_over(session, absent, now=now)
    deputy_choice.require_dates(since, back, today=today)
    if stored.present_or_coming(session, absent.person_id, on=today) is not None:
        raise ChangedMeanwhile
    return Deputy(
        bot=absent.bot,
        person_id=absent.person_id,
        away_since=since,
        since=since,
        until=back,
        state=ALONE,
        set_at=now,
        changed_by=absent.person_id,
        changed_at=now,
    )


def change_deputy(
    session: Session, speaker: Speaker, row_id: int, *, deputy_id: int | None, now: datetime
) -> int:
    """换人: somebody else stands in for the rest of her absence; raises as `set_away`."""
    old = _own(session, speaker, row_id, now=now)
    today = local_date(now, ZONE)
    row = Deputy(
        bot=speaker.bot,
        person_id=speaker.person_id,
        away_since=old.away_since,
        since=max(old.since, today),
        until=old.until,
        state=ALONE,
        set_at=now,
        changed_by=speaker.person_id,
        changed_at=now,
        replaces_id=old.id,
    )
    _change(session, old, speaker, until=row.since, now=now)
    made = begin(session, speaker, row, deputy_id, of=speaker, action="change_deputy", now=now)
    _tell_others(session, old, speaker, now=now)
    return made


def begin(
    session: Session,
    speaker: Speaker,
    row: Deputy,
    deputy_id: int | None,
    *,
    of: Speaker,
    action: str,
    now: datetime,
) -> int:
    """Store a new row with its deputy, who is told, or with those who are asked to agree.

    `of` is whoever is away; where another sets it, that is one of those who could agree.
    """
    asked: list[int] = []
    if deputy_id is not None:
        asked = deputy_choice.needs_agreement(
            session, of, deputy_id, since=row.since, back=row.until, now=now
        )
        if speaker.person_id not in (of.person_id, deputy_id):
            asked = []
        row.deputy_id, row.state = deputy_id, PROPOSED if asked else NAMED
    session.add(row)
    session.flush()
    _write_down(session, row, speaker, action, now=now)
    if deputy_id is not None:
        deputy_words.tell(session, row, asked or [deputy_id], now=now)
    deputy_words.owe_handovers(session, row, now=now)
    return row.id or 0


def come_back(session: Session, speaker: Speaker, row_id: int, *, now: datetime) -> None:
    """我回来了, or 取消外出 before it began: over at once, and the deputy hears of it."""
    end(session, speaker, _own(session, speaker, row_id, now=now), now=now)


def end(session: Session, speaker: Speaker, row: Deputy, *, now: datetime) -> None:
    """End an absence today, or take back one that has not begun; the others are told."""
    today = local_date(now, ZONE)
    if row.away_since > today:
        _change(session, row, speaker, state=TAKEN_BACK, now=now)
    else:
        _change(session, row, speaker, until=max(row.since, today), now=now)
        deputy_words.owe_handovers(session, row, now=now)
    _write_down(session, row, speaker, "end_away", now=now)
    _tell_others(session, row, speaker, now=now)


def answer(session: Session, speaker: Speaker, row_id: int, *, yes: bool, now: datetime) -> None:
    """好的 or 不方便 of the deputy, who may say no on any day; the other is told.

    Raises NotThere for anybody else, ChangedMeanwhile when she is not the deputy any more.
    """
    row = stored.locked(session, row_id)
    if row is None or row.deputy_id != speaker.person_id:
        raise NotThere
    if row.state not in STANDS or row.until <= local_date(now, ZONE):
        raise ChangedMeanwhile
    if yes and row.state == AGREED:
        return
    _change(session, row, speaker, state=AGREED if yes else DECLINED, now=now)
    _write_down(session, row, speaker, "agree_deputy" if yes else "decline_deputy", now=now)
    _tell_others(session, row, speaker, now=now)


def decide(session: Session, speaker: Speaker, row_id: int, *, yes: bool, now: datetime) -> None:
    """同意 or 不同意 of a coordinator to a deputy who was proposed; the first word counts.

    Raises NotThere for anybody else, ChangedMeanwhile when it is decided already.
    """
    row = stored.locked(session, row_id)
    if row is None or speaker.person_id in (row.person_id, row.deputy_id):
        raise NotThere
    roles = stored.roles_taken_over(session, row.person_id, on=local_date(now, ZONE))
    for _, path in roles:
        speaker.require(AGREES, unit_path=path)
    if not roles or row.state != PROPOSED or row.until <= local_date(now, ZONE):
        raise ChangedMeanwhile
    _change(session, row, speaker, state=NAMED if yes else REFUSED, now=now)
    _write_down(session, row, speaker, "approve_deputy" if yes else "refuse_deputy", now=now)
    deputy_words.owe_handovers(session, row, now=now)
    _tell_others(session, row, speaker, now=now)


def undo(session: Session, speaker: Speaker, row_id: int, *, now: datetime) -> None:
    """撤销: take back one's own last change, while nothing came after it; all others are told.

    Raises NotThere for what is not hers, AwayUndoOver after ten minutes.
    """
    row = stored.locked(session, row_id)
    if row is None or not is_concerned(session, speaker, row, now=now):
        raise NotThere
    if row.changed_by != speaker.person_id or now - row.changed_at > UNDO:
        raise AwayUndoOver(minutes=UNDO.seconds // 60)
    before = row.before
    if before:
        row.state, row.until = before["state"], date.fromisoformat(before["until"])
    else:
        row.state = TAKEN_BACK
        _restore(session, row, now=now)
    row.before, row.changed_by, row.changed_at = {}, None, now
    session.add(row)
    session.flush()
    _write_down(session, row, speaker, "undo_away", now=now)
    _tell_others(session, row, speaker, now=now)


def _restore(session: Session, row: Deputy, *, now: datetime) -> None:
    """Give the row that one took the place of its end back."""
    old = stored.locked(session, row.replaces_id) if row.replaces_id is not None else None
    if old is not None:
        old.until, old.before, old.changed_by, old.changed_at = row.until, {}, None, now
        session.add(old)
        session.flush()
        if old.state in STANDS and old.deputy_id is not None:
            deputy_words.tell(session, old, [old.deputy_id], now=now)


def _own(session: Session, speaker: Speaker, row_id: int, *, now: datetime) -> Deputy:
    """Her own absence, locked, as long as it lasts; NotThere, ChangedMeanwhile."""
    row = stored.locked(session, row_id)
    if row is None or row.person_id != speaker.person_id:
        raise NotThere
    newest = stored.present_or_coming(session, speaker.person_id, on=local_date(now, ZONE))
    if newest is None or newest.id != row.id:
        raise ChangedMeanwhile
    return row


def _change(
    session: Session,
    row: Deputy,
    speaker: Speaker,
    *,
    state: str | None = None,
    until: date | None = None,
    now: datetime,
) -> None:
    row.before = {"state": row.state, "until": row.until.isoformat()}
    row.state, row.until = state or row.state, until or row.until
    row.changed_by, row.changed_at = speaker.person_id, now
    session.add(row)
    session.flush()


def _tell_others(session: Session, row: Deputy, speaker: Speaker, *, now: datetime) -> None:
    """Tell whoever is away and her deputy, but for the one who did it."""
    concerned = {row.person_id, row.deputy_id or row.person_id} - {speaker.person_id}
    deputy_words.tell(session, row, concerned, now=now)


def _write_down(
    session: Session, row: Deputy, speaker: Speaker, action: str, *, now: datetime
) -> None:
    audit.add(
        session,
        at=now,
        actor_id=speaker.person_id,
        action=action,
        object_kind="deputy",
        object_id=row.id,
        person=row.person_id,
        deputy=row.deputy_id,
        since=row.since.isoformat(),
        until=row.until.isoformat(),
    )
