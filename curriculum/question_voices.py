"""Questions that were spoken: the recording is kept as a file beside its written sentence."""

import hashlib
from datetime import datetime

from sqlmodel import Session

from curriculum.errors import NotThere
from curriculum.people import Speaker
from curriculum.question_errors import VoiceTooLong
from curriculum.recordings import MAX_BYTES, MIME
from curriculum.waiting_questions import to_read
from storage import media, questions
from storage.media import VOICE


def check_size(size: int) -> None:
    """Raise VoiceTooLong for a recording of more bytes than Telegram plays as a voice."""
    if size > MAX_BYTES:
        raise VoiceTooLong(limit=MAX_BYTES // 1024)


def keep(session: Session, content: bytes, *, now: datetime) -> int:
    """Keep a recording once; returns the id of the file. Raises VoiceTooLong."""
    check_size(len(content))
    digest = hashlib.sha256(content).hexdigest()
    file = {
        "sha256": digest,
        "kind": VOICE,
        "mime": MIME,
        "size": len(content),
        "content": content,
        "stored_at": now,
    }
    return media.store(session, [file])[digest]


def open_(session: Session, speaker: Speaker, question_id: int) -> bytes:
    """A question's recording for whoever answers it or asked it; raises NotThere.

    A voice tells who speaks, so that of an anonymous question is played to nobody else.
    """
    found = questions.find(session, question_id)
    if found is None or found[0].media_id is None:
        raise NotThere
    if found[0].asker_id != speaker.person_id:
        question = to_read(speaker, found)
        if question.anonymous:
            raise NotThere
    return media.content_of(session, found[0].media_id)
