"""The papers of an event: letters and hand-outs, kept by Telegram, for whoever sees the event."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from curriculum.errors import NotThere, Refusal
from curriculum.people import Speaker

MOST = 6
NAME_LIMIT = 60


class TooManyPapers(Refusal):
    """An event has at most `limit` papers."""

    code = "too_many_papers"


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper; `file_id` is Telegram's, `size` in bytes."""

    paper_id: int
    name: str
    file_id: str
    size: int


@dataclass(frozen=True, slots=True)
class Papers:
    """The papers of one event."""

    event_id: int
    title: str
    papers: tuple[Paper, ...]


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where the papers of one kind of event lie.

    `read` and `to_arrange` look an event up for who may see it, or change it, and raise NotThere;
    `rows` are its papers as they are stored, the oldest first, and `made` is one more. `write_down`
    keeps in the trail what was done to a paper of this `name`.
    """

    name: str
    read: Callable[..., Any]
    to_arrange: Callable[..., Any]
    rows: Callable[[Session, int], Sequence[Any]]
    made: Callable[..., Any]
    write_down: Callable[..., None]

    def listed(self, session: Session, speaker: Speaker, event_id: int, *, now: datetime) -> Papers:
        """An event's papers, for whoever may see it; raises NotThere."""
        event = self.read(session, speaker, event_id, now=now)
        return self._papers(session, event_id, event.title)

    def add(
        self,
        session: Session,
        speaker: Speaker,
        event_id: int,
        *,
        file_id: str,
        name: str,
        size: int,
        now: datetime,
    ) -> Papers:
        """Keep one more; raises NotThere, TooManyPapers."""
        event = self.to_arrange(session, speaker, event_id)
        if len(self.rows(session, event_id)) >= MOST:
            raise TooManyPapers(limit=MOST)
        line = " ".join(name.split())[:NAME_LIMIT]
        given = {"file_id": file_id, "name": line, "size": size}
        session.add(self.made(event_id, **given, added_by=speaker.person_id, added_at=now))
        session.flush()
        self.write_down(session, event, f"add_{self.name}", actor_id=speaker.person_id, now=now)
        return self._papers(session, event_id, event.title)

    def drop(
        self, session: Session, speaker: Speaker, event_id: int, paper_id: int, *, now: datetime
    ) -> Papers:
        """Keep one less; raises NotThere."""
        event = self.to_arrange(session, speaker, event_id)
        found = next((one for one in self.rows(session, event_id) if one.id == paper_id), None)
        if found is None:
            raise NotThere
        session.delete(found)
        session.flush()
        self.write_down(session, event, f"drop_{self.name}", actor_id=speaker.person_id, now=now)
        return self._papers(session, event_id, event.title)

    def _papers(self, session: Session, event_id: int, title: str) -> Papers:
        rows = self.rows(session, event_id)
        papers = (Paper(one.id or 0, one.name, one.file_id, one.size) for one in rows)
        return Papers(event_id, title, tuple(papers))
