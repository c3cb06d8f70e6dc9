"""`wuxue unit` and `wuxue cohort`: stations and centres, and who learns together in them."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

import typer
from sqlmodel import Session, col, select

from bot.cohort_defaults import beats_of, hours_of
from bot.commands import ground
from bot.commands.database import opened
from bot.commands.ground import HERE, WRONG_USE, ConfigPath, fail, say
from bot.render import Renderer
from curriculum import cohorts, daily_lesson
from curriculum.rhythm import local_date
from scheduler.clock import SystemClock
from storage.cohorts import Cohort, cohort_by_name
from storage.lessons import LessonPack, pack_by_code
from storage.people import Unit, add_unit, unit_by_name

PACES = (cohorts.TOGETHER, cohorts.OWN)
# The tree of DESIGN's "people": what a unit may be.
LEVELS = ("region", "prefecture", "county_centre", "township_station", "point")
unit_app = typer.Typer(
    no_args_is_help=True, help="单位：站点、中心和它们的上级。 Units: stations and centres."
)
cohort_app = typer.Typer(
    no_args_is_help=True, help="班组：一起学一个课程包的人。 Cohorts: people who learn together."
)


def one_unit(session: Session, name: str) -> Unit:
    """The unit of this name; exit code 1 when there is none or several."""
    found = unit_by_name(session, name)
    if not found:
        fail("unit_unknown", name=name)
    if len(found) > 1:
        fail("unit_ambiguous", name=name)
    return found[0]


def cohorts_near(session: Session, unit: Unit, *, bot: int, today: date) -> Sequence[str]:
    """The names of running cohorts of a unit, of what it belongs to and of what is under it."""
    running = session.exec(
        select(Cohort.name, Unit.path)
        .join(Unit, col(Unit.id) == Cohort.unit_id)
        .where(Cohort.bot == bot, (col(Cohort.end_on).is_(None)) | (col(Cohort.end_on) >= today))
        .order_by(col(Cohort.id))
    )
    return [
        name for name, path in running if unit.path.startswith(path) or path.startswith(unit.path)
    ]


@unit_app.command("add")
def add_unit_command(
    name: Annotated[str, typer.Argument(help="The unit's Chinese name.")],
    under: Annotated[str, typer.Option(help="The unit it belongs to.")],
    level: Annotated[str, typer.Option(help=f"{', '.join(LEVELS)}.")] = "township_station",
    config_path: ConfigPath = HERE,
) -> None:
    """添加单位。 Add a unit.

    [bold]wuxue unit add 八一镇社工站 --under 林芝市社工指导中心[/bold]
    """
    if level not in LEVELS:
        fail("level_unknown", code=WRONG_USE, level=level, known=", ".join(LEVELS))
    config = ground.read_config(config_path)

    def add(session: Session) -> None:
        if unit_by_name(session, name):
            fail("name_taken", name=name)
        add_unit(session, name_zh=name, level=level, parent=one_unit(session, under))

    with opened(config) as database:
        database.write_now(add)
    say("added", name=name)


@cohort_app.command("add")
def add_cohort_command(
    name: Annotated[str, typer.Argument(help="The cohort's name.")],
    unit: Annotated[str, typer.Option(help="The unit it belongs to.")],
    pace: Annotated[
        str, typer.Option(help="together: one lesson a day for all; own: each from lesson 1.")
    ] = cohorts.TOGETHER,
    pack: Annotated[str, typer.Option(help="The code of an imported lesson pack.")] = "starter_zh",
    config_path: ConfigPath = HERE,
) -> None:
    """添加班组，从今天开始。 Add a cohort, starting today.

    [bold]wuxue cohort add 2026年第一期 --unit 林芝市社工指导中心[/bold]
    [bold]wuxue cohort add 自学班 --unit 八一镇社工站 --pace own[/bold]
    """
    if pace not in PACES:
        fail("pace_unknown", code=WRONG_USE, pace=pace)
    config = ground.read_config(config_path)
    bot, now = ground.read_bot_id(config, config_path), SystemClock().now()

    def add(session: Session) -> None:
        if cohort_by_name(session, name) is not None:
            fail("name_taken", name=name)
        imported = _imported(session, pack)
        cohorts.create(
            session,
            unit=one_unit(session, unit),
            bot=bot,
            name=name,
            pace=pace,
            pack_id=imported.id or 0,
            hours=hours_of(config),
            beats=beats_of(config),
            start_on=local_date(now, config.calendar.zone),
            now=now,
        )

    with opened(config) as database:
        database.write_now(add)
    say("added", name=name)


def _imported(session: Session, code: str) -> LessonPack:
    """The imported pack of this code; exit code 1 with those there are."""
    imported = pack_by_code(session, code)
    if imported is None:
        known = session.exec(select(LessonPack.code).order_by(col(LessonPack.code)))
        fail("pack_unknown", pack=code, known=", ".join(known))
    return imported


@cohort_app.command("pack")
def choose_pack_command(
    name: Annotated[str, typer.Argument(help="The cohort's name.")],
    pack: Annotated[str, typer.Argument(help="The code of an imported lesson pack.")],
    config_path: ConfigPath = HERE,
) -> None:
    """给班组换课程包，从下一个工作日起教它的第一课。 Give a cohort another lesson pack.

    [bold]wuxue cohort pack 2026年第一期 my_lessons[/bold]
    """
    config = ground.read_config(config_path)

    def choose(session: Session) -> tuple[bool, str, date]:
        cohort = cohort_by_name(session, name)
        if cohort is None:
            fail("cohort_unknown", name=name)
        imported = _imported(session, pack)
        is_new = cohort.pack_id != imported.id
        begins_on = cohorts.choose_pack(
            session,
            cohort,
            pack_id=imported.id or 0,
            kind=daily_lesson.KIND,
            now=SystemClock().now(),
        )
        return is_new, imported.title, begins_on

    with opened(config) as database:
        is_new, title, begins_on = database.write_now(choose)
    if is_new:
        day = Renderer(zone=config.calendar.zone, wordings={}).day(begins_on, ground.language())
        say("pack_chosen", name=name, title=title, day=day)
    else:
        say("pack_as_before", name=name, title=title)
