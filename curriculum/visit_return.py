"""带回来的: what somebody brought home from a visit, in three parts or at once, saved part by part.

It is hers: she says who reads it, whether the summary may hold it, and whether it becomes a story.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from curriculum.errors import ChangedMeanwhile, NotThere
from curriculum.list_words import sought
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.visit_access import PAGE, fellow, report_of, standing, usable, write_down
from curriculum.visit_log_errors import VisitNotOver
from storage import story_sources
from storage import visit_logs as logs
from storage.visit_logs import FELLOWS, NAMED, NO, OWN, UNNAMED, VisitReturn
from storage.visits import VisitPerson

# 看到了什么, 我们能用什么, 第一步.
PARTS = SAW, USE, FIRST_STEP = "saw", "use", "first_step"
WHOLE = "whole"
LIMITS = dict.fromkeys(PARTS, 600) | {WHOLE: 2000}
# How each part may be headed where somebody writes all of it in one message.
_HEADS = {
    SAW: r"看到了?什么|看到的?|what i saw|i saw|saw",
    USE: r"我们能用(?:什么|的)?|能用(?:什么|的)?|what we can use|we can use",
    FIRST_STEP: r"第一步|first step|my first step",
}
_HEAD = re.compile(
    r"^\s*(?:\d\s*[.、．)）]\s*)?(?:"
    + "|".join(f"(?P<{name}>{words})" for name, words in _HEADS.items())
    + r")[ \t]*(?:[:：]|$)\s*",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class ReturnView:
    """What somebody brought home; `missing` are the parts with no words yet, in their order."""

    return_id: int
    visit_id: int
    title: str
    author: str
    parts: Mapping[str, str]
    missing: tuple[str, ...]
    sharing: str
    summary: str
    version: int
    is_mine: bool
    # The story that began with it, 0 for none.
    story_id: int

    @property
    def is_written(self) -> bool:
        """Whether there is anything to show."""
        return bool(self.parts)


@dataclass(frozen=True, slots=True)
class ReturnsPage:
    """One page of what others brought home, as (id, name, first words)."""

    visit_id: int
    title: str
    lines: tuple[tuple[int, str, str], ...]
    page: int
    pages: int
    count: int = 0
    words: str = ""


def split(written: str) -> dict[str, str]:
    """The parts of one message, known by their headings; a whole where one lacks or is too long."""
    heads = list(_HEAD.finditer(written))
    found: dict[str, str] = {}
    for place, head in enumerate(heads):
        end = heads[place + 1].start() if place + 1 < len(heads) else len(written)
        words = written[head.end() : end].strip()
        if head.lastgroup is not None and words:
            found.setdefault(head.lastgroup, words)
    is_long = any(len(words) > LIMITS[part] for part, words in found.items())
    if set(found) != set(PARTS) or is_long or written[: heads[0].start()].strip():
        return {WHOLE: written.strip()}
    return found


def missing_in(parts: Mapping[str, str]) -> tuple[str, ...]:
    """The parts that are still to be asked for; none where it was told at once."""
    return () if parts.get(WHOLE) else tuple(part for part in PARTS if not parts.get(part))


def own(session: Session, speaker: Speaker, visit_id: int, *, now: datetime) -> ReturnView:
    """What she brought home so far; raises NotThere, VisitNotOver before the last day is over."""
    visit, line = fellow(session, speaker, visit_id)
    last = visit.ends_on
    # On the last day itself, on the way home, is not too early.
    if local_date(now, ZONE) < last:
        raise VisitNotOver(day=last)
    row = logs.brought(session, line.id or 0) or begun(line, now=now)
    return _view(session, row, line, speaker, visit.title)


def begun(line: VisitPerson, *, now: datetime) -> VisitReturn:
    """What somebody brought home before a word of it is written."""
    return VisitReturn(
        visit_id=line.visit_id,
        line_id=line.id or 0,
        parts={},
        sharing=FELLOWS,
        summary=NO,
        updated_at=now,
    )


def _view(
    session: Session, row: VisitReturn, line: VisitPerson, speaker: Speaker, title: str
) -> ReturnView:
    is_mine = line.person_id == speaker.person_id
    source = (speaker.person_id, story_sources.VISIT, row.id or 0)
    return ReturnView(
        return_id=row.id or 0,
        visit_id=row.visit_id,
        title=title,
        author=line.name,
        parts=dict(row.parts),
        missing=missing_in(row.parts),
        sharing=row.sharing,
        summary=row.summary,
        version=row.version,
        is_mine=is_mine,
        story_id=(story_sources.story_of(session, *source) or 0) if is_mine and row.id else 0,
    )


def save(
    session: Session,
    speaker: Speaker,
    visit_id: int,
    part: str,
    written: str,
    *,
    version: int,
    now: datetime,
) -> ReturnView:
    """Keep one part, or all of it at once, so that nothing is lost; gives it as it stands.

    Raises NotThere, VisitNotOver, VisitWordsNotUsable, and ChangedMeanwhile for other words.
    """
    if part not in LIMITS:
        raise NotThere
    text = usable(written, LIMITS[part])
    before = own(session, speaker, visit_id, now=now)
    visit, line = fellow(session, speaker, visit_id)
    row = logs.brought(session, line.id or 0, lock=True) or begun(line, now=now)
    if row.version != version:
        raise ChangedMeanwhile
    row.parts = split(text) if part == WHOLE else _with(before.parts, part, text)
    if row.summary != NO:
        _take_back(session, visit_id, now=now)
    _note(session, row, speaker, "write_visit_return", now, part=part)
    return _view(session, row, line, speaker, visit.title)


def _with(parts: Mapping[str, str], part: str, text: str) -> dict[str, str]:
    """The parts with this one; what was told at once gives way to it."""
    return {name: words for name, words in parts.items() if name != WHOLE} | {part: text}


def _to_change(
    session: Session, speaker: Speaker, return_id: int
) -> tuple[VisitReturn, VisitPerson, str]:
    found = logs.brought_by_id(session, return_id)
    if found is None or found[1].person_id != speaker.person_id:
        raise NotThere
    visit, line = fellow(session, speaker, found[0].visit_id)
    row = logs.brought(session, line.id or 0, lock=True)
    if row is None:
        raise NotThere
    return row, line, visit.title


def share(
    session: Session, speaker: Speaker, return_id: int, sharing: str, *, now: datetime
) -> ReturnView:
    """自己看 or 同行可看; what she keeps to herself is in no summary. Raises NotThere."""
    row, line, title = _to_change(session, speaker, return_id)
    if sharing not in (OWN, FELLOWS):
        raise NotThere
    row.sharing = sharing
    if sharing == OWN and row.summary != NO:
        row.summary = NO
        _take_back(session, row.visit_id, now=now)
    _note(session, row, speaker, "share_visit_return", now, sharing=sharing)
    return _view(session, row, line, speaker, title)


def allow(
    session: Session, speaker: Speaker, return_id: int, summary: str, *, now: datetime
) -> ReturnView:
    """Whether the summary may hold it, with or without her name; raises NotThere."""
    row, line, title = _to_change(session, speaker, return_id)
    if summary not in (NO, UNNAMED, NAMED):
        raise NotThere
    if row.summary not in (NO, summary):
        _take_back(session, row.visit_id, now=now)
    row.summary = summary
    if summary != NO:
        row.sharing = FELLOWS
    _note(session, row, speaker, "allow_visit_return", now, summary=summary)
    return _view(session, row, line, speaker, title)


def read(session: Session, speaker: Speaker, return_id: int) -> ReturnView:
    """What somebody brought home, for her, her fellows and whoever arranges it; NotThere."""
    found = logs.brought_by_id(session, return_id)
    if found is None:
        raise NotThere
    row, line = found
    standing_there = standing(session, speaker, row.visit_id)
    if line.person_id != speaker.person_id and row.sharing != FELLOWS:
        raise NotThere
    return _view(session, row, line, speaker, standing_there.visit.title)


def listed(
    session: Session, speaker: Speaker, visit_id: int, *, words: str = "", page: int
) -> ReturnsPage:
    """One page of what may be read of it; `words` in who wrote or what.

    Raises NotThere, SearchTooLong.
    """
    found = standing(session, speaker, visit_id)
    rows = [
        (row, line.name)
        for row, line in logs.all_brought(session, visit_id)
        if row.parts and (row.sharing == FELLOWS or line.person_id == speaker.person_id)
    ]
    shown = sought(rows, words, lambda one: (one[1], *one[0].parts.values()), page=page, size=PAGE)
    lines = tuple(
        (row.id or 0, name, next(iter(row.parts.values()), "")) for row, name in shown.lines
    )
    return ReturnsPage(
        visit_id, found.visit.title, lines, shown.page, shown.pages, shown.count, shown.words
    )


def _take_back(session: Session, visit_id: int, *, now: datetime) -> None:
    report = report_of(session, visit_id, lock=True)
    report.taken_back_at = now
    session.add(report)


def _note(
    session: Session, row: VisitReturn, speaker: Speaker, action: str, now: datetime, **facts: str
) -> None:
    row.version += 1
    row.updated_at = now
    session.add(row)
    session.flush()
    write_down(session, row.visit_id, action, actor_id=speaker.person_id, now=now, **facts)
