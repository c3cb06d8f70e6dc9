"""Where good practice shows: minutes, an answer that helped, a lesson put to use, a visit.

A line of minutes, an answer or what was brought home from a visit can be proposed to whoever did
it, by who may read it anyhow. What somebody said of a lesson put to use is hers: she alone can
begin a story from it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from curriculum import gatherings, similar_questions, stories, topics
from curriculum.directory import PAGE, page_of
from curriculum.errors import NotThere
from curriculum.gathering_minutes import DECISION, POINT
from curriculum.people import Speaker
from storage import (
    gathering_people,
    people,
    questions,
    topic_pool,
    used_lessons,
    visit_logs,
    visits,
)
from storage import gatherings as stored
from storage import story_sources as sources
from storage import topics as stored_topics
from storage.columns import LARGEST_ID
from storage.gatherings import Gathering, GatheringPoint
from storage.people import Person, Unit
from storage.sealed import NoteKey
from storage.stories import DECLINED, Story
from storage.story_sources import ANSWER, MINUTES, THEME, USED, VISIT

__all__ = [
    "ANSWER",
    "FROM",
    "MINUTES",
    "THEME",
    "VISIT",
    "Lines",
    "Source",
    "begin_from_used",
    "begin_from_visit",
    "from_answer",
    "from_minutes",
    "from_theme",
    "from_visit",
    "may_propose",
    "minutes",
]


@dataclass(frozen=True, slots=True)
class Source:
    """What is there to be told: its words, and whose it is where that is known (else 0)."""

    kind: str
    source_id: int
    words: str
    person_id: int = 0


@dataclass(frozen=True, slots=True)
class Lines:
    """One page of what minutes say, counted from 0, as (id, text)."""

    gathering_id: int
    lines: tuple[tuple[int, str], ...]
    page: int
    pages: int


def minutes(session: Session, speaker: Speaker, gathering_id: int, *, page: int) -> Lines:
    """The points and decisions of a gathering that she may propose from; raises NotThere."""
    found = gatherings.read(session, gathering_id, bot=speaker.bot)
    _require_reader(session, speaker, found)
    points = [point for point in stored.points(session, gathering_id) if _is_told(point)]
    page, pages = page_of(len(points), page)
    shown = points[page * PAGE : (page + 1) * PAGE]
    return Lines(gathering_id, tuple((point.id or 0, point.text) for point in shown), page, pages)


def _is_told(point: GatheringPoint) -> bool:
    return point.kind in (POINT, DECISION) and bool(point.text)


def _require_reader(session: Session, speaker: Speaker, found: Gathering) -> None:
    """Minutes are for the cohort and whoever leads its sessions."""
    speaker.require("nominate_story")
    learns = gathering_people.learns_in(session, speaker.person_id, found.cohort_id)
    if not learns and not gatherings.leads(session, speaker, found):
        raise NotThere


def from_minutes(session: Session, speaker: Speaker, point_id: int) -> Source:
    """One line of minutes that she may propose from; raises NotThere."""
    point = session.get(GatheringPoint, point_id) if point_id < LARGEST_ID else None
    if point is None or not _is_told(point):
        raise NotThere
    found = gatherings.read(session, point.gathering_id, bot=speaker.bot)
    _require_reader(session, speaker, found)
    return Source(MINUTES, point_id, point.text)


def from_answer(session: Session, speaker: Speaker, question_id: int) -> Source:
    """The answer to a question she may read that helped somebody; raises NotThere.

    It is the practice of whoever gave it, who has to work where she may propose stories. Who said
    that it helped, and how many did, is not told.
    """
    similar_questions.read(session, speaker, question_id)
    answer = questions.answer_of(session, question_id)
    if answer is None or answer.answered_by == speaker.person_id:
        raise NotThere
    unit = people.unit_of(session, answer.answered_by)
    person = session.get(Person, answer.answered_by)
    if unit is None or person is None or person.status != "active":
        raise NotThere
    speaker.require("nominate_story", unit_path=unit.path)
    if not any(questions.feedback(session, answer.id or 0).values()):
        raise NotThere
    return Source(ANSWER, answer.id or 0, answer.text, answer.answered_by)


def from_theme(session: Session, speaker: Speaker, theme_id: int) -> Source:
    """What a month's session answered to a theme, if it helped somebody; raises NotThere.

    For whoever leads that topic; whose practice it was the session knows, and she says it.
    """
    speaker.require("nominate_story")
    standing = stored_topics.of_theme(session, theme_id) if theme_id < LARGEST_ID else None
    if standing is None or standing.topic.bot != speaker.bot:
        raise NotThere
    if not topics.leads(speaker, standing):
        raise NotThere
    kept = stored_topics.answers(session, [theme_id]).get(theme_id)
    if kept is None or not any(one.helped for one in topic_pool.feedback(session, [theme_id])):
        raise NotThere
    return Source(THEME, theme_id, kept.text)


def from_visit(session: Session, speaker: Speaker, return_id: int) -> Source:
    """What a colleague brought home from a visit and lets others read; raises NotThere.

    For who travelled with her or arranges the visit, and may propose stories where she works.
    """
    found = visit_logs.brought_by_id(session, return_id)
    if found is None or found[0].sharing != visit_logs.FELLOWS or not found[0].parts:
        raise NotThere
    row, line = found
    visit = visits.visit(session, row.visit_id, bot=speaker.bot)
    unit = people.unit_of(session, line.person_id or 0)
    if visit is None or unit is None or line.person_id == speaker.person_id:
        raise NotThere
    fellow = visits.line_of(session, row.visit_id, speaker.person_id)
    arranges = speaker.may("run_visit", unit_path=session.get_one(Unit, visit.unit_id).path)
    if not arranges and (fellow is None or fellow.state not in (visits.COMING, visits.INVITED)):
        raise NotThere
    speaker.require("nominate_story", unit_path=unit.path)
    words = "\n\n".join(row.parts[part] for part in _VISIT_PARTS if row.parts.get(part))
    return Source(VISIT, return_id, words, line.person_id or 0)


# What was brought home, and which part of a story it is the beginning of.
_VISIT_PARTS = {
    "whole": "whole",
    "saw": "background",
    "first_step": "practice",
    "use": "transfer",
}
FROM: Mapping[str, Callable[[Session, Speaker, int], Source]] = {
    MINUTES: from_minutes,
    ANSWER: from_answer,
    THEME: from_theme,
    VISIT: from_visit,
}


def may_propose(session: Session, speaker: Speaker, kind: str, source_id: int) -> bool:
    """Whether there is something for her; of an answer `source_id` is its question's."""
    try:
        FROM[kind](session, speaker, source_id)
    except NotThere:
        return False
    return True


def begin_from_used(
    session: Session, speaker: Speaker, used_id: int, *, note_key: NoteKey, now: datetime
) -> int:
    """The id of the story she began from her own sentence, begun now if there is none.

    The sentence is what was done; the rest is hers to write. Raises NotThere.
    """
    speaker.require("share_story")
    said = used_lessons.by_id(session, used_id) if used_id < LARGEST_ID else None
    if said is None or said.person_id != speaker.person_id or not said.text:
        raise NotThere
    source = (USED, used_id)
    return _begin(session, speaker, source, {"practice": said.text}, note_key=note_key, now=now)


def begin_from_visit(
    session: Session, speaker: Speaker, return_id: int, *, note_key: NoteKey, now: datetime
) -> int:
    """The id of the story she began from what she brought home, begun now if there is none.

    What she saw, her first step and what can be used begin its parts. Raises NotThere.
    """
    speaker.require("share_story")
    found = visit_logs.brought_by_id(session, return_id)
    if found is None or found[1].person_id != speaker.person_id or not found[0].parts:
        raise NotThere
    parts = found[0].parts
    texts = {_VISIT_PARTS[name]: parts[name] for name in _VISIT_PARTS if parts.get(name)}
    return _begin(session, speaker, (VISIT, return_id), texts, note_key=note_key, now=now)


def _begin(
    session: Session,
    speaker: Speaker,
    began: tuple[str, int],
    texts: Mapping[str, str],
    *,
    note_key: NoteKey,
    now: datetime,
) -> int:
    """Her story from a source of her own: the one there is, or a new draft."""
    source = (speaker.person_id, *began)
    known = session.get(Story, sources.story_of(session, *source) or 0)
    if known is not None and known.state != DECLINED:
        return known.id or 0
    story = stories.create(session, speaker, speaker.person_id, texts, note_key=note_key, now=now)
    if known is not None:
        sources.release(session, known.id or 0)
    sources.claim(session, *source, story_id=story.id or 0)
    return story.id or 0
