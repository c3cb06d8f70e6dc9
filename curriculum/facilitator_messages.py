"""What facilitators are told: their turn, the kit the day before, swaps, minutes still to write."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlmodel import Session

from curriculum import gatherings, guard, people, working_days
from curriculum.facilitator_swaps import SWAP
from curriculum.facts import Facts, NotNow, NotWanted, Verdict
from curriculum.gathering_words import ASK, CALLED_OFF, FALLBACK, KIT, NUDGE
from curriculum.people import Speaker
from curriculum.rhythm import local_date, moment_at, next_working_day
from storage import deputies, gathering_kits, used_lessons
from storage import gatherings as stored
from storage import people as stored_people
from storage.cohorts import Cohort
from storage.deliveries import Claimed
from storage.gatherings import PLANNED, Gathering
from storage.people import Unit

LESSONS = "daily_lesson"
ASKED_BEFORE, WEEK = timedelta(days=3), timedelta(days=7)
MORNING, NOON, AFTERNOON = time(9, 30), time(12, 0), time(16, 0)
# Fewer answers say nothing of a question, and too much of who answered (EXPERIENCE section 9).
ENOUGH_ANSWERS = 5
HARD_SHOWN, USED_SHOWN, QUESTIONS_SHOWN = 2, 3, 3
# Working days after which minutes count as missing (EXPERIENCE section 8).
MINUTES_WITHIN = 2
# So many working days more they are still asked for; then the session stays without them.
MINUTES_ASKED_FOR = 5


@dataclass(frozen=True, slots=True)
class Kit:
    """What a facilitator prepares with: (what, minutes), (lesson number, title), and texts."""

    agenda: tuple[tuple[str, int], ...]
    lessons: tuple[tuple[str, str], ...]
    hard: tuple[tuple[str, str], ...]
    used: tuple[str, ...]
    questions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Now:
    """What one message is judged by."""

    session: Session
    row: Claimed
    found: Gathering
    cohort: Cohort
    reader: Speaker
    now: datetime

    @property
    def day(self) -> date:
        """The session's local date."""
        return local_date(self.found.starts_at, self.cohort.zone)

    def at(self, day: date, hour: time) -> datetime:
        """A local hour of a date."""
        return moment_at(day, hour, self.cohort.zone)


@dataclass(eq=False)
class Told:
    """One kind of message to facilitators, as the postman asks for it."""

    KIND: str
    verdict: Callable[[Now], Verdict]

    def facts(
        self, session: Session, claimed: Sequence[Claimed], *, now: datetime
    ) -> dict[int, Verdict]:
        """What each claimed message says; there are few, so each is asked for by itself."""
        return {row.id: self._one(session, row, now=now) for row in claimed}

    def _one(self, session: Session, row: Claimed, *, now: datetime) -> Verdict:
        found = stored.gathering(session, row.subject_id or 0)
        account = stored_people.account_of(session, bot=row.bot, person_id=row.person_id or 0)
        if found is None or found.state != PLANNED:
            return NotWanted(CALLED_OFF)
        if account is None or not account.reachable:
            return NotWanted("unreachable")
        reader = people.who(session, bot=row.bot, chat_id=account.chat_id, now=now)
        if reader is None:
            return NotWanted("left")
        cohort = session.get_one(Cohort, found.cohort_id)
        return self.verdict(Now(session, row, found, cohort, reader, now))


def _facts(at: Now, values: Mapping[str, Any]) -> Facts:
    return Facts(
        kind=at.row.kind,
        chat_id=at.reader.chat_id,
        language=at.reader.language,
        content_key=f"{at.row.id}/{at.now.isoformat()}",
        content_version=None,
        values={
            "gathering_id": at.found.id or 0,
            "kind": at.found.kind,
            "room": at.found.room,
            "starts_at": at.found.starts_at,
        }
        | dict(values),
    )


def _ask(at: Now) -> Verdict:
    if at.found.facilitator_id != at.row.person_id or at.found.is_confirmed:
        return NotWanted("turn_settled")
    if at.found.starts_at <= at.now:
        return NotWanted("begun")
    morning = at.at(at.day - ASKED_BEFORE, MORNING)
    if at.now < morning:
        return NotNow(morning)
    until = at.at(at.day - timedelta(days=1), NOON)
    return _facts(at, {"until": until if until > at.now else None})


def _kit(at: Now) -> Verdict:
    if at.found.facilitator_id != at.row.person_id or not at.found.is_confirmed:
        return NotWanted("turn_settled")
    return _with_kit(at)


def _fallback(at: Now) -> Verdict:
    """Nobody has said yes by noon the day before, or whoever did is away on the day.

    Her deputy gets the kit, and some hours later, where nobody has said yes still, whoever
    coordinates or stands in for her; without a deputy these get it at noon.
    """
    today, person_id = local_date(at.now, at.cohort.zone), at.row.person_id
    deputy_id = _deputy_of_facilitator(at)
    leads = at.found.facilitator_id or 0
    can_change = gatherings.arranges(at.session, at.reader, at.found)
    if deputy_id is not None and deputy_id == person_id:
        name = stored.names_of(at.session, [leads]).get(leads, "")
        return _with_kit(at, instead_of=name, can_change=can_change)
    if at.found.is_confirmed:
        return NotWanted("turn_settled")
    if person_id in deputies.away_among(at.session, [person_id or 0], on=today):
        return NotWanted("away")
    if not can_change:
        return NotWanted("left")
    hour = NOON if deputy_id is None else AFTERNOON
    return _with_kit(at, hour=hour, instead_of="", can_change=True)


def _deputy_of_facilitator(at: Now) -> int | None:
    """Who stands in for a session's facilitator on its day."""
    leads = at.found.facilitator_id or 0
    return deputies.away_among(at.session, [leads], on=at.day).get(leads)


def _with_kit(at: Now, *, hour: time = NOON, **more: str | bool) -> Verdict:
    if at.found.starts_at <= at.now:
        return NotWanted("begun")
    due = at.at(at.day - timedelta(days=1), hour)
    if at.now < due:
        return NotNow(due)
    return _facts(at, {"kit": asdict(kit(at.session, at.found, at.cohort)), **more})


def kit(session: Session, found: Gathering, cohort: Cohort) -> Kit:
    """The kit of a session: its agenda, and what its week has brought up.

    Questions and sentences are shown without their authors, and as the guard would have them.
    """
    day = local_date(found.starts_at, cohort.zone)
    monday = day - timedelta(days=day.weekday())
    taught = gathering_kits.lessons_taught(
        session, found.cohort_id, kind=LESSONS, since=monday, until=day
    )
    answers = gathering_kits.answers_to(session, [lesson_id for lesson_id, _, _ in taught])
    missed = {
        lesson_id: (right - count) / count
        for lesson_id, (count, right) in answers.items()
        if count >= ENOUGH_ANSWERS and right < count
    }
    by_id = {lesson_id: (code.lstrip("0"), title) for lesson_id, code, title in taught}
    hardest = sorted(missed, key=lambda lesson_id: (missed[lesson_id], lesson_id))[:HARD_SHOWN]
    path = session.get_one(Unit, cohort.unit_id).path
    # Said under the last lesson of a week, so it comes up in the session of the next.
    used = used_lessons.shared(session, found.cohort_id, since=monday - WEEK, limit=USED_SHOWN)
    asked = gathering_kits.open_questions(session, path, limit=QUESTIONS_SHOWN)
    return Kit(
        agenda=tuple((what, minutes) for what, minutes in found.agenda),
        lessons=tuple(by_id.values()),
        hard=tuple(by_id[lesson_id] for lesson_id in hardest),
        used=tuple(guard.look(text).masked for text in used),
        questions=tuple(guard.look(text).masked for text in asked),
    )


def _swap(at: Now) -> Verdict:
    swap_id, _, state = at.row.occasion.partition(":")
    asked = stored.swap(at.session, int(swap_id))
    if asked is None or asked.state != state:
        return NotWanted("swap_settled")
    first, second = (stored.gathering(at.session, i) for i in (asked.gathering_id, asked.other_id))
    if first is None or second is None or min(first.starts_at, second.starts_at) <= at.now:
        return NotWanted("begun")
    names = stored.names_of(at.session, [asked.asked_by, asked.asked_of])
    return _facts(
        at,
        {
            "swap_id": asked.id,
            "state": state,
            "asker": names.get(asked.asked_by, ""),
            "asked": names.get(asked.asked_of, ""),
            "hers": first.starts_at,
            "yours": second.starts_at,
        },
    )


def minutes_due(session: Session, found: Gathering, cohort: Cohort) -> datetime:
    """When minutes that were not written count as missing: two working days after the session."""
    day = _working_day_after(session, found, cohort, MINUTES_WITHIN)
    return moment_at(day, MORNING, cohort.zone)


def minutes_asked_to(session: Session, found: Gathering, cohort: Cohort) -> date:
    """The last local date on which missing minutes are still asked for."""
    return _working_day_after(session, found, cohort, MINUTES_WITHIN + MINUTES_ASKED_FOR)


def _working_day_after(session: Session, found: Gathering, cohort: Cohort, count: int) -> date:
    calendar = working_days.calendar_of(
        session,
        unit_path=session.get_one(Unit, cohort.unit_id).path,
        working_weekdays=cohort.working_weekdays,
    )
    day = local_date(found.starts_at, cohort.zone)
    for _ in range(count):
        day = next_working_day(day, calendar)
    return day


def _nudge(at: Now) -> Verdict:
    if at.found.facilitator_id != at.row.person_id:
        return NotWanted("turn_settled")
    if stored.points(at.session, at.found.id or 0):
        return NotWanted("minutes_written")
    due = minutes_due(at.session, at.found, at.cohort)
    return NotNow(due) if at.now < due else _facts(at, {})


NOTICES = (
    Told(ASK, _ask),
    Told(KIT, _kit),
    Told(FALLBACK, _fallback),
    Told(SWAP, _swap),
    Told(NUDGE, _nudge),
)
