"""`wuxue doctor`: each thing that can be missing is named with what to do; exit 1 only then."""

import re
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import delete, update
from sqlmodel import Session, col

from bot.commands import doctor_here
from bot.commands.doctor_here import look_here
from bot.commands.doctor_telegram import look_at_telegram
from bot.commands.finding import ACT, FINE, LOOK, Finding
from bot.config import load_config
from bot.rehearsal.telegram_server import RehearsalServer
from bot.rehearsal.world import World
from curriculum import duty
from scheduler.clock import SystemClock
from storage import pack_state, soundness
from storage.calendar_days import CalendarDay
from storage.engine import Database
from storage.lessons import Lesson
from storage.theme_matchers import ThemeMatcher
from tests import county
from tests.bot.commands.conftest import Wuxue
from tests.bot.commands.processes import Machine, machine
from tests.bot.commands.test_database import make_old, set_revision
from tests.curriculum.centre import found as found_centre
from tests.scheduler.test_postman import HandDrivenClock

NOVEMBER = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)


@pytest_asyncio.fixture
async def server() -> AsyncIterator[RehearsalServer]:
    """Telegram's stand-in, at the machine's own time."""
    async with RehearsalServer(World(SystemClock().now)) as started:
        yield started


@pytest_asyncio.fixture
async def here(tmp_path: Path, server: RehearsalServer) -> AsyncIterator[Machine]:
    """A machine on which `wuxue init` was run before that server."""
    async with machine(tmp_path, WUXUE_TELEGRAM__API_BASE_URL=server.base_url) as made:
        await made.done("init", "--token", server.token, "--unit", "中心")
        yield made


@pytest.mark.asyncio
async def test_a_machine_that_lacks_nothing_is_told_so(here: Machine) -> None:
    """Every line is there, exit code 0, in the terminal's language; the token is not shown."""
    out = await here.done("doctor")
    for line in ("令牌", "@wuxue_rehearsal_bot", "Telegram", "时钟", "笔记密钥", "磁盘", "SQLite"):
        assert line in out
    assert "草稿 60 课" in out
    assert "没有要办的事" in out
    here.environment["LC_ALL"] = "en_GB.UTF-8"
    english = await here.done("doctor")
    assert "Nothing has to be done" in english
    assert not re.search(r"[\u4e00-\u9fff]", english)


@pytest.mark.asyncio
async def test_it_may_run_beside_the_bot_and_changes_nothing(here: Machine) -> None:
    """The file is neither locked nor touched."""
    running = await here.start("run")
    await running.said("已开始工作")
    await here.done("doctor")
    assert (await running.end()).code == 0


def test_without_telegram_everything_else_is_still_looked_at(wuxue: Wuxue, installed: Path) -> None:
    """Exit code 1, what to check, and the lines behind it."""
    found = wuxue("doctor")
    assert found.exit_code == 1
    assert "连不上" in found.stdout
    assert "proxy_url" in found.stdout
    assert "检查无误" in found.stdout
    assert "有 1 项要办" in found.stdout
    assert "Traceback" not in found.output


def config_of(folder: Path, **environ: str) -> Callable[[], list[Finding]]:
    config = load_config(folder / "config.toml", environ=environ)
    return lambda: look_here(config, now=NOVEMBER)


def about(found: list[Finding], name: str) -> Finding:
    (finding,) = [one for one in found if one.about == name]
    return finding


async def asked(server: RehearsalServer, *, token: str, ahead: float = 0.0) -> list[Finding]:
    """What one call to the stand-in tells a machine whose clock is this many seconds ahead."""
    config = load_config(
        None,
        environ={
            "WUXUE_TELEGRAM__TOKEN": token,
            "WUXUE_TELEGRAM__API_BASE_URL": server.base_url,
        },
    )
    clock = HandDrivenClock(SystemClock().now() + timedelta(seconds=ahead))
    return await look_at_telegram(config, Path("config.toml"), clock)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("ahead", "level", "words"), [(2, FINE, "相差"), (60, ACT, "快 "), (-60, ACT, "慢 ")]
)
async def test_a_wrong_clock_is_named_with_its_direction(
    home: Path, server: RehearsalServer, ahead: float, level: str, words: str
) -> None:
    """More than five seconds from Telegram's own, lessons come at the wrong time."""
    finding = about(await asked(server, token=server.token, ahead=ahead), "时钟")
    assert finding.level == level
    assert words in finding.text


@pytest.mark.asyncio
async def test_a_token_that_telegram_refuses_is_said(home: Path, server: RehearsalServer) -> None:
    """Telegram was reached, and its clock is compared all the same."""
    found = await asked(server, token="7000000001:" + "A" * 35)
    assert [finding.level for finding in found] == [ACT, FINE, FINE]
    assert "不认这个令牌" in found[0].text
    assert "A" * 35 not in str(found)


@pytest.mark.asyncio
async def test_a_missing_token_and_a_broken_gateway_are_findings(
    home: Path, server: RehearsalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither ends with a traceback."""
    (missing,) = await asked(server, token="")
    assert missing.level == ACT
    assert "@BotFather" in missing.text
    server.misbehaviour.order("502", method="getMe")
    (broken,) = await asked(server, token=server.token)
    assert broken.level == ACT
    assert "连不上" in broken.text


def test_the_note_key_must_be_there_whole_and_private(home: Path, installed: Path) -> None:
    """Read by others, damaged, gone: each has its own way out."""
    look, key = config_of(installed), installed / "data" / "note.key"
    assert about(look(), "笔记密钥").level == FINE
    key.chmod(0o644)
    opened = about(look(), "笔记密钥")
    assert (opened.level, f"chmod 600 {key}" in opened.text) == (ACT, True)
    key.write_text("damaged", encoding="ascii")
    assert "读不出来" in about(look(), "笔记密钥").text
    key.unlink()
    assert "找不到" in about(look(), "笔记密钥").text
    elsewhere = config_of(installed, WUXUE_SECRETS__NOTE_KEY="0f" * 32)
    assert about(elsewhere(), "笔记密钥").level == FINE


def test_a_database_that_cannot_be_used_is_named(home: Path, installed: Path) -> None:
    """Older, newer, empty, no database at all, gone: what to run, and nothing is created."""
    look, file = config_of(installed), installed / "data" / "wuxue.sqlite"
    assert about(look(), "数据库").level == FINE
    set_revision(file, "9999")
    assert "更新的版本" in about(look(), "数据库").text
    make_old(file)
    old = about(look(), "数据库")
    assert (old.level, "wuxue db upgrade" in old.text) == (ACT, True)
    for left in file.parent.glob("wuxue.sqlite*"):
        left.unlink()
    file.write_bytes(b"")
    assert "空的" in about(look(), "数据库").text
    file.write_bytes(b"this is no database, whatever it is called" * 200)
    assert about(look(), "数据库").level == ACT
    file.unlink()
    missing = about(look(), "数据库")
    assert (missing.level, "wuxue init" in missing.text) == (ACT, True)
    assert not file.exists()


def test_a_damaged_file_is_found_out(home: Path, installed: Path) -> None:
    """SQLite reads it whole, an index that no longer fits its table included."""
    file = installed / "data" / "wuxue.sqlite"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("PRAGMA writable_schema=ON")
        connection.execute(
            "UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE "
            "name = 'lesson_text') WHERE name = 'ix_lesson_place'"
        )
    finding = about(config_of(installed)(), "数据库")
    assert finding.level == ACT
    assert "备份" in finding.text


def test_a_server_says_what_it_is(postgresql_database: Database) -> None:
    """PostgreSQL checks its own pages; here its version is enough."""
    sound = soundness.check(postgresql_database.engine)
    assert re.fullmatch(r"PostgreSQL \d+\.\d+.*", sound.version)
    assert sound.broken == ""


def test_holidays_are_asked_for_in_time(home: Path, installed: Path) -> None:
    """Worth knowing from November on, to be done once the year has begun."""
    config = load_config(installed / "config.toml", environ={})
    levels = [
        about(look_here(config, now=at), "日历").level
        for at in (datetime(2026, 10, 31, tzinfo=UTC), NOVEMBER, datetime(2027, 1, 2, tzinfo=UTC))
    ]
    assert levels == [FINE, LOOK, ACT]
    with closing(Database(config.database.url.get_secret_value())) as database:

        def forget(session: Session) -> None:
            session.execute(delete(CalendarDay))

        database.write_now(forget)
    assert about(look_here(config, now=NOVEMBER), "日历").level == LOOK


def test_lessons_are_counted_by_what_they_are(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """Readable, drafts, withdrawn, past their last day, near it: each lesson where it belongs."""
    pack = county.write_pack(tmp_path / "pack", 5)
    today = start.date()

    def states(session: Session) -> list[pack_state.PackState]:
        assert pack_state.states(session, on=today, soon=today) == []
        county.build(session, pack, now=start)
        for code, values in {
            "001": {"is_withdrawn": True},
            "002": {"valid_to": today - timedelta(days=1)},
            "003": {"valid_to": today + timedelta(days=30)},
            "004": {"valid_to": today + timedelta(days=31)},
        }.items():
            session.execute(update(Lesson).where(col(Lesson.code) == code).values(**values))
        return pack_state.states(session, on=today, soon=today + timedelta(days=30))

    (state,) = database.write_now(states)
    assert (state.readable, state.drafts) == (3, 3)
    assert (state.withdrawn, state.ended, state.ending) == (1, 1, 1)


def test_a_pack_without_a_lesson_to_teach_asks_for_something(home: Path, installed: Path) -> None:
    """Drafts only ask to be looked at; no pack at all asks for an import."""
    config = load_config(installed / "config.toml", environ={})
    assert about(look_here(config, now=NOVEMBER), "课程").level == LOOK
    with closing(Database(config.database.url.get_secret_value())) as database:
        database.write_now(
            lambda session: session.execute(update(Lesson).values(is_withdrawn=True))
        )
    empty = about(look_here(config, now=NOVEMBER), "课程")
    assert (empty.level, "一课也上不了" in empty.text) == (ACT, True)


def test_duty_is_asked_for_until_somebody_would_come(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """Nothing where nobody learns yet; numbers and two people make it well."""
    assert database.read_now(doctor_here.duty_findings) == []
    here = database.write_now(found_centre, tmp_path, now=start)
    levels = [finding.level for finding in database.read_now(doctor_here.duty_findings)]
    assert levels == [LOOK, LOOK]

    def set_up(session: Session) -> None:
        by = here.coordinator
        duty.set_contacts(session, by, here.top, "派出所 110", now=start)
        for person in (here.supervisor, here.colleague):
            duty.put_on(session, by, here.top, person.person_id, now=start)

    database.write_now(set_up)
    levels = [finding.level for finding in database.read_now(doctor_here.duty_findings)]
    assert levels == [FINE]


def test_what_was_learnt_about_grouping_is_said_with_its_figures(
    database: Database, installed: Path
) -> None:
    """The newest training of each bot, followed or not; nothing where nothing was learnt."""
    config = load_config(installed / "config.toml", environ={})

    def look(session: Session) -> list[str]:
        return [one.text for one in doctor_here.matcher_findings(session, config)]

    def train(session: Session, score: float) -> None:
        row = ThemeMatcher(
            bot=county.BOT,
            made_at=NOVEMBER,
            models="",
            taught_by="",
            weights={},
            labels=320,
            topics=9,
            months=8,
            untaught_score=0.7,
            score=score,
            chance=0.004,
            is_followed=score > 0.75,
        )
        session.add(row)

    assert database.read_now(look) == []
    database.write_now(train, 0.71)
    (said,) = database.read_now(look)
    assert all(word in said for word in ("2026-11-24", "320", "70.0%", "71.0%", "照原来的分"))
    database.write_now(train, 0.8)
    (said,) = database.read_now(look)
    assert "已采用" in said
