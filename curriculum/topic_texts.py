"""What the topic's messages need besides its page: numbered questions, replies to paragraphs."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from curriculum import topic_session, topics
from curriculum.errors import NotThere
from curriculum.people import Speaker
from curriculum.topic_quotes import Quoting
from storage import topic_pool
from storage import topics as stored
from storage.columns import LARGEST_ID
from storage.topics import ThemeAnswer, Topic, TopicMessage, TopicTheme

# Within so long another reply goes on with what she sent before.
GOES_ON = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Shown:
    """The paragraph that a message in a chat shows, and the version it was shown in."""

    topic_id: int
    paragraph: str
    version: int


def topic_of(session: Session, theme_id: int) -> int:
    """The topic of a theme; raises NotThere. Whether it may be read is asked with the topic."""
    theme = session.get(TopicTheme, theme_id) if theme_id < LARGEST_ID else None
    if theme is None or theme.is_gone:
        raise NotThere
    return theme.topic_id


def may_answer(session: Session, speaker: Speaker, theme_id: int, *, now: datetime) -> bool:
    """Whether somebody may enter a theme's answer now: the session has begun, nobody was told."""
    standing = stored.of_theme(session, theme_id)
    if standing is None or not topics.leads(speaker, standing):
        return False
    kept = session.get(ThemeAnswer, theme_id)
    has_begun = topic_session.starts_at(session, standing.topic) <= now
    return has_begun and (kept is None or kept.tells_at > now)


def numbered(session: Session, speaker: Speaker, theme_id: int) -> list[str]:
    """Every question of a theme in a fixed order, as it may be read; raises NotThere."""
    standing = topics.readable(session, speaker, topic_of(session, theme_id))
    if not topics.may_edit(speaker, standing):
        raise NotThere
    quoting = Quoting(*topic_pool.names_near(session, standing.unit_path))
    ids = in_order(session, standing.topic.id or 0, theme_id)
    questions = topic_pool.questions(session, ids)
    return [quoting.shortened(questions[one].text) for one in ids]


def in_order(session: Session, topic_id: int, theme_id: int) -> list[int]:
    """The ids of a theme's questions as they are numbered: alike ones beside each other."""
    rows = [row for row in stored.places(session, topic_id) if row.theme_id == theme_id]
    return [row.question_id for row in sorted(rows, key=lambda row: (row.grouped, row.question_id))]


def note_message(
    session: Session,
    speaker: Speaker,
    *,
    message_id: int,
    topic_id: int,
    paragraph: str,
    version: int,
) -> None:
    """Keep which paragraph a message in her chat shows, so that a reply finds it."""
    stored.note_message(
        session,
        TopicMessage(
            chat_id=speaker.chat_id,
            message_id=message_id,
            topic_id=topic_id,
            paragraph=paragraph,
            version=version,
        ),
    )


@dataclass(frozen=True, slots=True)
class Begun:
    """What a further message goes on with: the text so far, and the version it stands in."""

    text: str
    version: int


def begun(session: Session, speaker: Speaker, shown: Shown, *, now: datetime) -> Begun | None:
    """What she has just put in place of this paragraph herself; None where nobody goes on.

    Whoever answers in several messages sends the next soon; later, or after another change or an
    undo, a reply is a text of its own.
    """
    topic, edit = session.get(Topic, shown.topic_id), stored.last_edit(session, shown.topic_id)
    if topic is None or edit is None or not shown.version < edit.version == topic.version:
        return None
    is_hers = edit.actor_id == speaker.person_id and now - edit.at <= GOES_ON
    text = topic.texts.get(shown.paragraph)
    if not is_hers or not text or edit.before["texts"].get(shown.paragraph) == text:
        return None
    return Begun(text, topic.version)


def shown_in(session: Session, speaker: Speaker, message_id: int) -> Shown | None:
    """The paragraph that a message of her chat shows, or None."""
    found = stored.message(session, chat_id=speaker.chat_id, message_id=message_id)
    return None if found is None else Shown(found.topic_id, found.paragraph, found.version)
