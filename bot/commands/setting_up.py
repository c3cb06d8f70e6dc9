"""Beginning: init, units, cohorts, invites, schema upgrades."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from sqlmodel import Session

from bot.cohort_defaults import beats_of, hours_of
from bot.commands import ground
from bot.commands.ground import HERE, ConfigPath, both, console, fail
from bot.config import Config
from bot.setting import write_config
from bot.telegram_names import link, username_of
from curriculum import cohorts, lessons, people, working_days
from curriculum.lesson_pack import read_pack
from curriculum.people import ADMINISTRATOR, ROLES, NewInvite
from curriculum.rhythm import local_date
from scheduler.clock import SystemClock
from storage import schema
from storage.engine import is_sqlite, sqlite_path
from storage.lessons import pack_by_code
from storage.people import Unit, add_unit, cohort_by_name, unit_by_name
from storage.sealed import new_secret, write_key_file

STARTER_PACK = Path(__file__).parents[2] / "curriculum" / "packs" / "starter_zh"
unit_app = typer.Typer(no_args_is_help=True, help="Units: stations, centres and what they belong to.")
cohort_app = typer.Typer(no_args_is_help=True, help="Cohorts: people who learn one pack together.")
db_app = typer.Typer(no_args_is_help=True, help="The database.")


def init(
    config_path: ConfigPath = HERE,
    token: Annotated[str, typer.Option(help="The bot's token; asked for when left out.", envvar="WUXUE_TELEGRAM__TOKEN")] = "",
    unit: Annotated[str, typer.Option(help="Your organisation's topmost unit.")] = "",
) -> None:
    """Write config.toml, make keys and database, load the starter lessons, invite yourself.

    Example: wuxue init --unit 林芝市社工指导中心
    """
    token = token or typer.prompt(both("请粘贴 @BotFather 给的令牌", "Paste the token from @BotFather"), hide_input=True)
    unit = unit or typer.prompt(both("您单位的名称", "The name of your organisation"))
    if not config_path.exists():
        write_config(config_path, token=token)
        console.print(both(f"已写好 {config_path}", f"Wrote {config_path}"))
    config = ground.read_config(config_path)
    bot = ground.read_bot_id(config, config_path)
    if config.secrets.note_key is None and not config.secrets.note_key_file.exists():
        write_key_file(config.secrets.note_key_file, new_secret())
        console.print(
            both(
                f"已生成密钥 {config.secrets.note_key_file}，请另外备份。",
                f"Made the key {config.secrets.note_key_file}; back it up elsewhere.",
            )
        )
    with ground.opened(config, upgrade=True) as database:
        invite = database.write_now(_first_steps, config=config, unit_name=unit)
    _show_invite(invite, config, config_path)
    del bot


def _first_steps(session: Session, *, config: Config, unit_name: str) -> NewInvite:
    now = SystemClock().now()
    if config.calendar.national == "china":
        working_days.import_national(session, first_year=now.year, last_year=now.year + 1)
    lessons.import_pack(session, read_pack(STARTER_PACK), now=now)
    found = unit_by_name(session, unit_name)
    top = found[0] if found else add_unit(session, name_zh=unit_name, level="region", parent=None)
    return people.make_invite(
        session, role=ADMINISTRATOR, unit=top, cohort=None, uses=1, created_by=None, now=now
    )


@unit_app.command("add")
def add_unit_command(
    name: Annotated[str, typer.Argument(help="The unit's Chinese name.")],
    under: Annotated[str, typer.Option(help="The unit it belongs to.")],
    level: Annotated[str, typer.Option(help="prefecture, county_centre, township_station, point ...")] = "township_station",
    config_path: ConfigPath = HERE,
) -> None:
    """Add a unit. Example: wuxue unit add 八一镇社工站 --under 林芝市社工指导中心"""
    config = ground.read_config(config_path)

    def add(session: Session) -> None:
        if unit_by_name(session, name):
            fail(both(f"已经有“{name}”了。", f"There is a {name} already."))
        add_unit(session, name_zh=name, level=level, parent=_unit(session, under))

    with ground.opened(config) as database:
        database.write_now(add)
    console.print(both(f"已添加：{name}", f"Added: {name}"))


@cohort_app.command("add")
def add_cohort_command(
    name: Annotated[str, typer.Argument(help="The cohort's name.")],
    unit: Annotated[str, typer.Option(help="The unit it belongs to.")],
    pace: Annotated[str, typer.Option(help="together: one lesson a day for all; own: each from lesson 1.")] = "together",
    pack: Annotated[str, typer.Option(help="The code of an imported lesson pack.")] = "starter_zh",
    config_path: ConfigPath = HERE,
) -> None:
    """Add a cohort, starting today. Example: wuxue cohort add 2026年第一期 --unit 林芝市社工指导中心"""
    if pace not in (cohorts.TOGETHER, cohorts.OWN):
        fail(both("--pace 写 together 或 own。", "--pace is together or own."), code=ground.WRONG_USE)
    config = ground.read_config(config_path)
    bot, now = ground.read_bot_id(config, config_path), SystemClock().now()

    def add(session: Session) -> None:
        if cohort_by_name(session, name) is not None:
            fail(both(f"已经有“{name}”了。", f"There is a {name} already."))
        imported = pack_by_code(session, pack)
        if imported is None:
            fail(both(f"没有导入过课程包 {pack}。", f"No lesson pack {pack} was imported."))
        cohorts.create(
            session, unit=_unit(session, unit), bot=bot, name=name, pace=pace,
            pack_id=imported.id or 0, hours=hours_of(config), beats=beats_of(config),
            start_on=local_date(now, config.calendar.zone), now=now,
        )

    with ground.opened(config) as database:
        database.write_now(add)
    console.print(both(f"已添加：{name}", f"Added: {name}"))


def invite(
    role: Annotated[str, typer.Argument(help="learner, supervisor, coordinator, administrator or observer.")],
    unit: Annotated[str, typer.Option(help="The unit the role reaches.")],
    cohort: Annotated[str, typer.Option(help="For learners: the cohort they join.")] = "",
    uses: Annotated[int, typer.Option(min=1, max=500, help="How many people may use it.")] = 1,
    days: Annotated[int, typer.Option(min=1, max=60, help="How many days it is good for.")] = 14,
    config_path: ConfigPath = HERE,
) -> None:
    """Make an invite link. Example: wuxue invite learner --unit 八一镇社工站 --cohort 2026年第一期 --uses 20"""
    if role not in ROLES:
        fail(both(f"没有“{role}”这个角色，有：{'、'.join(ROLES)}", f"No role {role}; there are: {', '.join(ROLES)}"), code=ground.WRONG_USE)
    config = ground.read_config(config_path)
    now = SystemClock().now()

    def make(session: Session) -> NewInvite:
        group = cohort_by_name(session, cohort) if cohort else None
        if cohort and group is None:
            fail(both(f"没有班组“{cohort}”。", f"There is no cohort {cohort}."))
        return people.make_invite(
            session, role=role, unit=_unit(session, unit), cohort=group, uses=uses,
            created_by=None, now=now, lifetime=timedelta(days=days),
        )

    with ground.opened(config) as database:
        made = database.write_now(make)
    _show_invite(made, config, config_path)


def _show_invite(made: NewInvite, config: Config, config_path: Path) -> None:
    username = username_of(config, ground.read_token(config, config_path))
    until = f"{made.expires_at:%Y-%m-%d}"
    console.print(
        both(
            f"{made.unit_name} 的 {made.role} 邀请，可用 {made.uses} 次，{until} 前有效：",
            f"Invitation as {made.role} to {made.unit_name}, for {made.uses}, until {until}:",
        )
    )
    if username is None:
        console.print(
            both(
                "现在连不上 Telegram，不知道机器人的名字。请把“机器人名”换成它：",
                "Telegram cannot be reached, so the bot's name is not known. Put it in:",
            ),
            style="yellow",
        )
    # The link alone on its line, so that it can be copied whole.
    console.print(link(username or both("机器人名", "BOTNAME"), made.token), soft_wrap=True, markup=False)


def _unit(session: Session, name: str) -> Unit:
    found = unit_by_name(session, name)
    if not found:
        fail(both(f"没有单位“{name}”。", f"There is no unit {name}."))
    if len(found) > 1:
        fail(both(f"有几个单位都叫“{name}”。", f"Several units are called {name}."))
    return found[0]


@db_app.command("upgrade")
def upgrade_database(config_path: ConfigPath = HERE) -> None:
    """Bring the database to this release's schema; a SQLite file is copied beside itself first."""
    config = ground.read_config(config_path)
    url = config.database.url.get_secret_value()
    if is_sqlite(url) and sqlite_path(url).exists():
        copy = schema.copy_beside(
            sqlite_path(url), now=SystemClock().now(), keep=config.operations.backup_keep
        )
        console.print(both(f"先留了一份：{copy}", f"Kept a copy first: {copy}"))
    with ground.opened(config, upgrade=True):
        console.print(both("数据库已是最新。", "The database is up to date."))
