"""The end of a pack: ten lessons before it those who coordinate the cohort are told, once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from curriculum import people
from curriculum.facts import FOLDABLE, Facts, NotWanted, Verdict
from curriculum.occasions import Occasion
from curriculum.rhythm import local_date
from storage import deliveries, deputies
from storage import people as stored_people
from storage import rounds as stored
from storage.cohorts import Cohort
from storage.deliveries import Claimed
from storage.lessons import Lesson, LessonPack
from storage.people import Unit

KIND = "pack_ending"
# From how many lessons before the end on (EXPERIENCE section 5).
LESSONS_BEFORE = 10


def tell(
    session: Session, occasion: Occasion, lesson_id: int, *, due_at: datetime, now: datetime
) -> int:
    """Owe the word to the cohort's coordinators when few lessons are left behind this one.

    Once in each round: the occasion is the lesson that ends the pack and how often it was taught
    before, so a pack made longer meanwhile is told of again. Returns how many rows were added.
    """
    beat, day = occasion.beat, occasion.local_date
    lesson = session.get_one(Lesson, lesson_id)
    left, last_id = stored.still_ahead(session, lesson, on=day)
    if last_id is None or left > LESSONS_BEFORE:
        return 0
    # Whoever has just begun a short pack need not hear at once that it ends.
    if stored.is_first(session, lesson, on=day):
        return 0
    round_number = stored.times_taught(
        session, cohort_id=beat.cohort_id, lesson_id=last_id, before=day
    )
    # The few who coordinate one unit.
    near = stored.coordinators_near(session, beat.cohort_id, bot=beat.bot, on=day)
    return sum(
        deliveries.add(
            session,
            bot=beat.bot,
            kind=KIND,
            occasion=f"{beat.cohort_id}:{last_id}:{round_number}",
            recipient=person_id,
            person_id=person_id,
            cohort_id=beat.cohort_id,
            subject_id=beat.pack_id,
            urgency=FOLDABLE,
            due_at=due_at,
            created_at=now,
        )
        for person_id in deputies.who_acts(session, near, on=day)
    )


def line(facts: Facts) -> Mapping[str, Any]:
    """The word as a line of the coordinator's own lesson."""
    return {name: facts.values[name] for name in ("cohort", "left")}


def facts(session: Session, claimed: Sequence[Claimed], *, now: datetime) -> dict[int, Verdict]:
    """What each claimed word says; a cohort's few coordinators are asked for one by one."""
    return {row.id: _verdict(session, row, now=now) for row in claimed}


def _verdict(session: Session, row: Claimed, *, now: datetime) -> Verdict:
    cohort = session.get_one(Cohort, row.cohort_id)
    if cohort.pack_id != row.subject_id:
        return NotWanted("pack_chosen")
    account = stored_people.account_of(session, bot=row.bot, person_id=row.person_id or 0)
    if account is None or not account.reachable:
        return NotWanted("unreachable")
    speaker = people.who(session, bot=row.bot, chat_id=account.chat_id, now=now)
    path = session.get_one(Unit, cohort.unit_id).path
    if speaker is None or not speaker.may("schedule", unit_path=path):
        return NotWanted("left")
    left = _left(session, cohort, now=now)
    if not left:
        return NotWanted("pack_over")
    return Facts(
        kind=KIND,
        chat_id=account.chat_id,
        language=speaker.language,
        content_key=f"{KIND}/{row.occasion}/{left}",
        content_version=None,
        values={
            "cohort": cohort.name,
            "pack": session.get_one(LessonPack, cohort.pack_id).title,
            "left": left,
        },
    )


def _left(session: Session, cohort: Cohort, *, now: datetime) -> int:
    """How many lessons are left behind the day's, or behind the last one there was."""
    today = local_date(now, cohort.zone)
    lesson = stored.latest_lesson(
        session, cohort_id=cohort.id or 0, pack_id=cohort.pack_id, until=today
    )
    return stored.still_ahead(session, lesson, on=today)[0] if lesson else 0
