"""What happened to a topic: every change with the arrangement before it, taken back one by one."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlmodel import Session

from curriculum import topics
from curriculum.errors import NothingToUndo
from curriculum.people import Speaker
from storage import audit
from storage import topics as stored
from storage.topics import Standing, Topic, TopicEdit

UNDO = "undo"


def change_topic(
    session: Session,
    standing: Standing,
    speaker: Speaker,
    kind: str,
    change: Callable[[Topic], dict[str, Any] | None],
    *,
    now: datetime,
) -> None:
    """Change a topic that is locked, keeping how it was arranged."""
    topic = standing.topic
    before = _arrangement(session, topic)
    label = change(topic)
    _note(session, standing, speaker, kind, now=now)
    session.add(
        TopicEdit(
            topic_id=topic.id or 0,
            version=topic.version,
            kind=kind,
            actor_id=speaker.person_id,
            at=now,
            before=before,
            label=label,
            # What took a change back is not itself taken back: 撤销 goes on further.
            undone_at=now if kind == UNDO else None,
        )
    )
    session.flush()


def undo(session: Session, speaker: Speaker, topic_id: int, *, version: int, now: datetime) -> str:
    """Take back the last change, whoever made it; returns its kind. Raises NothingToUndo too."""
    standing = topics.to_edit(session, speaker, topic_id, version=version)
    edit = stored.last_edit(session, topic_id)
    if edit is None:
        raise NothingToUndo
    before = edit.before

    def change(topic: Topic) -> None:
        _restore(session, topic, before)

    edit.undone_at = now
    session.add(edit)
    change_topic(session, standing, speaker, UNDO, change, now=now)
    return edit.kind


def texts_at(session: Session, topic: Topic, version: int) -> dict[str, str]:
    """What coordinators had written by a version of a topic."""
    later = stored.edit_after(session, topic.id or 0, version)
    return dict(topic.texts if later is None else later.before["texts"])


def _note(
    session: Session, standing: Standing, speaker: Speaker, kind: str, *, now: datetime
) -> None:
    topic = standing.topic
    topic.version += 1
    session.add(topic)
    audit.add(
        session,
        at=now,
        actor_id=speaker.person_id,
        action=f"topic_{kind}",
        object_kind="topic",
        object_id=topic.id,
        version=topic.version,
    )


def _arrangement(session: Session, topic: Topic) -> dict[str, Any]:
    """How a topic stands, as far as changes can change it; keys are text, as JSON has them."""
    return {
        "themes": {
            str(one.id): {
                "position": one.position,
                "title": one.title,
                "is_hidden": one.is_hidden,
                "is_gone": one.is_gone,
                "representatives": list(one.representatives),
                "lessons": list(one.lessons),
                "gaps": list(one.gaps),
            }
            for one in stored.all_themes(session, topic.id or 0)
        },
        "places": {
            str(row.question_id): row.theme_id for row in stored.places(session, topic.id or 0)
        },
        "texts": dict(topic.texts),
        "trainer": topic.trainer_id,
        "starts_at": topic.starts_at.isoformat(),
    }


def _restore(session: Session, topic: Topic, before: dict[str, Any]) -> None:
    for theme in stored.all_themes(session, topic.id or 0):
        kept = before["themes"].get(str(theme.id))
        if kept is None:
            theme.is_gone = True
        for name, value in (kept or {}).items():
            setattr(theme, name, value)
        session.add(theme)
    for row in stored.places(session, topic.id or 0):
        row.theme_id = before["places"][str(row.question_id)]
        session.add(row)
    topic.texts = dict(before["texts"])
    topic.trainer_id = before["trainer"]
    topic.starts_at = datetime.fromisoformat(before["starts_at"])
