"""The papers of a training: notices and hand-outs, kept by Telegram, for whoever sees it."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from curriculum import training_events
from curriculum.errors import NotThere
from curriculum.people import Speaker
from curriculum.training_errors import TrainingTooManyFiles
from curriculum.training_events import to_arrange, write_down
from storage import trainings as stored
from storage.trainings import TrainingDocument

MOST = 6
NAME_LIMIT = 60


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper; `file_id` is Telegram's, `size` in bytes."""

    paper_id: int
    name: str
    file_id: str
    size: int


@dataclass(frozen=True, slots=True)
class Papers:
    """The papers of one training."""

    event_id: int
    title: str
    papers: tuple[Paper, ...]


def listed(session: Session, speaker: Speaker, event_id: int, *, now: datetime) -> Papers:
    """A training's papers, for whoever may see it; raises NotThere."""
    event = training_events.read(session, speaker, event_id, now=now)
    return _papers(session, event_id, event.title)


def _papers(session: Session, event_id: int, title: str) -> Papers:
    found = stored.documents(session, event_id)
    return Papers(
        event_id, title, tuple(Paper(one.id or 0, one.name, one.file_id, one.size) for one in found)
    )


def add(
    session: Session,
    speaker: Speaker,
    event_id: int,
    *,
    file_id: str,
    name: str,
    size: int,
    now: datetime,
) -> Papers:
    """Keep one more; raises NotThere, TrainingTooManyFiles."""
    event = to_arrange(session, speaker, event_id)
    if len(stored.documents(session, event_id)) >= MOST:
        raise TrainingTooManyFiles(limit=MOST)
    line = " ".join(name.split())[:NAME_LIMIT]
    session.add(
        TrainingDocument(
            event_id=event_id,
            file_id=file_id,
            name=line,
            size=size,
            added_by=speaker.person_id,
            added_at=now,
        )
    )
    session.flush()
    write_down(session, event, "add_training_paper", actor_id=speaker.person_id, now=now)
    return _papers(session, event_id, event.title)


def drop(
    session: Session, speaker: Speaker, event_id: int, paper_id: int, *, now: datetime
) -> Papers:
    """Keep one less; raises NotThere."""
    event = to_arrange(session, speaker, event_id)
    found = next((one for one in stored.documents(session, event_id) if one.id == paper_id), None)
    if found is None:
        raise NotThere
    session.delete(found)
    session.flush()
    write_down(session, event, "drop_training_paper", actor_id=speaker.person_id, now=now)
    return _papers(session, event_id, event.title)
