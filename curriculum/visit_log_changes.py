"""An entry of a visit's log changed by whoever wrote it: words, day, who reads it, the summary."""

from datetime import date, datetime

from sqlmodel import Session

from curriculum.errors import NotThere
from curriculum.people import Speaker
from curriculum.visit_access import days_so_far, report_of, standing, usable
from curriculum.visit_log import LIMITS, UNDO, EntryView, is_hers, note, require_room, view
from curriculum.visit_log_errors import VisitUndoTooLate
from storage import visit_logs as logs
from storage.visit_logs import FELLOWS, NAMED, NO, OWN, UNNAMED, Entry


def _to_change(session: Session, speaker: Speaker, entry_id: int) -> Entry:
    found = logs.entry(session, entry_id, lock=True)
    if found is None or not is_hers(session, speaker, found):
        raise NotThere
    return found


def change(
    session: Session, speaker: Speaker, entry_id: int, text: str, *, now: datetime
) -> EntryView:
    """Other words for an entry of hers; what stood there can be had back for ten minutes.

    Raises NotThere, VisitWordsNotUsable.
    """
    found = _to_change(session, speaker, entry_id)
    if found.log.dropped_at is not None:
        raise NotThere
    new = usable(text, LIMITS[found.log.kind])
    found.log.before, found.log.text, found.log.changed_at = found.log.text, new, now
    if found.log.summary != NO:
        _take_back(session, found.log.visit_id, now=now)
    note(session, found.log, "change_visit_log", speaker, now)
    return view(session, found, speaker, now=now)


def move(
    session: Session, speaker: Speaker, entry_id: int, day: date, *, now: datetime
) -> EntryView:
    """Another day for an entry of hers, of those that have begun; moved back the same way.

    Raises NotThere, VisitLogFull.
    """
    found = _to_change(session, speaker, entry_id)
    visit = standing(session, speaker, found.log.visit_id).visit
    if found.log.dropped_at is not None or day not in days_so_far(visit, now=now):
        raise NotThere
    if day != found.log.day:
        require_room(session, found.log.line_id, day)
        found.log.day = day
        note(session, found.log, "move_visit_log", speaker, now, day=day.isoformat())
    return view(session, found, speaker, now=now)


def drop(session: Session, speaker: Speaker, entry_id: int, *, now: datetime) -> EntryView:
    """删除: gone for everybody, and for ten minutes to be had back; raises NotThere."""
    found = _to_change(session, speaker, entry_id)
    if found.log.dropped_at is None:
        found.log.dropped_at = now
        if found.log.summary != NO:
            _take_back(session, found.log.visit_id, now=now)
        note(session, found.log, "drop_visit_log", speaker, now)
    return view(session, found, speaker, now=now)


def undo(session: Session, speaker: Speaker, entry_id: int, *, now: datetime) -> EntryView:
    """撤销 of the last change or of 删除; raises NotThere, VisitUndoTooLate."""
    found = _to_change(session, speaker, entry_id)
    log, last = found.log, found.log.dropped_at or found.log.changed_at
    if last is None or now - last >= UNDO:
        raise VisitUndoTooLate(minutes=UNDO.seconds // 60)
    if log.dropped_at is not None:
        log.dropped_at = None
    elif log.before is not None:
        log.text, log.before, log.changed_at = log.before, None, None
    note(session, log, "undo_visit_log", speaker, now)
    return view(session, found, speaker, now=now)


def share(
    session: Session, speaker: Speaker, entry_id: int, sharing: str, *, now: datetime
) -> EntryView:
    """自己看 or 同行可看; what she keeps to herself is in no summary. Raises NotThere."""
    found = _to_change(session, speaker, entry_id)
    # What somebody told to be written down is known to whoever wrote it.
    is_own = found.person_id == speaker.person_id
    if sharing not in (OWN, FELLOWS) or found.log.dropped_at is not None or not is_own:
        raise NotThere
    found.log.sharing = sharing
    if sharing == OWN and found.log.summary != NO:
        found.log.summary = NO
        _take_back(session, found.log.visit_id, now=now)
    note(session, found.log, "share_visit_log", speaker, now, sharing=sharing)
    return view(session, found, speaker, now=now)


def allow(
    session: Session, speaker: Speaker, entry_id: int, summary: str, *, now: datetime
) -> EntryView:
    """Whether the summary may hold it, with or without the name; raises NotThere.

    Whatever it may hold, who travelled may read.
    """
    found = _to_change(session, speaker, entry_id)
    if summary not in (NO, UNNAMED, NAMED) or found.log.dropped_at is not None:
        raise NotThere
    if found.log.summary not in (NO, summary):
        _take_back(session, found.log.visit_id, now=now)
    found.log.summary = summary
    if summary != NO:
        found.log.sharing = FELLOWS
    note(session, found.log, "allow_visit_log", speaker, now, summary=summary)
    return view(session, found, speaker, now=now)


def _take_back(session: Session, visit_id: int, *, now: datetime) -> None:
    """A summary that was written with these words is to be written anew."""
    report = report_of(session, visit_id, lock=True)
    report.taken_back_at = now
    session.add(report)
