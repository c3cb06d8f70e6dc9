"""Group sessions on days that became days off: their supervisor is asked 照常 or 改时间.

Nothing is moved. What was asked stands in the outbox: the question itself, and the word two days
before the session that it is open still, which her answer takes out again.
"""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from sqlmodel import Session

from curriculum import supervision_words as words
from curriculum.errors import ChangedMeanwhile, NotThere
from curriculum.facts import FOLDABLE, URGENT, Facts, NotWanted
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.supervision_group_words import NEAR, view
from curriculum.supervision_holidays import ASKED, RIGHT, TOLD_OPEN, WORKED, span_of
from curriculum.supervision_words import TAKE_BACK, Now, Told
from storage import audit, deliveries
from storage import supervision_groups as stored
from storage import supervision_holidays as holidays
from storage.supervision_groups import PLANNED, SupervisionGroup

GROUP_HOLIDAY = "supervision_group_holiday"
OPEN = "open"
# Nobody is hurried who was asked a moment ago.
ASKED_FOR = timedelta(hours=1)


def affected(
    session: Session, speaker: Speaker, days: Collection[date], *, now: datetime
) -> list[SupervisionGroup]:
    """The group sessions to come on these days with somebody whose calendar she sets; NotThere."""
    speaker.require(RIGHT)
    if not days:
        return []
    since, until = span_of(days, now=now)
    found = holidays.groups_under(
        session, list(speaker.reach(RIGHT)), bot=speaker.bot, since=since, until=until
    )
    return [one for one in found if local_date(one.starts_at, ZONE) in days]


def count(session: Session, speaker: Speaker, days: Collection[date], *, now: datetime) -> int:
    """How many group sessions lie on these days; raises NotThere."""
    return len(affected(session, speaker, days, now=now))


def ask(session: Session, speaker: Speaker, days: Collection[date], *, now: datetime) -> int:
    """Ask the supervisor of every group session on these days, once; how many. NotThere."""
    asked = 0
    for group in affected(session, speaker, days, now=now):
        if _asked_at(session, group) is not None:
            continue
        _owe(session, group, ASKED, now, due_at=now + TAKE_BACK, now=now)
        reminds_at = max(now + ASKED_FOR, group.starts_at - TOLD_OPEN)
        if reminds_at < group.starts_at:
            _owe(session, group, OPEN, now, due_at=reminds_at, now=now)
        _write_down(session, speaker, group, "ask_supervision_holiday", now=now)
        asked += 1
    return asked


def keep(
    session: Session, speaker: Speaker, group_id: int, *, seen: int, now: datetime
) -> SupervisionGroup:
    """照常 by the supervisor: it stands, and the question is none any more.

    `seen` is how often it was moved when she was asked. Raises NotThere; ChangedMeanwhile where it
    was moved, cancelled or has begun since.
    """
    found = stored.group(session, group_id, lock=True)
    if found is None or found.supervisor_id != speaker.person_id:
        raise NotThere
    if not _is_open(found, seen, now=now):
        raise ChangedMeanwhile
    asked_at = _asked_at(session, found)
    if asked_at is not None:
        occasion = _name(found, asked_at, OPEN)
        deliveries.take_out(session, kind=GROUP_HOLIDAY, occasion=occasion)
    _write_down(session, speaker, found, "keep_supervision_holiday", now=now)
    return found


def withdraw(
    session: Session,
    speaker: Speaker,
    asked_at: datetime,
    days: Collection[date],
    *,
    now: datetime,
) -> None:
    """What was asked of these days at a moment is no question: they are worked after all.

    Who was told is told that. Raises NotThere.
    """
    stamp = _stamp(asked_at)
    for group in affected(session, speaker, days, now=now):
        if _asked_at(session, group) != stamp:
            continue
        asked, reminder = (_name(group, stamp, what) for what in (ASKED, OPEN))
        deliveries.take_out(session, kind=GROUP_HOLIDAY, occasion=reminder)
        if not deliveries.take_out(session, kind=GROUP_HOLIDAY, occasion=asked):
            _owe(session, group, WORKED, asked_at, due_at=now + TAKE_BACK, now=now)
        _write_down(session, speaker, group, "withdraw_supervision_holiday", now=now)


def _stamp(asked_at: datetime) -> int:
    return int(asked_at.timestamp())


def _name(group: SupervisionGroup, stamp: int, what: str) -> str:
    return f"{group.id}:{group.moves}:{stamp}:{what}"


def _asked_at(session: Session, group: SupervisionGroup) -> int | None:
    """When it was asked of a session at its present time, where that was not withdrawn."""
    said: dict[str, set[int]] = {ASKED: set(), WORKED: set(), OPEN: set()}
    for occasion in deliveries.occasions_about(
        session, kind=GROUP_HOLIDAY, subject_id=group.id or 0
    ):
        _, moves, stamp, what = occasion.split(":")
        if int(moves) == group.moves:
            said[what].add(int(stamp))
    # Of one that is open the reminder waits still, when the question has long been sent and pruned.
    return max((said[ASKED] | said[OPEN]) - said[WORKED], default=None)


def _is_open(group: SupervisionGroup, moves: int, *, now: datetime) -> bool:
    return group.state == PLANNED and group.moves == moves and group.starts_at > now


def _owe(
    session: Session,
    group: SupervisionGroup,
    what: str,
    asked_at: datetime,
    *,
    due_at: datetime,
    now: datetime,
) -> None:
    words.owe(
        session,
        GROUP_HOLIDAY,
        group.supervisor_id,
        bot=group.bot,
        occasion=_name(group, _stamp(asked_at), what),
        subject_id=group.id,
        urgency=URGENT if what != OPEN and group.starts_at - now < NEAR else FOLDABLE,
        due_at=due_at,
        not_after=group.starts_at,
        now=now,
    )


def _write_down(
    session: Session, speaker: Speaker, group: SupervisionGroup, action: str, *, now: datetime
) -> None:
    audit.add(
        session,
        at=now,
        actor_id=speaker.person_id,
        action=action,
        object_kind="supervision_group",
        object_id=group.id,
        day=local_date(group.starts_at, ZONE).isoformat(),
    )


def _verdict(at: Now) -> Facts | NotWanted:
    found = stored.group(at.session, at.row.subject_id or 0)
    _, moves, stamp, what = at.row.occasion.split(":")
    if found is None or not _is_open(found, int(moves), now=at.now):
        return NotWanted("group_changed")
    is_asked = _asked_at(at.session, found) == int(stamp)
    if is_asked != (what != WORKED):
        return NotWanted("withdrawn")
    return at.facts(
        what=what, view=view(at.session, found.id or 0, at.reader.person_id, now=at.now)
    )


NOTICES = (Told(GROUP_HOLIDAY, _verdict),)
