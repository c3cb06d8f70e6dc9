"""Where good practice shows: minutes, an answer that helped, her own word of a lesson put to use.

A line of minutes or an answer can be proposed to whoever did it, by who may read it anyhow. What
somebody said of a lesson put to use is hers: she alone can begin a story from it.
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
from storage import gathering_people, people, questions, topic_pool, used_lessons
from storage import gatherings as stored
from storage import story_sources as sources
from storage import topics as stored_topics
from storage.columns import LARGEST_ID
from storage.gatherings import Gathering, GatheringPoint
from storage.people import Person
from storage.sealed import NoteKey
from storage.stories import DECLINED, Story
from storage.story_sources import ANSWER, MINUTES, THEME, USED

__all__ = [
    "ANSWER",
    "FROM",
    "MINUTES",
    "THEME",
    "Lines",
    "Source",
    "begin_from_used",
    "from_answer",
    "from_minutes",
    "from_theme",
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


FROM: Mapping[str, Callable[[Session, Speaker, int], Source]] = {
    MINUTES: from_minutes,
    ANSWER: from_answer,
    THEME: from_theme,
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
    source = (speaker.person_id, USED, used_id)
    known = session.get(Story, sources.story_of(session, *source) or 0)
    if known is not None and known.state != DECLINED:
        return known.id or 0
    texts = {"practice": said.text}
    story = stories.create(session, speaker, speaker.person_id, texts, note_key=note_key, now=now)
    if known is not None:
        sources.release(session, known.id or 0)
    sources.claim(session, *source, story_id=story.id or 0)
    return story.id or 0
