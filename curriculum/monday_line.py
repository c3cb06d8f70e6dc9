"""The administrators' one line each Monday: all is well, or what needs a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlmodel import Session

from curriculum import people
from curriculum.facts import FOLDABLE, Facts, NotWanted, Verdict
from curriculum.people import ADMINISTRATOR
from curriculum.rhythm import local_date, moment_at
from storage import administrators, calendar_days, machine, queue
from storage import people as stored_people
from storage.deliveries import Claimed
from storage.machine import Machine
from storage.queue import Queue

KIND = "monday_line"
MONDAY = 1
HOUR, LAST_HOUR = time(10), time(20)
BACKUP_WITHIN = timedelta(days=8)
LATE_AFTER = timedelta(hours=1)
SMALL_DISK, SMALL_SHARE = 1_000_000_000, 0.10
# From this month on next year's public holidays should be known (DESIGN section 3).
HOLIDAYS_KNOWN_FROM = 11


@dataclass(frozen=True, slots=True)
class Line:
    """What the line says. `needs` holds the codes of what a person should see to, worst first."""

    needs: tuple[str, ...]
    machine: Machine
    queue: Queue
    # The last year whose public holidays are known; None when none are.
    known_to: int | None


def owe(session: Session, *, bot: int, zone: str, now: datetime) -> int:
    """Owe this week's line on its Monday, once; returns how many rows were added.

    A Monday that was missed brings none: the next one says how things stand by then.
    """
    today = local_date(now, zone)
    last = moment_at(today, LAST_HOUR, zone)
    if today.isoweekday() != MONDAY or now > last:
        return 0
    year, week, _ = today.isocalendar()
    return administrators.owe_each(
        session,
        bot=bot,
        kind=KIND,
        occasion=f"{year}-W{week:02}",
        urgency=FOLDABLE,
        due_at=moment_at(today, HOUR, zone),
        not_after=last,
        on=today,
        now=now,
    )


def facts(session: Session, claimed: Sequence[Claimed], *, now: datetime) -> dict[int, Verdict]:
    """How things stand at the moment of sending, for the few who look after them."""
    line = None
    verdicts: dict[int, Verdict] = {}
    for row in claimed:
        account = stored_people.account_of(session, bot=row.bot, person_id=row.person_id or 0)
        if account is None or not account.reachable:
            verdicts[row.id] = NotWanted("unreachable")
            continue
        speaker = people.who(session, bot=row.bot, chat_id=account.chat_id, now=now)
        if speaker is None or all(grant.role != ADMINISTRATOR for grant in speaker.grants):
            verdicts[row.id] = NotWanted("left")
            continue
        line = line or stands(session, bot=row.bot, now=now)
        verdicts[row.id] = Facts(
            KIND,
            account.chat_id,
            speaker.language,
            f"{KIND}/{row.occasion}/{now.isoformat()}",
            None,
            {"line": line},
        )
    return verdicts


def stands(session: Session, *, bot: int, now: datetime) -> Line:
    """How things stand now."""
    seen = machine.look(session.get_bind().engine)
    waiting = queue.depth(session, bot=bot, now=now)
    known_to = calendar_days.last_national_year(session)
    return Line(tuple(needs(seen, waiting, known_to, now=now)), seen, waiting, known_to)


def needs(seen: Machine, waiting: Queue, known_to: int | None, *, now: datetime) -> list[str]:
    """The codes of what a person should see to, worst first."""
    found = []
    if is_full(seen):
        found.append("disk")
    if waiting.oldest_due_at is not None and now - waiting.oldest_due_at > LATE_AFTER:
        found.append("queue")
    if seen.is_sqlite and (seen.last_backup is None or now - seen.last_backup > BACKUP_WITHIN):
        found.append("backup")
    if lacks_holidays(known_to, now=now):
        found.append("calendar")
    return found


def is_full(seen: Machine) -> bool:
    """Whether less than 1 GB or a tenth of the disk is left."""
    disk = seen.disk
    return disk is not None and (disk.free < SMALL_DISK or disk.free < SMALL_SHARE * disk.total)


def lacks_holidays(known_to: int | None, *, now: datetime) -> bool:
    """Whether public holidays should be known by now and are not; no table at all is a choice."""
    if known_to is None:
        return False
    needed = now.year + 1 if now.month >= HOLIDAYS_KNOWN_FROM else now.year
    return known_to < needed
