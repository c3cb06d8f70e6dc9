"""工作群: which group receives which cohort's lessons, and who may change that."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from curriculum import cohorts, daily_lesson, occasions
from curriculum.errors import NotThere
from curriculum.group_errors import GroupElsewhere, LinkChanged
from curriculum.people import Speaker
from curriculum.rhythm import local_date
from curriculum.schedule import Place, reach
from storage import audit
from storage import cohorts as stored_cohorts
from storage import lesson_deliveries as owed
from storage import work_groups as stored
from storage.cohorts import Cohort, WorkGroup
from storage.columns import LARGEST_ID
from storage.people import Unit

ACTION = "link_group"
# No cohort has this id: how a group stands that is not linked.
NOT_LINKED = 0


@dataclass(frozen=True, slots=True)
class Choices:
    """The (id, name) of every cohort she may link a group to; where the group is linked now."""

    cohorts: tuple[tuple[int, str], ...]
    linked_to: str | None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A group to be linked to a cohort; `seen` is the id of the cohort it is linked to now."""

    cohort_id: int
    cohort_name: str
    seen: int
    moved_from: str | None


@dataclass(frozen=True, slots=True)
class LinkedGroup:
    """A linked group as its coordinator sees it; `reason` is why it cannot be reached."""

    group_id: int
    title: str
    cohort_name: str
    linked_at: datetime
    is_reachable: bool
    since: datetime | None
    reason: str | None


def choices(session: Session, speaker: Speaker, chat_id: int) -> Choices:
    """What a group can be linked to; raises GroupElsewhere, NotThere."""
    speaker.require(ACTION)
    group = stored.open_group(session, bot=speaker.bot, chat_id=chat_id)
    linked_to = _may_release(session, speaker, group).name if group is not None else None
    within = reach(session, speaker, ACTION)
    return Choices(tuple((cohort.id or 0, cohort.name) for cohort, _ in within), linked_to)


def propose(session: Session, speaker: Speaker, chat_id: int, cohort_id: int) -> Proposal:
    """What linking this group to this cohort would change; nothing is changed yet."""
    cohort = _cohort(session, speaker, cohort_id)
    group = stored.open_group(session, bot=speaker.bot, chat_id=chat_id)
    before = _may_release(session, speaker, group) if group is not None else None
    moved_from = before.name if before is not None and before.id != cohort.id else None
    return Proposal(cohort_id, cohort.name, _seen(group), moved_from)


def link(
    session: Session,
    speaker: Speaker,
    *,
    chat_id: int,
    title: str,
    cohort_id: int,
    seen: int,
    now: datetime,
) -> tuple[str, bool]:
    """Link a group to a cohort, away from another where it had one.

    Returns the cohort's name, and False when it was linked there already (a second tap).
    The day's lesson goes there too if its hour is still ahead. Raises LinkChanged when the group
    does not stand as `seen` any more, GroupElsewhere, NotThere.
    """
    cohort = _cohort(session, speaker, cohort_id)
    group = stored.open_group(session, bot=speaker.bot, chat_id=chat_id, lock=True)
    if group is not None and group.cohort_id == cohort_id:
        return cohort.name, False
    if _seen(group) != seen:
        raise LinkChanged
    if group is not None:
        _may_release(session, speaker, group)
        _end(session, group, now=now)
    if not stored.add_group(
        session,
        cohort_id=cohort_id,
        bot=speaker.bot,
        chat_id=chat_id,
        title=title,
        language=speaker.language,
        now=now,
    ):
        raise LinkChanged
    new = stored.open_group(session, bot=speaker.bot, chat_id=chat_id)
    _note(session, speaker, "link_group", new, now=now, was=seen)
    _owe_today(session, cohort, now=now)
    return cohort.name, True


def linked(session: Session, speaker: Speaker) -> list[LinkedGroup]:
    """Every linked group of the cohorts under her unit, with whether it can be reached."""
    speaker.require(ACTION)
    ids = [cohort.id or 0 for cohort, _ in reach(session, speaker, ACTION)]
    return [_shown(group, name) for group, name in stored.groups_of(session, ids)]


def is_linked(session: Session, *, bot: int, chat_id: int) -> bool:
    """Whether a group is some cohort's work group."""
    return stored_cohorts.work_group(session, bot=bot, chat_id=chat_id) is not None


def one(session: Session, speaker: Speaker, group_id: int) -> LinkedGroup:
    """One linked group; raises NotThere."""
    group, cohort = _group(session, speaker, group_id)
    return _shown(group, cohort.name)


def unlink(session: Session, speaker: Speaker, group_id: int, *, now: datetime) -> LinkedGroup:
    """End a link: nothing more goes to the group, what waits for it is dropped when due."""
    group, cohort = _group(session, speaker, group_id)
    _end(session, group, now=now)
    _note(session, speaker, "unlink_group", group, now=now)
    return _shown(group, cohort.name)


def _cohort(session: Session, speaker: Speaker, cohort_id: int) -> Cohort:
    cohort = session.get(Cohort, cohort_id) if cohort_id < LARGEST_ID else None
    if cohort is None or cohort.bot != speaker.bot:
        raise NotThere
    speaker.require(ACTION, unit_path=session.get_one(Unit, cohort.unit_id).path)
    return cohort


def _may_release(session: Session, speaker: Speaker, group: WorkGroup) -> Cohort:
    """The cohort a group is linked to; GroupElsewhere when its coordinator is somebody else."""
    try:
        return _cohort(session, speaker, group.cohort_id)
    except NotThere as error:
        raise GroupElsewhere from error


def _group(session: Session, speaker: Speaker, group_id: int) -> tuple[WorkGroup, Cohort]:
    group = session.get(WorkGroup, group_id) if group_id < LARGEST_ID else None
    if group is None or group.ended_at is not None:
        raise NotThere
    return group, _cohort(session, speaker, group.cohort_id)


def _seen(group: WorkGroup | None) -> int:
    return group.cohort_id if group is not None else NOT_LINKED


def _end(session: Session, group: WorkGroup, *, now: datetime) -> None:
    group.ended_at = now
    session.add(group)
    session.flush()


def _owe_today(session: Session, cohort: Cohort, *, now: datetime) -> None:
    """The day was planned at midnight without the group; it is owed the lesson if still ahead."""
    beat = cohorts.beat_of(session, cohort, kind=daily_lesson.KIND)
    if beat is None:
        return
    place = Place(beat, cohort, local_date(now, beat.zone))
    standing = owed.occasion_on(
        session, kind=daily_lesson.KIND, cohort_id=beat.cohort_id, local_date=place.day
    )
    is_planned = standing is not None and standing.state == occasions.PLANNED
    if is_planned and place.due_at(standing) > now:
        daily_lesson.plan(session, place.occasion, now=now)


def _shown(group: WorkGroup, cohort_name: str) -> LinkedGroup:
    return LinkedGroup(
        group_id=group.id or 0,
        title=group.title,
        cohort_name=cohort_name,
        linked_at=group.linked_at,
        is_reachable=group.reachable,
        since=group.unreachable_since,
        reason=group.unreachable_reason,
    )


def _note(
    session: Session,
    speaker: Speaker,
    action: str,
    group: WorkGroup | None,
    *,
    now: datetime,
    was: int = NOT_LINKED,
) -> None:
    audit.add(
        session,
        at=now,
        actor_id=speaker.person_id,
        action=action,
        object_kind="work_group",
        object_id=group.id if group else None,
        cohort=_seen(group),
        was=was,
    )
