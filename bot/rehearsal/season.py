"""A season without a page: learners who answer, skip, block the bot and come back; then a count."""

import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from sqlmodel import Session

from bot.config import Config
from bot.rehearsal import county
from bot.rehearsal.county import Role
from bot.rehearsal.rehearse import Rehearsal, rehearsal
from bot.rehearsal.stored import StoredMessage
from curriculum import joining, records, working_days
from curriculum.lesson_pack import LessonPack
from curriculum.people import LEARNER
from curriculum.records import Period, Scope
from curriculum.rhythm import WorkingCalendar, days, moment_at
from storage.cohorts import Cohort
from storage.people import Unit

# A season with two make-up days and two holidays (DOMAIN section 6: 09-20 and 10-10 are worked).
FIRST_DAY = date(2026, 8, 24)
FIRST_ACCOUNT = 6_000_000
DAWN, NOON = clock_time(0, 10), clock_time(12, 0)
LESSON_BEGINS = ("每日一学", "Daily lesson")
ANSWERS, PRESSES, BOTH, SKIPS = "answers", "presses", "both", "skips"
HABITS = (ANSWERS, PRESSES, BOTH, SKIPS)
BLOCKS_A_DAY = 0.01
BACK_A_DAY = 0.25


@dataclass(slots=True)
class Learner:
    """One learner's habits and what happened to her; `due` are the days a lesson was owed her."""

    user_id: int
    habits: tuple[float, ...]
    blocked: bool = False
    due: set[date] = field(default_factory=set)
    away: set[date] = field(default_factory=set)
    recorded: set[date] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Summary:
    """What a season came to; `wrong` must be empty."""

    days: int
    working_days: int
    make_up_days: int
    days_off: int
    learners: int
    lessons_due: int
    lessons_arrived: int
    away: int
    acts: int
    records: int
    seconds: float
    wrong: tuple[str, ...]


async def play(
    config: Config,
    pack: LessonPack | None,
    *,
    days_long: int,
    learners: int,
    seed: int,
    folder: Path,
    progress: Progress | None = None,
) -> Summary:
    """Play a season and count; the same seed plays the same one."""
    began = time.perf_counter()
    chance = random.Random(seed)  # noqa: S311  habits, no secrets
    zone = config.calendar.zone
    start = moment_at(FIRST_DAY, NOON, zone) - timedelta(days=1)
    async with rehearsal(folder, config, start=start, pack=pack, speed=0.0) as running:
        crowd = await _enrol(running, learners, chance)
        calendar = await running.wuxue.database.read(
            working_days.calendar_of,
            unit_path="/",
            working_weekdays=list(config.calendar.working_weekdays),
        )
        season = list(days(FIRST_DAY, FIRST_DAY + timedelta(days=days_long - 1)))
        task = progress.add_task("", total=len(season)) if progress else None
        for day in season:
            await _one_day(running, crowd, day, calendar, chance=chance, zone=zone)
            if progress and task is not None:
                progress.update(task, advance=1, description=day.isoformat())
        written = await running.wuxue.database.read(_count_records)
        return _sum_up(
            running,
            crowd,
            season,
            calendar,
            written,
            zone=zone,
            seconds=time.perf_counter() - began,
        )


async def _enrol(running: Rehearsal, learners: int, chance: random.Random) -> list[Learner]:
    tokens = await running.wuxue.database.write(
        _invites, cohort_id=running.links.cohort_id, count=learners, now=running.clock.now()
    )
    crowd = []
    for number, token in enumerate(tokens):
        user_id = FIRST_ACCOUNT + number
        running.world.add_user(user_id, f"学员{number + 1}")
        role = Role(f"season-{number}", user_id, f"学员{number + 1}", LEARNER, "", "", "")
        await county.enrol_by_chat(running.world, running.settle, role, token)
        crowd.append(Learner(user_id, tuple(chance.random() for _ in HABITS)))
    return crowd


def _invites(session: Session, *, cohort_id: int, count: int, now: datetime) -> list[str]:
    cohort = session.get_one(Cohort, cohort_id)
    unit = session.get_one(Unit, cohort.unit_id)
    return [
        joining.make_invite(
            session, role=LEARNER, unit=unit, cohort=cohort, uses=1, created_by=None, now=now
        ).token
        for _ in range(count)
    ]


async def _one_day(
    running: Rehearsal,
    crowd: list[Learner],
    day: date,
    calendar: WorkingCalendar,
    *,
    chance: random.Random,
    zone: str,
) -> None:
    """Midnight, the lesson's hour, then noon, when people act."""
    await running.hand_clock.through(moment_at(day, DAWN, zone))
    awake = [learner for learner in crowd if not learner.blocked]
    await running.hand_clock.through(moment_at(day, NOON, zone))
    works = calendar.is_working(day)
    for learner in crowd:
        if learner.blocked and chance.random() < BACK_A_DAY:
            running.world.unblock(learner.user_id)
            learner.blocked = False
            awake.append(learner)
    await running.settle()
    for learner in crowd:
        if works and learner in awake:
            learner.due.add(day)
            _act(running, learner, day, chance)
        elif works:
            learner.away.add(day)
        if not learner.blocked and chance.random() < BLOCKS_A_DAY:
            running.world.block(learner.user_id)
            learner.blocked = True
    await running.settle()


def _act(running: Rehearsal, learner: Learner, day: date, chance: random.Random) -> None:
    """Do with today's lesson what this learner tends to do, sometimes twice."""
    habit = chance.choices(HABITS, weights=learner.habits)[0]
    messages = list(_todays(running, learner, day))
    lesson = next((m for m in messages if m.text.startswith(LESSON_BEGINS)), None)
    quiz = next((m for m in messages if m.poll is not None), None)
    if habit in (PRESSES, BOTH) and lesson is not None:
        for _ in range(chance.choice((1, 1, 2))):
            running.world.press(
                learner.user_id, learner.user_id, lesson.message_id, row=0, column=0
            )
        learner.recorded.add(day)
    if habit in (ANSWERS, BOTH) and quiz is not None and quiz.poll is not None:
        option = chance.randrange(len(quiz.json["poll"]["options"]))
        running.world.vote(learner.user_id, quiz.json["poll"]["id"], [option])
        learner.recorded.add(day)


def _todays(running: Rehearsal, learner: Learner, day: date) -> Iterator[StoredMessage]:
    """The day's messages of the bot, newest first."""
    zone = ZoneInfo("Asia/Shanghai")
    for message in reversed(running.world.messages(learner.user_id)):
        if message.at.astimezone(zone).date() < day:
            return
        if message.from_bot:
            yield message


def _count_records(session: Session) -> Counter[tuple[str, date]]:
    everything = Scope(0, "/", "")
    period = Period(date(2000, 1, 1), date(2100, 1, 1))
    return Counter(
        (row.person_name, row.occurred_on) for row in records.rows(session, everything, period)
    )


def _sum_up(
    running: Rehearsal,
    crowd: list[Learner],
    season: list[date],
    calendar: WorkingCalendar,
    written: Counter[tuple[str, date]],
    *,
    zone: str,
    seconds: float,
) -> Summary:
    """Hold what arrived and what was recorded against what should have been."""
    arrived = _arrivals(running, zone)
    wrong = []
    for number, learner in enumerate(crowd):
        for day in season:
            got = arrived[learner.user_id, day]
            want = int(day in learner.due)
            if got != want:
                wrong.append(f"{day} {learner.user_id}: {got} lessons, not {want}")
            kept = written[f"学员{number + 1}", day]
            if kept != int(day in learner.recorded):
                wrong.append(f"{day} {learner.user_id}: {kept} records")
    worked = [day for day in season if calendar.is_working(day)]
    accounts = {learner.user_id for learner in crowd}
    return Summary(
        days=len(season),
        working_days=len(worked),
        make_up_days=sum(day.isoweekday() > 5 for day in worked),
        days_off=len(season) - len(worked),
        learners=len(crowd),
        lessons_due=sum(len(learner.due) for learner in crowd),
        lessons_arrived=sum(n for (user, _), n in arrived.items() if user in accounts),
        away=sum(len(learner.away) for learner in crowd),
        acts=sum(len(learner.recorded) for learner in crowd),
        records=sum(n for (name, _), n in written.items() if name.startswith("学员")),
        seconds=seconds,
        wrong=tuple(wrong),
    )


def _arrivals(running: Rehearsal, zone: str) -> Counter[tuple[int, date]]:
    """How many lessons reached each chat on each local day, by the server's own log."""
    local = ZoneInfo(zone)
    return Counter(
        (sent.chat_id, sent.at.astimezone(local).date())
        for sent in running.world.sent_log
        if sent.method == "sendMessage"
        and sent.chat_id is not None
        and sent.message is not None
        and sent.message.text.startswith(LESSON_BEGINS)
    )


async def play_and_print(
    config: Config, pack: LessonPack | None, *, days: int, learners: int, seed: int
) -> bool:
    """Play a season with a progress bar and print the summary; False when something was wrong."""
    console = Console()
    with TemporaryDirectory() as folder, Progress(console=Console(stderr=True)) as progress:
        summary = await play(
            config,
            pack,
            days_long=days,
            learners=learners,
            seed=seed,
            folder=Path(folder),
            progress=progress,
        )
    console.print(table(summary))
    for line in summary.wrong[:20]:
        console.print(line, style="red", highlight=False)
    return not summary.wrong


def table(summary: Summary) -> Table:
    """The season in figures."""
    shown = Table("", "", title=f"{FIRST_DAY.isoformat()} +{summary.days}", show_header=False)
    lines = {
        "学员 learners": summary.learners,
        "天数 days": summary.days,
        "工作日 working days": summary.working_days,
        "其中补班 make-up days among them": summary.make_up_days,
        "休息日 days off": summary.days_off,
        "应到的课 lessons due": summary.lessons_due,
        "送到的课 lessons arrived": summary.lessons_arrived,
        "屏蔽期间 due while blocked": summary.away,
        "学过的人次 lessons learned": summary.acts,
        "台账记录 records": summary.records,
        "不对的 wrong (missing, twice, on a day off)": len(summary.wrong),
        "用时 seconds": f"{summary.seconds:.1f}",
    }
    for name, value in lines.items():
        shown.add_row(name, str(value))
    return shown
