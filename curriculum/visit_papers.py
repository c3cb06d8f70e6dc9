"""The papers of a visit: letters and hand-outs, kept by Telegram, for whoever travels with it."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from curriculum import visit_pages
from curriculum.errors import NotThere
from curriculum.people import Speaker
from curriculum.visit_errors import VisitTooManyFiles
from curriculum.visit_pages import to_arrange, write_down
from storage import visits as stored
from storage.visits import VisitDocument

MOST = 6
NAME_LIMIT = 60


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper; `file_id` is Telegram's."""

    paper_id: int
    name: str
    file_id: str


@dataclass(frozen=True, slots=True)
class Papers:
    """The papers of one visit."""

    visit_id: int
    title: str
    papers: tuple[Paper, ...]


def listed(session: Session, speaker: Speaker, visit_id: int, *, now: datetime) -> Papers:
    """A visit's papers, for whoever may see it; raises NotThere."""
    visit = visit_pages.read(session, speaker, visit_id, now=now)
    return _papers(session, visit_id, visit.title)


def _papers(session: Session, visit_id: int, title: str) -> Papers:
    found = stored.documents(session, visit_id)
    return Papers(
        visit_id, title, tuple(Paper(one.id or 0, one.name, one.file_id) for one in found)
    )


def add(
    session: Session,
    speaker: Speaker,
    visit_id: int,
    *,
    file_id: str,
    name: str,
    size: int,
    now: datetime,
) -> Papers:
    """Keep one more; raises NotThere, VisitTooManyFiles."""
    visit = to_arrange(session, speaker, visit_id)
    if len(stored.documents(session, visit_id)) >= MOST:
        raise VisitTooManyFiles(limit=MOST)
    session.add(
        VisitDocument(
            visit_id=visit_id,
            file_id=file_id,
            name=" ".join(name.split())[:NAME_LIMIT],
            size=size,
            added_by=speaker.person_id,
            added_at=now,
        )
    )
    session.flush()
    write_down(session, visit, "add_visit_paper", actor_id=speaker.person_id, now=now)
    return _papers(session, visit_id, visit.title)


def drop(
    session: Session, speaker: Speaker, visit_id: int, paper_id: int, *, now: datetime
) -> Papers:
    """Keep one less; raises NotThere."""
    visit = to_arrange(session, speaker, visit_id)
    found = next((one for one in stored.documents(session, visit_id) if one.id == paper_id), None)
    if found is None:
        raise NotThere
    session.delete(found)
    session.flush()
    write_down(session, visit, "drop_visit_paper", actor_id=speaker.person_id, now=now)
    return _papers(session, visit_id, visit.title)
