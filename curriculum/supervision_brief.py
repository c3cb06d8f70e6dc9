"""The brief of a session: what a worker learned, asked and wants to talk about since the last one.

The two of the pair read it in the same words (EXPERIENCE section 9): nothing anonymous is counted
in it, of what fades from memory only titles of lessons are named, and no note stands in it.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from curriculum import fading_lessons, supervision_agenda, supervision_texts
from curriculum.errors import NotThere
from curriculum.library import DELIVERED
from curriculum.pack_modules import modules_of
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date, moment_at
from curriculum.supervision_agenda import Agenda, Span
from curriculum.supervision_free import pair_for
from storage import gatherings as names
from storage import supervision_briefs, supervision_records
from storage import supervision_notes as stored
from storage.sealed import NoteKey
from storage.supervision_pairs import SupervisionPair
from storage.supervision_records import DONE, OPEN

LESSONS = "daily_lesson"
SHOWN = 3
ACTIONS_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Action:
    """What somebody of the pair was to do; `owner` is supervisor or worker."""

    words: str
    owner: str
    due_on: date
    state: str


@dataclass(frozen=True, slots=True)
class Brief:
    """A brief; what it counts begins on `since`, `starts_at` is None where nothing is arranged.

    `modules` are the names of those of her lessons, `fading` the titles of those she may want to
    go over, `questions` the newest that she asked under her name, of `asked`.
    """

    pair_id: int
    accompanies: bool
    worker: str
    since: date
    starts_at: datetime | None
    lessons: int
    modules: tuple[str, ...]
    fading: tuple[str, ...]
    asked: int
    questions: tuple[str, ...]
    actions: tuple[Action, ...]
    sentences: tuple[str, ...]
    agenda: Agenda
    may_write: bool


def of_pair(
    session: Session, speaker: Speaker, pair_id: int, *, note_key: NoteKey, now: datetime
) -> Brief:
    """看简报: the brief of the next session, or of the one just held; raises NotThere."""
    pair = pair_for(session, speaker, pair_id, now=now)
    if speaker.deputy_id is not None:
        raise NotThere
    starts = stored.starts_of(session, pair_id)
    within = supervision_agenda.span(starts, now=now)
    since = _since(session, pair, within)
    worker_id = pair.worker_id
    learned = supervision_briefs.lessons(
        session, worker_id, study=LESSONS, since=since, weaker_than_learned=DELIVERED
    )
    began = moment_at(since, datetime.min.time(), ZONE)
    asked, questions = supervision_briefs.questions(session, worker_id, since=began, limit=SHOWN)
    return Brief(
        pair_id=pair_id,
        accompanies=pair.supervisor_id == speaker.person_id,
        worker=names.names_of(session, [worker_id]).get(worker_id, ""),
        since=since,
        starts_at=within.until,
        lessons=len({lesson_id for lesson_id, _, _ in learned}),
        modules=_modules(session, [(pack_id, module) for _, pack_id, module in learned]),
        fading=fading_lessons.titles(session, worker_id, limit=SHOWN, now=now),
        asked=asked,
        questions=tuple(questions),
        actions=_actions(session, pair_id, note_key, since=began),
        sentences=supervision_agenda.sentences(session, pair_id, within),
        agenda=supervision_agenda.of_pair(session, pair_id, within, note_key=note_key),
        may_write=pair.worker_id == speaker.person_id,
    )


def _since(session: Session, pair: SupervisionPair, within: Span) -> date:
    """The day of the last session before this one, booked or only written down."""
    since = local_date(within.since, ZONE) if within.since is not None else pair.since
    written = supervision_records.newest_of_pair(session, pair.id or 0)
    if written is None:
        return since
    is_before = within.until is None or written < local_date(within.until, ZONE)
    return max(since, written) if is_before else since


def _modules(session: Session, learned: list[tuple[int, str]]) -> tuple[str, ...]:
    """The names of modules, the one with most lessons first."""
    packs = supervision_briefs.packs(session, {pack_id for pack_id, _ in learned})
    named = {pack_id: modules_of(pack.code, pack.modules) for pack_id, pack in packs.items()}
    counted = Counter(learned)
    titles = [
        named[pack_id][code].title if code in named.get(pack_id, {}) else code
        for (pack_id, code), _ in counted.most_common()
    ]
    return tuple(dict.fromkeys(titles))[:SHOWN]


def _actions(
    session: Session, pair_id: int, note_key: NoteKey, *, since: datetime
) -> tuple[Action, ...]:
    """What is open, the first due first, then what was done since the last session."""
    rows = supervision_records.actions_of_pair(session, pair_id, states=(OPEN, DONE))
    wanted = [row for row in rows if row.state == OPEN or row.changed_at >= since]
    wanted.sort(key=lambda row: row.state != OPEN)
    return tuple(
        Action(supervision_texts.words_of(row, note_key), row.owner, row.due_on, row.state)
        for row in wanted[:ACTIONS_SHOWN]
    )
