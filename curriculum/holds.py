"""A restored database waits until 补发, 合并 or 不发 is chosen for each rhythm of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from curriculum import forgetting, held_rhythms, restored_span
from curriculum.errors import NotThere
from curriculum.held_rhythms import Line, Study
from curriculum.occasions import MERGE, SEND, SKIP
from curriculum.people import ADMINISTRATOR, COORDINATOR, RIGHTS, ZONE, Speaker
from curriculum.rhythm import local_date
from storage import audit
from storage import holds as stored
from storage.holds import Hold

CHOICES = (SEND, MERGE, SKIP)
TOLD = (COORDINATOR, ADMINISTRATOR)
InCharge = stored.InCharge


@dataclass(frozen=True, slots=True)
class Overview:
    """A hold as staff see it: its span, the lines still open to them, how many others there are."""

    hold_id: int
    last_seen_at: datetime
    since: datetime
    lines: tuple[Line, ...]
    elsewhere: int


def _lines(session: Session, hold: Hold, studies: Sequence[Study], *, now: datetime) -> list[Line]:
    """Everything still to be chosen for."""
    notices = held_rhythms.notices(session, hold, studies, now=now)
    lines = [one.line for one in held_rhythms.held(session, hold, studies, now=now)]
    return [*lines, notices] if notices is not None else lines


def _may(speaker: Speaker, line: Line) -> bool:
    """Whether a line is hers to choose for; what belongs to no cohort is for the whole's staff."""
    if line.cohort_id is not None:
        return speaker.may("decide_hold", unit_path=line.unit_path)
    # "/1/": a unit that stands under no other.
    return any(
        grant.role in RIGHTS["decide_hold"] and grant.unit_path.count("/") == 2
        for grant in speaker.grants
    )


def begin(
    session: Session,
    studies: Sequence[Study],
    *,
    bot: int,
    last_seen_at: datetime,
    now: datetime,
) -> bool:
    """Hold everything back because the database was restored; True when a hold stands now.

    Where nothing can have been missed there is nothing to choose, and it ends at once.
    """
    if stored.begin(session, bot=bot, since=now, last_seen_at=last_seen_at):
        audit.add(
            session,
            at=now,
            actor_id=None,
            action="begin_hold",
            object_kind="hold",
            object_id=None,
            last_seen_at=last_seen_at.isoformat(),
        )
    hold = stored.open_hold(session, bot=bot)
    return hold is not None and not _end_if_done(session, hold, studies, actor_id=None, now=now)


def is_held(session: Session, *, bot: int) -> bool:
    """Whether nothing may go out with this bot for now."""
    return stored.is_held(session, bot)


def overview(
    session: Session, speaker: Speaker, studies: Sequence[Study], *, now: datetime
) -> Overview | None:
    """What waits for a choice of hers, None without a hold; NotThere for who may not choose."""
    speaker.require("decide_hold")
    hold = stored.open_hold(session, bot=speaker.bot)
    if hold is None:
        return None
    lines = _lines(session, hold, studies, now=now)
    hers = tuple(line for line in lines if _may(speaker, line))
    return _overview(hold, hers, len(lines) - len(hers))


def overview_of(
    session: Session, studies: Sequence[Study], *, bot: int, now: datetime
) -> Overview | None:
    """Every line, for the command line."""
    hold = stored.open_hold(session, bot=bot)
    if hold is None:
        return None
    return _overview(hold, tuple(_lines(session, hold, studies, now=now)), 0)


def _overview(hold: Hold, lines: tuple[Line, ...], elsewhere: int) -> Overview:
    return Overview(hold.id or 0, hold.last_seen_at, hold.since, lines, elsewhere)


def choose(
    session: Session,
    speaker: Speaker | None,
    studies: Sequence[Study],
    *,
    bot: int,
    kind: str,
    cohort_id: int | None,
    choice: str,
    now: datetime,
) -> bool:
    """Choose for one line; True when that was the last one and the hold is over.

    `speaker` None is the administrator at the machine. Raises NotThere for a line that is not
    open or not hers, and for merging what cannot be merged.
    """
    hold = stored.open_hold(session, bot=bot)
    lines = _lines(session, hold, studies, now=now) if hold is not None else []
    line = next((one for one in lines if (one.kind, one.cohort_id) == (kind, cohort_id)), None)
    if hold is None or line is None or choice not in CHOICES:
        raise NotThere
    if choice == MERGE and not line.may_merge:
        raise NotThere
    if speaker is not None and not _may(speaker, line):
        raise NotThere
    if line.cohort_id is None:
        held_rhythms.settle_notices(session, hold, studies, choice, now=now)
    else:
        found = held_rhythms.held(session, hold, studies, now=now)
        one = next(one for one in found if one.line == line)
        held_rhythms.settle(session, hold, one, choice, now=now)
    actor_id = speaker.person_id if speaker else None
    _write_down(session, hold, line, choice, actor_id=actor_id, now=now)
    return _end_if_done(session, hold, studies, actor_id=actor_id, now=now)


def _write_down(
    session: Session,
    hold: Hold,
    line: Line,
    choice: str,
    *,
    actor_id: int | None,
    now: datetime,
) -> None:
    session.add(
        stored.HoldChoice(
            hold_id=hold.id or 0,
            kind=line.kind,
            cohort_id=line.cohort_id,
            choice=choice,
            missed=line.missed,
            waiting=line.waiting,
            chosen_by=actor_id,
            chosen_at=now,
        )
    )
    session.flush()
    audit.add(
        session,
        at=now,
        actor_id=actor_id,
        action="choose_after_restore",
        object_kind="hold",
        object_id=hold.id,
        rhythm=line.kind,
        cohort=line.cohort_id,
        choice=choice,
        missed=line.missed,
        waiting=line.waiting,
    )


def _end_if_done(
    session: Session,
    hold: Hold,
    studies: Sequence[Study],
    *,
    actor_id: int | None,
    now: datetime,
) -> bool:
    """End a hold for which nothing is left to choose, and owe the learners the word about it."""
    if _lines(session, hold, studies, now=now):
        return False
    hold.ended_at = now
    session.add(hold)
    session.flush()
    restored_span.tell(session, hold, now=now)
    audit.add(
        session,
        at=now,
        actor_id=actor_id,
        action="end_hold",
        object_kind="hold",
        object_id=hold.id,
    )
    return True


def to_tell(session: Session, *, bot: int, now: datetime) -> tuple[int, list[InCharge]]:
    """The hold that stands and who is still to be told of it; (0, []) without one."""
    hold = stored.open_hold(session, bot=bot)
    if hold is None:
        return 0, []
    return hold.id or 0, stored.to_tell(session, hold, roles=TOLD, on=local_date(now, ZONE))


def forgotten_again(session: Session, *, bot: int) -> int:
    """How many people the restored database had brought back, who were forgotten again."""
    hold = stored.open_hold(session, bot=bot)
    return forgetting.forgotten_again(session, since=hold.last_seen_at) if hold else 0


def note_told(session: Session, *, hold_id: int, person_id: int, now: datetime) -> None:
    """Somebody in charge knows of the hold."""
    stored.note_told(session, hold_id=hold_id, person_id=person_id, at=now)
