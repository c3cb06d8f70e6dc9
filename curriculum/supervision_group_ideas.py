"""Who could meet together where a supervisor's hours do not reach: an idea, never set by itself."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from curriculum.errors import ChangedMeanwhile, NotThere
from curriculum.facts import FOLDABLE, Facts, NotWanted
from curriculum.people import Speaker
from curriculum.supervision_capacity import Ground, Load, load_of, near
from curriculum.supervision_errors import SupervisionUndoTooLate
from curriculum.supervision_group_words import GROUP_HINT
from curriculum.supervision_groups import FEWEST, MOST
from curriculum.supervision_words import TAKE_BACK, UNDO, Now, Told, is_told, owe
from storage import audit, deliveries
from storage.audit import AuditEntry
from storage.supervision_pairs import PairRow, locked_people

SUGGEST, UNSUGGEST = "suggest_group_supervision", "take_back_group_suggestion"


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


@dataclass(frozen=True, slots=True)
class Suggested:
    """That a supervisor was told of an idea this month, or is within the minute.

    `may_undo` is whether she who said it can take it back.
    """

    is_coming: bool
    may_undo: bool


def suggested(
    session: Session, speaker: Speaker, supervisor_id: int, month: date, *, now: datetime
) -> Suggested | None:
    """How the suggestion of a month stands, None where there is none; raises NotThere."""
    if supervisor_id not in near(session, speaker, now=now):
        raise NotThere
    entry = _standing(session, supervisor_id, month)
    if entry is None:
        return None
    is_hers = entry.actor_id == speaker.person_id
    return Suggested(now - entry.at < TAKE_BACK, is_hers and now - entry.at <= UNDO)


def _standing(session: Session, supervisor_id: int, month: date) -> AuditEntry | None:
    """The act that suggested it, unless taken back: it stands nowhere but in the audit trail."""
    entry = audit.last(
        session, object_kind="person", object_id=supervisor_id, actions=(SUGGEST, UNSUGGEST)
    )
    is_so = entry is not None and entry.action == SUGGEST
    return entry if entry and is_so and entry.facts["month"] == month.isoformat() else None


def propose(session: Session, speaker: Speaker, supervisor_id: int, *, now: datetime) -> Idea:
    """A coordinator suggests it to the supervisor, who is told once a month; raises NotThere."""
    locked_people(session, [supervisor_id])
    idea = idea_of(load_of(session, speaker, supervisor_id, now=now))
    if idea is None:
        raise NotThere
    if _standing(session, supervisor_id, idea.month) is None:
        entry = _write_down(session, SUGGEST, speaker, supervisor_id, idea.month, now=now)
        _owe(session, supervisor_id, _name(entry), bot=speaker.bot, now=now)
    return idea


def take_back(session: Session, speaker: Speaker, supervisor_id: int, *, now: datetime) -> bool:
    """撤销 of her suggestion, for ten minutes; gives whether the supervisor had heard it.

    Then she is told, a minute from now. Raises NotThere for what is not hers, ChangedMeanwhile
    where it is no question any more, SupervisionUndoTooLate.
    """
    locked_people(session, [supervisor_id])
    idea = idea_of(load_of(session, speaker, supervisor_id, now=now))
    if idea is None:
        raise ChangedMeanwhile
    entry = _standing(session, supervisor_id, idea.month)
    if entry is None or entry.actor_id != speaker.person_id:
        raise NotThere
    if now - entry.at > UNDO:
        raise SupervisionUndoTooLate(minutes=UNDO.seconds // 60)
    name = _name(entry)
    deliveries.take_out(session, kind=GROUP_HINT, occasion=name)
    is_heard = is_told(session, GROUP_HINT, name)
    undone = _write_down(session, UNSUGGEST, speaker, supervisor_id, idea.month, now=now)
    if is_heard:
        _owe(session, supervisor_id, _name(undone), bot=speaker.bot, now=now)
    return is_heard


def _write_down(
    session: Session,
    action: str,
    speaker: Speaker,
    supervisor_id: int,
    month: date,
    *,
    now: datetime,
) -> AuditEntry:
    entry = audit.add(
        session,
        at=now,
        actor_id=speaker.person_id,
        action=action,
        object_kind="person",
        object_id=supervisor_id,
        month=month.isoformat(),
    )
    session.flush()
    return entry


def _name(entry: AuditEntry) -> str:
    """What the word of an act is called; of an older release's only the first two are known."""
    return f"{entry.object_id}:{entry.facts['month']}:{entry.id}:{entry.action}"


def _owe(session: Session, supervisor_id: int, name: str, *, bot: int, now: datetime) -> None:
    owe(
        session,
        GROUP_HINT,
        supervisor_id,
        bot=bot,
        occasion=name,
        subject_id=supervisor_id,
        urgency=FOLDABLE,
        due_at=now + TAKE_BACK,
        now=now,
    )


def _hint(at: Now) -> Facts | NotWanted:
    """Whether it would help still, as the supervisor would see it now; or that it is undone."""
    supervisor_id, written, *rest = at.row.occasion.split(":")
    month = date.fromisoformat(written)
    if rest[1:] == [UNSUGGEST]:
        if _standing(at.session, int(supervisor_id), month) is not None:
            return NotWanted("suggested_again")
        return at.facts(idea=None, month=month, is_taken_back=True)
    idea = own_idea(at.session, at.reader, now=at.now) if at.reader.may("supervise") else None
    if idea is None or idea.month != month:
        return NotWanted("not_needed")
    return at.facts(idea=idea, month=month, is_taken_back=False)


NOTICES = (Told(GROUP_HINT, _hint),)
