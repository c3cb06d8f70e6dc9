"""The people of a season: four cohorts, a roster, learners with habits and a memory."""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from datetime import time as clock_time

from sqlmodel import Session, select

from bot.cohort_defaults import beats_of, hours_of
from bot.config import Config
from bot.rehearsal.county import COUNTY, TOWN, VALLEY
from bot.rehearsal.rehearse import Rehearsal
from bot.rehearsal.simulated_memory import SimulatedMemory
from curriculum import cohorts, roster
from curriculum.people import LEARNER
from curriculum.roster_rows import RosterRow
from storage.cohorts import Cohort
from storage.lessons import Lesson, LessonText
from storage.people import unit_by_name

FIRST_ACCOUNT = 6_000_000
# (name, pace, hour): together and alone, in the morning, at noon, in the evening.
COHORTS = (
    ("一班", cohorts.TOGETHER, clock_time(10)),
    ("二班", cohorts.TOGETHER, clock_time(12, 30)),
    ("三班", cohorts.OWN, clock_time(10)),
    ("四班", cohorts.OWN, clock_time(18)),
)
OWN_HOURS = {"12:30": clock_time(12, 30), "18:00": clock_time(18), "20:00": clock_time(20)}
ANSWERS, PRESSES, BOTH, SKIPS = "answers", "presses", "both", "skips"
HABITS = (ANSWERS, PRESSES, BOTH, SKIPS)
# Shares of the crowd.
WITH_OWN_HOUR, RECALLING, LATE, SLOW = 0.2, 0.6, 0.12, 0.1


@dataclass(frozen=True, slots=True)
class Question:
    """A check question by its text: of which lesson, and which option is right."""

    lesson: str
    answer: int


@dataclass(slots=True)
class Learner:
    """One learner's habits and what happened to her.

    `joins_on` is the day in whose evening she opens her link; `due` are the days a lesson was owed
    to her, `late_on` those on which it came in the evening, when she was back. `resting` is the
    first day of a pause and the first day back (None while open).
    """

    user_id: int
    name: str
    cohort: int
    memory: SimulatedMemory
    habits: tuple[float, ...]
    recalls: bool
    hour: clock_time
    own_hour: str | None
    joins_on: date
    is_late: bool
    token: str = ""
    joined: bool = False
    blocked: bool = False
    resting: tuple[date, date | None] | None = None
    pauses: int = 0
    due: set[date] = field(default_factory=set)
    late_on: set[date] = field(default_factory=set)
    away: set[date] = field(default_factory=set)
    rested: set[date] = field(default_factory=set)
    recorded: Counter[date] = field(default_factory=Counter)
    caught_up: int = 0
    # True chances at the moment of each recall question whose lesson she had been asked before.
    chances: list[float] = field(default_factory=list)

    def is_resting(self, day: date) -> bool:
        """Whether a day lies in her pause."""
        if self.resting is None or day < self.resting[0]:
            return False
        return self.resting[1] is None or day < self.resting[1]


def crowd(count: int, first_day: date, season: list[date], chance: random.Random) -> list[Learner]:
    """Learners with habits; most join before the first day, some slowly, some late."""
    made = []
    for number in range(count):
        cohort = number % len(COHORTS)
        kind = chance.random()
        joins_on = first_day
        if kind < LATE:
            joins_on = chance.choice(season[len(season) // 6 : len(season) * 2 // 3] or season)
        elif kind < LATE + SLOW:
            joins_on = chance.choice(season[:10])
        own = chance.choice(list(OWN_HOURS)) if chance.random() < WITH_OWN_HOUR else None
        made.append(
            Learner(
                user_id=FIRST_ACCOUNT + number,
                name=f"学员{number + 1}",
                cohort=cohort,
                memory=SimulatedMemory(random.Random(chance.random())),  # noqa: S311
                habits=tuple(chance.random() for _ in HABITS),
                recalls=chance.random() < RECALLING,
                hour=OWN_HOURS[own] if own else COHORTS[cohort][2],
                own_hour=own,
                joins_on=joins_on,
                is_late=kind < LATE,
            )
        )
    return made


def make_cohorts(
    session: Session, config: Config, *, bot: int, start_on: date, now: datetime
) -> None:
    """The season's four cohorts beside the sample county's own."""
    (county,) = unit_by_name(session, COUNTY)
    sample = session.exec(select(Cohort)).first()
    for name, pace, hour in COHORTS:
        beats = tuple(
            cohorts.BeatDefaults(
                kind=beat.kind,
                is_on=beat.is_on,
                time_of_day=hour,
                late=beat.late,
                skip_after_hours=beat.skip_after_hours,
                settings=beat.settings,
            )
            for beat in beats_of(config)
        )
        cohorts.create(
            session,
            unit=county,
            bot=bot,
            name=name,
            pace=pace,
            pack_id=sample.pack_id if sample else 0,
            hours=hours_of(config),
            beats=beats,
            start_on=start_on,
            now=now,
        )


async def put_on_roster(running: Rehearsal, learners: list[Learner]) -> None:
    """Import a roster of these learners and keep each one's own link."""
    if not learners:
        return
    rows = [
        RosterRow(
            line=line,
            unit=(TOWN, VALLEY)[learner.user_id % 2],
            name=learner.name,
            roles=(LEARNER,),
            cohort=COHORTS[learner.cohort][0],
        )
        for line, learner in enumerate(learners, 2)
    ]
    imported = await running.wuxue.database.write(
        roster.import_roster,
        roster.everywhere(running.wuxue.bot.id),
        rows,
        now=running.clock.now(),
    )
    tokens = {person.name: person.token for person in imported.people}
    for learner in learners:
        learner.token = tokens[learner.name]


def questions(session: Session) -> dict[str, Question]:
    """Every check question by its Chinese text."""
    rows = session.exec(
        select(Lesson.code, LessonText.question).where(
            LessonText.version_id == Lesson.current_version_id, LessonText.language == "zh"
        )
    )
    return {
        question["text"]: Question(code.lstrip("0"), question["answer"]) for code, question in rows
    }
