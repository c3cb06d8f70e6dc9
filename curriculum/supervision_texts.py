"""What was said in supervision, sealed and opened: each text for the row it lies in."""

import json
from collections.abc import Mapping
from typing import Any

from storage.sealed import NoteKey
from storage.supervision_records import (
    SupervisionAction,
    SupervisionAddition,
    SupervisionRecord,
    SupervisionRecordPerson,
)

# The texts of a record in the order of its paper; `case` is a code, never a name.
SITUATION, DIFFICULTIES, GAPS, ADVICE, CASE = "situation", "difficulties", "gaps", "advice", "case"
TEXTS = (SITUATION, DIFFICULTIES, GAPS, ADVICE)
# Beside them the date they agreed on, as an ISO text, and what is to be done.
NEXT_ON, ACTIONS = "next_on", "actions"
# A worker's own.
REFLECTION, COMMENT = "reflection", "comment"

Row = SupervisionRecord | SupervisionRecordPerson | SupervisionAddition | SupervisionAction


def _about(row: Row) -> str:
    return f"{row.__tablename__}:{row.id}"


def opened(row: Row, note_key: NoteKey) -> dict[str, Any]:
    """What lies sealed in a row, by its name; empty where nothing does or it was erased."""
    if row.sealed is None:
        return {}
    found: dict[str, Any] = json.loads(note_key.open(row.sealed, about=_about(row)))
    return found


def seal(row: Row, texts: Mapping[str, Any], note_key: NoteKey) -> None:
    """Put texts into a row that has its id; what is empty is left out."""
    kept = {name: text for name, text in texts.items() if text}
    written = json.dumps(kept, ensure_ascii=False)
    row.sealed = note_key.seal(written, about=_about(row)) if kept else None


def words_of(row: SupervisionAction | SupervisionAddition, note_key: NoteKey) -> str:
    """The one text of an action or an addition."""
    return str(opened(row, note_key).get("text", ""))


def seal_words(row: SupervisionAction | SupervisionAddition, words: str, note_key: NoteKey) -> None:
    """Put its one text into an action or an addition that has its id."""
    seal(row, {"text": words}, note_key)
