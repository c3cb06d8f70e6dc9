"""Folding: a notice becomes a line of the lesson that its reader gets next."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from curriculum import daily_lesson
from curriculum.facts import FOLDABLE, Facts, NotWanted, Verdict
from scheduler import planner
from scheduler.attention import LESSONS
from storage import folding
from storage.deliveries import Claimed

LESSON = daily_lesson.KIND
# A lesson further away than this is not waited for.
WITHIN = timedelta(hours=24)
# More lines would bury the lesson; the others go on their own, silently.
MOST_LINES = 3

Ask = Callable[[Sequence[Claimed]], Mapping[int, Verdict]]


def line_of(facts: Facts) -> Facts | None:
    """What a notice's line says, where its kind has a `line` and this message can be one."""
    for kind in planner.KINDS:
        if facts.kind == kind.KIND:
            line = getattr(kind, "line", None)
            values: Mapping[str, Any] | None = line(facts) if line is not None else None
            return None if values is None else replace(facts, values=values)
    return None


def fold(
    session: Session,
    claimed: Sequence[Claimed],
    verdicts: Mapping[int, Verdict],
    *,
    now: datetime,
) -> set[int]:
    """Fold what can be folded of a claimed batch, in two statements; returns which those are."""
    notices = [row.id for row in claimed if _can_be_line(row, verdicts.get(row.id))]
    if not notices:
        return set()
    lessons = [row.id for row in claimed if _says_lines(row, verdicts.get(row.id))]
    into = folding.lessons_ahead(
        session, notices, kind=LESSON, in_hand=lessons, now=now, within=WITHIN
    )
    folding.fold(session, into)
    return set(into)


def _can_be_line(row: Claimed, verdict: Verdict | None) -> bool:
    return (
        row.urgency == FOLDABLE
        and row.kind not in LESSONS
        and row.person_id is not None
        # One that was folded before and let go again goes on its own.
        and row.folded_into is None
        and row.parts_sent == 0
        and isinstance(verdict, Facts)
        and line_of(verdict) is not None
    )


def _says_lines(row: Claimed, verdict: Verdict | None) -> bool:
    return row.kind == LESSON and row.person_id is not None and isinstance(verdict, Facts)


def with_lines(
    session: Session, claimed: Sequence[Claimed], verdicts: Mapping[int, Verdict], ask: Ask
) -> dict[int, Verdict]:
    """The verdicts of what was folded into claimed lessons, and those lessons with their lines.

    The notices are asked again, once for all lessons: what is not wanted any more is not said, and
    what cannot be said now is left to go on its own when the lesson is gone.
    """
    lessons = [row.id for row in claimed if _says_lines(row, verdicts.get(row.id))]
    notices = folding.folded(session, lessons) if lessons else []
    if not notices:
        return {}
    asked = ask(notices)
    found: dict[int, Verdict] = {
        row.id: verdict for row in notices if isinstance(verdict := asked.get(row.id), NotWanted)
    }
    lines: dict[int, list[tuple[int, Facts]]] = {}
    for row in notices:
        verdict = asked.get(row.id)
        line = line_of(verdict) if isinstance(verdict, Facts) else None
        own = lines.setdefault(row.folded_into or 0, [])
        if line is not None and len(own) < MOST_LINES:
            own.append((row.id, line))
    for lesson_id, own in lines.items():
        lesson = verdicts[lesson_id]
        if own and isinstance(lesson, Facts):
            found[lesson_id] = _saying(lesson, own)
    return found


def _saying(lesson: Facts, lines: Sequence[tuple[int, Facts]]) -> Facts:
    keys = "/".join(line.content_key for _, line in lines)
    return replace(
        lesson,
        content_key=f"{lesson.content_key}/lines/{keys}",
        values=dict(lesson.values) | {"footers": tuple(line for _, line in lines)},
        folded=tuple(notice_id for notice_id, _ in lines),
    )
