"""Everything that is kept of a person, asked of each study in turn: her copy, and forgetting her.

Nobody else knows all studies; what a new one keeps of people is added to the tuples here.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlmodel import Session

from curriculum import (
    account_data,
    deputy_data,
    duty_data,
    forgetting,
    gathering_data,
    learning_data,
    question_data,
    recall_data,
    story_consent,
    supervision_data,
    supervision_note_data,
    supervision_record_data,
    topic_data,
    training_data,
    visit_data,
    visit_log_data,
)
from curriculum.people import Speaker
from curriculum.personal_data import Counts, Section
from storage.engine import Database
from storage.sealed import NoteKey

Read = Callable[..., tuple[Section, ...]]
Erase = Callable[..., Counts]


@dataclass(frozen=True, slots=True)
class Source:
    """One part that keeps something of people; `opens` where it needs the key of private text."""

    data: Read
    erase: Erase
    erases: dict[str, tuple[str, ...]]
    opens: bool = False


def _source(part: object, *, opens: bool = False) -> Source:
    return Source(
        part.personal_data,  # type: ignore[attr-defined]
        part.erase,  # type: ignore[attr-defined]
        part.ERASES,  # type: ignore[attr-defined]
        opens,
    )


ACCOUNT, LEARNING = _source(account_data), _source(learning_data)
QUESTIONS, TOPICS = _source(question_data), _source(topic_data)
GATHERINGS, STORIES = _source(gathering_data), _source(story_consent, opens=True)
RECALL, DUTY = _source(recall_data), _source(duty_data)
DEPUTIES = _source(deputy_data)
TRAININGS, SUPERVISION = _source(training_data), _source(supervision_data)
SUPERVISED = _source(supervision_record_data, opens=True)
NOTED = _source(supervision_note_data, opens=True)
VISITS, VISIT_LOGS = _source(visit_data), _source(visit_log_data)
# As she reads it.
SOURCES = (
    *(ACCOUNT, LEARNING, RECALL, QUESTIONS, GATHERINGS, TRAININGS, TOPICS, STORIES),
    *(SUPERVISION, SUPERVISED, NOTED, VISITS, VISIT_LOGS),
    *(DUTY, DEPUTIES),
)
# What repeats the words of questions is erased before the questions, her number in a list of
# contacts before she, and the names in the ledger after her.
ERASED_IN_ORDER = (
    *(TOPICS, GATHERINGS, TRAININGS, QUESTIONS, STORIES, RECALL, SUPERVISION),
    *(SUPERVISED, NOTED, VISIT_LOGS, VISITS),
    *(DUTY, DEPUTIES, ACCOUNT, LEARNING),
)


def collect(session: Session, person_id: int, *, note_key: NoteKey) -> tuple[Section, ...]:
    """Everything kept of a person, each part's sections, the empty ones too."""
    found: list[Section] = []
    for source in SOURCES:
        read = partial(source.data, note_key=note_key) if source.opens else source.data
        found += read(session, person_id)
    return tuple(found)


def forget(session: Session, speaker: Speaker, *, now: datetime) -> Counts:
    """Erase everything of hers that no duty keeps, in one transaction; what and how much.

    Raises LastAdministrator, and NotThere for whoever is forgotten already.
    """
    forgetting.begin(session, speaker)
    return _erase(session, speaker.person_id, actor_id=speaker.person_id, now=now)


def forget_for(session: Session, speaker: Speaker, person_id: int, *, now: datetime) -> Counts:
    """`forget` for somebody without a chat, who asked a coordinator for it.

    Raises NotThere outside her reach, HasOwnChat, LastAdministrator.
    """
    forgetting.begin_for(session, speaker, person_id, now=now)
    return _erase(session, person_id, actor_id=speaker.person_id, now=now)


def forget_who_left(session: Session, *, before: datetime, now: datetime, limit: int) -> int:
    """`forget` for people who left before a moment; gives how many there were."""
    people = forgetting.left_before(session, before=before, limit=limit)
    for person_id in people:
        _erase(session, person_id, actor_id=None, now=now)
    return len(people)


def forget_again(session: Session, listed: Mapping[int, datetime], *, now: datetime) -> int:
    """Forget whoever of a list (when her row was made, by number) a backup brought back.

    Gives how many there were. Her wish stands, whatever else the backup says of her.
    """
    people = [
        person_id
        for person_id, made_at in sorted(listed.items())
        if forgetting.is_back(session, person_id, made_at)
    ]
    for person_id in people:
        _erase(session, person_id, actor_id=None, now=now, action=forgetting.AGAIN)
    return len(people)


def size(session: Session, person_id: int) -> int:
    """About how many rows her copy has: what grows with the years."""
    return learning_data.count(session, person_id) + account_data.count(session, person_id)


async def clean_up(database: Database, *, chat_id: int | None = None) -> None:
    """After somebody was forgotten: her last tap's sender, and what deleted pages still hold."""
    if chat_id is not None:
        await database.write(account_data.forget_sender, [chat_id])
    await database.drop_old_pages()


def _erase(
    session: Session,
    person_id: int,
    *,
    actor_id: int | None,
    now: datetime,
    action: str = "forget",
) -> Counts:
    erased: Counter[str] = Counter()
    for source in ERASED_IN_ORDER:
        erased.update(source.erase(session, person_id, now=now))
    counts = {kind: count for kind, count in erased.items() if count}
    forgetting.note(session, person_id, actor_id=actor_id, erased=counts, now=now, action=action)
    return counts
