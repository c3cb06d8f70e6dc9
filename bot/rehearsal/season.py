"""A season without a page: a whole centre's learners live through it; then a count."""

import random
import time
from dataclasses import dataclass, replace
from datetime import date, timedelta
from datetime import time as clock_time
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from sqlmodel import Session, col, func, select

from bot.config import Config
from bot.rehearsal import season_count, season_crowd
from bot.rehearsal.rehearse import rehearsal
from bot.rehearsal.season_count import Recalled
from bot.rehearsal.season_crowd import COHORTS, Learner
from bot.rehearsal.season_days import Days
from curriculum import cohorts, working_days
from curriculum.lesson_pack import LessonPack
from curriculum.rhythm import WorkingCalendar, days, moment_at
from storage.lessons import Lesson

# A season with two make-up days and two holidays (DOMAIN section 6: 09-20 and 10-10 are worked).
FIRST_DAY = date(2026, 8, 24)
NOON = clock_time(12, 0)


@dataclass(frozen=True, slots=True)
class Summary:
    """What a season came to; `wrong` must be empty."""

    days: int
    working_days: int
    make_up_days: int
    days_off: int
    learners: int
    own_pace: int
    joined_late: int
    lessons_due: int
    lessons_arrived: int
    away: int
    rested: int
    pauses: int
    musts: int
    caught_up: int
    acts: int
    records: int
    recalled: Recalled
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
    season = list(days(FIRST_DAY, FIRST_DAY + timedelta(days=days_long - 1)))
    async with rehearsal(folder, config, start=start, pack=pack, speed=0.0) as running:
        database = running.wuxue.database
        await database.write(
            season_crowd.make_cohorts,
            config,
            bot=running.wuxue.bot.id,
            start_on=FIRST_DAY,
            now=running.clock.now(),
        )
        crowd = season_crowd.crowd(learners, FIRST_DAY - timedelta(days=1), season, chance)
        calendar = await database.read(
            working_days.calendar_of,
            unit_path="/",
            working_weekdays=list(config.calendar.working_weekdays),
        )
        asked = await database.read(season_crowd.questions)
        playing = Days(running, crowd, calendar, asked, chance=chance, zone=zone)
        task = progress.add_task("", total=len(season)) if progress else None
        await playing.join_all()
        for day in season:
            await playing.play(day)
            if progress and task is not None:
                progress.update(task, advance=1, description=day.isoformat())
        stored = await database.read(season_count.read, zone)
        arrived = season_count.arrivals(running, zone)
        taught = await database.read(_lessons)
        wrong = season_count.differences(crowd, season, arrived, stored, lessons=taught)
        found = season_count.recalled(crowd, stored, running.clock.now())
    accounts = {learner.user_id for learner in crowd}
    return Summary(
        **_days(season, calendar),
        **_crowd(crowd),
        lessons_arrived=sum(len(at) for (user, _), at in arrived.items() if user in accounts),
        musts=sum(len(got) for got in stored.musts.values()),
        records=stored.records.total(),
        recalled=found,
        seconds=time.perf_counter() - began,
        wrong=tuple(wrong),
    )


def comparable(summary: Summary) -> Summary:
    """A summary without what no seed decides: how long it took."""
    return replace(summary, seconds=0.0)


def _lessons(session: Session) -> int:
    """How many lessons the pack teaches."""
    return session.exec(
        select(func.count(col(Lesson.id))).where(col(Lesson.is_withdrawn).is_(False))
    ).one()


def _days(season: list[date], calendar: WorkingCalendar) -> dict[str, int]:
    worked = [day for day in season if calendar.is_working(day)]
    return {
        "days": len(season),
        "working_days": len(worked),
        "make_up_days": sum(day.isoweekday() > 5 for day in worked),
        "days_off": len(season) - len(worked),
    }


def _crowd(crowd: list[Learner]) -> dict[str, int]:
    return {
        "learners": len(crowd),
        "own_pace": sum(COHORTS[one.cohort][1] == cohorts.OWN for one in crowd),
        "joined_late": sum(one.is_late for one in crowd),
        "lessons_due": sum(len(one.due) for one in crowd),
        "away": sum(len(one.away) for one in crowd),
        "rested": sum(len(one.rested) for one in crowd),
        "pauses": sum(one.pauses for one in crowd),
        "caught_up": sum(one.caught_up for one in crowd),
        "acts": sum(one.recorded.total() for one in crowd),
    }


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
    console.print(recall_table(summary.recalled))
    for line in summary.wrong[:20]:
        console.print(line, style="red", highlight=False)
    return not summary.wrong


def table(summary: Summary) -> Table:
    """The season in figures."""
    shown = Table("", "", title=f"{FIRST_DAY.isoformat()} +{summary.days}", show_header=False)
    lines = {
        "学员 learners": summary.learners,
        "其中按自己的步子 at their own pace": summary.own_pace,
        "中途加入 joined late": summary.joined_late,
        "天数 days": summary.days,
        "工作日 working days": summary.working_days,
        "其中补班 make-up days among them": summary.make_up_days,
        "休息日 days off": summary.days_off,
        "应到的课 lessons due": summary.lessons_due,
        "送到的课 lessons arrived": summary.lessons_arrived,
        "屏蔽期间 due while blocked": summary.away,
        "暂停次数 pauses": summary.pauses,
        "暂停期间 due while resting": summary.rested,
        "必学补课 musts for late joiners": summary.musts,
        "补学 caught up": summary.caught_up,
        "学过的人次 lessons learned": summary.acts,
        "台账记录 records": summary.records,
        "不对的 wrong": len(summary.wrong),
        "用时 seconds": f"{summary.seconds:.1f}",
    }
    for name, value in lines.items():
        shown.add_row(name, str(value))
    return shown


def recall_table(found: Recalled) -> Table:
    """Recall: what FSRS foresaw against what the simulated memories held."""
    shown = Table(
        "预测 predicted",
        "题数 asked",
        "平均预测 mean",
        "真答对 truly right",
        title=f"再来一题 recall: {found.asked}，一天最多 most a day {found.most_a_day}",
    )
    for band in found.bands:
        shown.add_row(
            f"{band.low:.1f}-{band.high:.1f}",
            str(band.asked),
            f"{band.predicted:.2f}",
            f"{band.right:.2f}",
        )
    shown.add_section()
    asked = sum(band.asked for band in found.bands)
    shown.add_row("全部 all", str(asked), f"{found.predicted:.2f}", f"{found.right:.2f}")
    shown.add_row("真实记忆 true memory", "", "", f"{found.true_chance:.2f}")
    shown.add_row("季末还记得，用复习的 kept, with recall", "", "", f"{found.kept_with:.2f}")
    shown.add_row("季末还记得，不用的 kept, without", "", "", f"{found.kept_without:.2f}")
    return shown
