"""Who could meet together where a supervisor's hours do not reach: an idea, never set by itself."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from curriculum.errors import NotThere
from curriculum.facts import FOLDABLE, Facts, NotWanted
from curriculum.people import Speaker
from curriculum.supervision_capacity import Ground, Load, load_of
from curriculum.supervision_errors import SupervisionUndoTooLate
from curriculum.supervision_group_words import GROUP_HINT
from curriculum.supervision_groups import FEWEST, MOST
from curriculum.supervision_words import TAKE_BACK, Now, Told, owe
from storage import audit, deliveries
from storage.supervision_pairs import PairRow


@dataclass(frozen=True, slots=True)
class Idea:
    """Workers of one supervisor who could meet together in a month, and the minutes it spares."""

    supervisor_id: int
    supervisor: str
    month: date
    lacking: int
    spared: int
    workers: tuple[PairRow, ...]


def idea_of(load: Load) -> Idea | None:
    """Who could meet together in the first month that needs more than there is.

    Those of one unit first, since they know each other; else whoever is due then, up to eight.
    """
    short = load.short
    if short is None:
        return None
    due = [
        row
        for row, dates in load.due
        if any((day.year, day.month) == (short.first.year, short.first.month) for day in dates)
    ]
    units: dict[str, list[PairRow]] = defaultdict(list)
    for row in due:
        units[row.unit_path].append(row)
    biggest = max(units.values(), key=len, default=[])
    chosen = (biggest if len(biggest) >= FEWEST else due)[:MOST]
    if len(chosen) < FEWEST:
        return None
    spared = (len(chosen) - 1) * load.minutes
    return Idea(load.supervisor_id, load.name, short.first, short.lacking, spared, tuple(chosen))


def own_idea(session: Session, speaker: Speaker, *, now: datetime) -> Idea | None:
    """The suggestion for a supervisor herself; raises NotThere."""
    speaker.require("supervise")
    ground = Ground(session, {speaker.person_id: speaker.name}, bot=speaker.bot, now=now)
    return idea_of(ground.load(speaker.person_id))


def propose(session: Session, speaker: Speaker, supervisor_id: int, *, now: datetime) -> Idea:
    """A coordinator suggests it to the supervisor, who is told once a month; raises NotThere."""
    idea = idea_of(load_of(session, speaker, supervisor_id, now=now))
    if idea is None:
        raise NotThere
    _owe(session, supervisor_id, idea.month, bot=speaker.bot, now=now)
    audit.add(
        session,
        at=now,
        actor_id=speaker.person_id,
        action="suggest_group_supervision",
        object_kind="person",
        object_id=supervisor_id,
        month=idea.month.isoformat(),
    )
    return idea


def take_back(session: Session, speaker: Speaker, supervisor_id: int, *, now: datetime) -> None:
    """撤销 of a suggestion while the supervisor has not heard it, a minute long.

    Raises NotThere, SupervisionUndoTooLate.
    """
    idea = idea_of(load_of(session, speaker, supervisor_id, now=now))
    if idea is None:
        raise NotThere
    if not _drop(session, supervisor_id, idea.month):
        raise SupervisionUndoTooLate(minutes=TAKE_BACK.seconds // 60)
    audit.add(
        session,
        at=now,
        actor_id=speaker.person_id,
        action="take_back_group_suggestion",
        object_kind="person",
        object_id=supervisor_id,
        month=idea.month.isoformat(),
    )


def _owe(session: Session, supervisor_id: int, month: date, *, bot: int, now: datetime) -> None:
    """Tell a supervisor that several could meet together, once for a month."""
    owe(
        session,
        GROUP_HINT,
        supervisor_id,
        bot=bot,
        occasion=f"{supervisor_id}:{month.isoformat()}",
        subject_id=supervisor_id,
        urgency=FOLDABLE,
        due_at=now + TAKE_BACK,
        now=now,
    )


def _drop(session: Session, supervisor_id: int, month: date) -> bool:
    """Whether a suggestion could be taken back, because she has not heard of it yet."""
    occasion = f"{supervisor_id}:{month.isoformat()}"
    return bool(deliveries.take_out(session, kind=GROUP_HINT, occasion=occasion))


def _hint(at: Now) -> Facts | NotWanted:
    """Whether it would help still, as the supervisor would see it now."""
    idea = own_idea(at.session, at.reader, now=at.now) if at.reader.may("supervise") else None
    if idea is None or not at.row.occasion.endswith(f":{idea.month.isoformat()}"):
        return NotWanted("not_needed")
    return at.facts(idea=idea)


NOTICES = (Told(GROUP_HINT, _hint),)
