"""The words of lessons that this process read lately: a version's words never change."""

from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from sqlmodel import Session

from storage import lessons
from storage.lessons import LessonContent

# A few mornings of all packs; more would only fill the memory.
MOST = 128
# A language's words by (version, language); of one version with its status; of one database.
Words = dict[tuple[int, str], LessonContent]
_kept: WeakKeyDictionary[Any, dict[tuple[int, str], Words]] = WeakKeyDictionary()
_lock = Lock()


def of(session: Session, version_id: int, status: str) -> Words:
    """`lessons.contents` of one version that was sent before; its status is asked for each time.

    Not for a version that this transaction has added: it may yet be rolled back.
    """
    with _lock:
        kept = _kept.setdefault(session.get_bind(), {})
        found = kept.get((version_id, status))
    if found is None:
        found = lessons.contents(session, {version_id})
        with _lock:
            while len(kept) >= MOST:
                kept.pop(next(iter(kept)))
            kept[(version_id, status)] = found
    return found
