"""参观日志: what each traveller keeps of each day, who may read it, what the summary may hold.

An entry is its author's: she says who reads it and whether it may be named. Whoever arranges the
visit writes one down for somebody without a chat.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session

from curriculum.errors import NotThere
from curriculum.list_words import Sought, day_texts, sought
from curriculum.people import Speaker
from curriculum.visit_access import (
    EXPECTED,
    PAGE,
    arranged,
    arranges,
    days_so_far,
    fellow,
    standing,
    usable,
    write_down,
)
from curriculum.visit_log_errors import (
    VisitFileTooLarge,
    VisitLogFull,
    VisitNotBegun,
    VisitTooManyPictures,
)
from storage import visit_logs as logs
from storage import visits as stored
from storage.visit_logs import (
    FELLOWS,
    NAMED,
    NO,
    OWN,
    PICTURE,
    TEXT,
    UNNAMED,
    VOICE,
    Entry,
    VisitLog,
)
from storage.visits import ExchangeVisit, VisitPerson

__all__ = ["FELLOWS", "NAMED", "NO", "OWN", "PICTURE", "TEXT", "UNNAMED", "VOICE"]
KINDS = (TEXT, PICTURE, VOICE)
LIMITS = {TEXT: 1000, PICTURE: 200, VOICE: 200}
# What one entry holds at most: of pictures as many as Telegram puts into an album.
FILE_BYTES, MOST_FILES = 10 * 1024 * 1024, 10
A_DAY = 20
UNDO = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class EntryView:
    """One entry as somebody who may read it sees it; what can be undone is said for her alone."""

    entry_id: int
    visit_id: int
    day: date
    kind: str
    text: str
    # Telegram's names of its files, of an album's pictures each; bytes of all, seconds of a voice.
    files: tuple[str, ...]
    size: int
    seconds: int
    author: str
    sharing: str
    summary: str
    is_mine: bool
    # Where it was written down for her by whoever sees it.
    is_entered: bool
    is_dropped: bool
    can_undo: bool


@dataclass(frozen=True, slots=True)
class LogPage:
    """One page of the entries somebody may read, all or those that hold the `words`."""

    visit_id: int
    title: str
    lines: tuple[EntryView, ...]
    page: int
    pages: int
    count: int = 0
    words: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """What is to be kept: the words, and the files they are about.

    `files` are Telegram's names, `size` the bytes of all, `seconds` how long a recording is.
    """

    kind: str
    text: str
    files: tuple[str, ...] = ()
    size: int = 0
    seconds: int = 0


def days_to_write(
    session: Session, speaker: Speaker, visit_id: int, *, now: datetime
) -> list[date]:
    """The days she may write of, the last first; raises NotThere, VisitNotBegun."""
    found = standing(session, speaker, visit_id)
    days = days_so_far(found.visit, now=now)
    if not days:
        raise VisitNotBegun(day=found.visit.starts_on)
    return days[::-1]


def without_chat(
    session: Session, speaker: Speaker, visit_id: int, *, words: str = "", page: int = 0
) -> Sought[VisitPerson]:
    """One page of who travels without a chat, for whom she may write; `words` in name or unit.

    Raises NotThere for who does not arrange the visit, SearchTooLong.
    """
    visit = arranged(session, speaker, visit_id)
    people = stored.people(session, visit_id, EXPECTED)
    known = [one.person_id for one in people if one.person_id is not None]
    reached = logs.with_chat(session, known, bot=visit.bot)
    found = [one for one in people if one.person_id not in reached]
    return sought(found, words, lambda one: (one.name, one.unit_name), page=page, size=PAGE)


def name_of(session: Session, speaker: Speaker, visit_id: int, line_id: int) -> str:
    """Who it is that she may write for; raises NotThere."""
    return _author(session, speaker, visit_id, line_id)[1].name


def check_files(words: Words) -> None:
    """Raise VisitFileTooLarge for more bytes than a log takes, VisitTooManyPictures."""
    if len(words.files) > MOST_FILES:
        raise VisitTooManyPictures(limit=MOST_FILES)
    if words.size > FILE_BYTES:
        raise VisitFileTooLarge(limit=FILE_BYTES // 1024 // 1024)


def write(
    session: Session,
    speaker: Speaker,
    visit_id: int,
    day: date,
    words: Words,
    *,
    line_id: int = 0,
    now: datetime,
) -> EntryView:
    """Keep one entry, hers or (`line_id`) that of somebody without a chat, open to fellows.

    Raises NotThere, VisitNotBegun, VisitWordsNotUsable, VisitFileTooLarge, VisitTooManyPictures,
    VisitLogFull.
    """
    visit, line = _author(session, speaker, visit_id, line_id)
    if day not in days_so_far(visit, now=now) or words.kind not in KINDS:
        raise NotThere
    check_files(words)
    require_room(session, line.id or 0, day)
    entry = VisitLog(
        visit_id=visit_id,
        line_id=line.id or 0,
        day=day,
        kind=words.kind,
        text=usable(words.text, LIMITS[words.kind]),
        file_id=next(iter(words.files), ""),
        more_files=list(words.files[1:]),
        size=words.size,
        seconds=words.seconds,
        sharing=FELLOWS,
        summary=NO,
        entered_by=speaker.person_id if line_id else None,
        written_at=now,
    )
    session.add(entry)
    session.flush()
    note(session, entry, "write_visit_log", speaker, now, day=day.isoformat())
    return view(session, Entry(entry, line.person_id, line.name), speaker, now=now)


def require_room(session: Session, line_id: int, day: date) -> None:
    """Raise VisitLogFull where somebody has as many entries of a day as one may have."""
    if logs.count_of(session, line_id, day) >= A_DAY:
        raise VisitLogFull(limit=A_DAY)


def _author(
    session: Session, speaker: Speaker, visit_id: int, line_id: int
) -> tuple[ExchangeVisit, VisitPerson]:
    """Whose entry it becomes: hers, or of somebody without a chat whom she may write for."""
    if not line_id:
        return fellow(session, speaker, visit_id)
    visit = arranged(session, speaker, visit_id)
    line = stored.line(session, line_id)
    if line is None or line.visit_id != visit_id or line.state not in EXPECTED:
        raise NotThere
    if line.person_id is not None and logs.with_chat(session, [line.person_id], bot=visit.bot):
        raise NotThere
    return visit, line


def listed(
    session: Session,
    speaker: Speaker,
    visit_id: int,
    *,
    words: str = "",
    page: int,
    now: datetime,
) -> LogPage:
    """One page of what she may read of a visit; `words` in who wrote, what, or the day.

    Raises NotThere, SearchTooLong.
    """
    found = standing(session, speaker, visit_id)
    rows = logs.entries(session, visit_id, reader=found.line_id)
    shown = sought(rows, words, _texts, page=page, size=PAGE)
    lines = tuple(view(session, one, speaker, now=now) for one in shown.lines)
    return LogPage(
        visit_id, found.visit.title, lines, shown.page, shown.pages, shown.count, shown.words
    )


def _texts(one: Entry) -> tuple[str, ...]:
    return (one.name, one.log.text, *day_texts(one.log.day))


def read(session: Session, speaker: Speaker, entry_id: int, *, now: datetime) -> EntryView:
    """One entry she may read; raises NotThere."""
    found = logs.entry(session, entry_id)
    if found is None or not _may_read(session, speaker, found):
        raise NotThere
    return view(session, found, speaker, now=now)


def _may_read(session: Session, speaker: Speaker, found: Entry) -> bool:
    if is_hers(session, speaker, found):
        return True
    standing(session, speaker, found.log.visit_id)
    return found.log.sharing == FELLOWS and found.log.dropped_at is None


def is_hers(session: Session, speaker: Speaker, found: Entry) -> bool:
    """Whether it is her own, or was written down for somebody without a chat by who arranges it."""
    if found.person_id == speaker.person_id:
        return True
    visit = stored.visit(session, found.log.visit_id, bot=speaker.bot)
    if visit is None or found.log.entered_by is None:
        return False
    return arranges(session, speaker, visit)


def view(session: Session, found: Entry, speaker: Speaker, *, now: datetime) -> EntryView:
    """An entry as plain values."""
    log, is_mine = found.log, is_hers(session, speaker, found)
    last = log.dropped_at or log.changed_at
    return EntryView(
        entry_id=log.id or 0,
        visit_id=log.visit_id,
        day=log.day,
        kind=log.kind,
        text=log.text,
        files=(log.file_id, *log.more_files) if log.file_id else (),
        size=log.size,
        seconds=log.seconds,
        author=found.name,
        sharing=log.sharing,
        summary=log.summary,
        is_mine=is_mine,
        is_entered=is_mine and found.person_id != speaker.person_id,
        is_dropped=log.dropped_at is not None,
        can_undo=is_mine and last is not None and now - last < UNDO,
    )


def note(
    session: Session,
    log: VisitLog,
    action: str,
    speaker: Speaker,
    now: datetime,
    **facts: str,
) -> None:
    """Store a change of an entry and write it to the audit trail."""
    session.add(log)
    session.flush()
    facts_of: Mapping[str, int | str | None] = {"entry": log.id, "kind": log.kind, **facts}
    write_down(session, log.visit_id, action, actor_id=speaker.person_id, now=now, **facts_of)
