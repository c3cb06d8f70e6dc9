"""`wuxue db backup`, `db restore` and `wuxue hold`: nothing is lost, and nothing sent twice."""

import sqlite3
import stat
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from filelock import FileLock

from bot.context import bot_id
from curriculum import daily_lesson, lessons
from scheduler import planner
from scheduler.clock import SystemClock
from storage import deliveries
from storage.engine import Database
from tests.bot.commands.conftest import Wuxue
from tests.bot.commands.processes import TOKEN
from tests.bot.commands.test_database import make_old
from tests.county import write_pack

BOT = bot_id(TOKEN)


def database_file(home: Path) -> Path:
    return home / "data" / "wuxue.sqlite"


def backups(home: Path, word: str = "backup") -> list[Path]:
    return sorted((home / "data").glob(f"wuxue.{word}-*.sqlite"))


def units(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as connection:
        return [row[0] for row in connection.execute("SELECT name_zh FROM unit ORDER BY id")]


def owe_notice(home: Path) -> None:
    """Something that waits: a word to nobody in particular, due an hour ago."""
    database = Database(f"sqlite:///{database_file(home)}")
    an_hour_ago = SystemClock().now() - timedelta(hours=1)
    database.write_now(
        deliveries.add,
        bot=BOT,
        kind="account_moved",
        occasion="1",
        recipient=1,
        urgency="foldable",
        due_at=an_hour_ago,
        created_at=an_hour_ago,
    )
    database.close()


def test_a_backup_is_whole_and_private_and_only_the_newest_stay(
    wuxue: Wuxue, installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside a writer at work, readable by its owner only, `backup_keep` of them."""
    monkeypatch.setenv("WUXUE_OPERATIONS__BACKUP_KEEP", "2")
    for day in (1, 2):
        old = database_file(installed).with_name(f"wuxue.backup-2026010{day}T000000Z.sqlite")
        old.touch()
    with closing(sqlite3.connect(database_file(installed))) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("INSERT INTO unit (path, level, name_zh) VALUES ('/9/', 'point', '没提交')")
        done = wuxue("db", "backup")
        writer.rollback()
    assert done.exit_code == 0, done.output
    kept = backups(installed)
    assert len(kept) == 2
    assert str(kept[-1]) in done.stdout
    assert units(kept[-1]) == ["中心", "八一站"]
    assert stat.S_IMODE(kept[-1].stat().st_mode) == 0o600


def test_a_restore_keeps_the_present_database_and_says_when_nothing_was_missed(
    wuxue: Wuxue, installed: Path
) -> None:
    """The units are those of the backup; the newer ones are in the file beside it."""
    wuxue("db", "backup")
    assert wuxue("unit", "add", "鲁朗站", "--under", "中心").exit_code == 0
    done = wuxue("db", "restore", str(backups(installed)[0]))
    assert done.exit_code == 0, done.output
    assert "没有要补的" in done.stdout
    assert units(database_file(installed)) == ["中心", "八一站"]
    (kept,) = backups(installed, "replaced")
    assert units(kept) == ["中心", "八一站", "鲁朗站"]
    assert stat.S_IMODE(database_file(installed).stat().st_mode) == 0o600
    assert "没有停发" in wuxue("hold", "list").stdout


def test_what_waited_in_the_backup_is_held_until_it_is_chosen(
    wuxue: Wuxue, installed: Path
) -> None:
    """`hold list` counts it, `hold choose` ends the hold; a second choice finds no line."""
    owe_notice(installed)
    wuxue("db", "backup")
    done = wuxue("db", "restore", str(backups(installed)[0]))
    assert "停发" in done.stdout
    listed = wuxue("hold", "list")
    assert "单条通知" in listed.stdout
    assert wuxue("hold", "choose", "maybe", "notices").exit_code == 2
    assert wuxue("hold", "choose", "skip", "没有的班").exit_code == 1
    chosen = wuxue("hold", "choose", "skip", "notices")
    assert "全选好了" in chosen.stdout
    assert "没有停发" in wuxue("hold", "choose", "skip", "notices").stdout
    with closing(sqlite3.connect(database_file(installed))) as connection:
        rows = connection.execute("SELECT status, error FROM delivery").fetchall()
    assert rows == [("skipped", "not_sent_after_restore")]


def test_all_lines_can_be_chosen_at_once(wuxue: Wuxue, installed: Path) -> None:
    """A cohort's lessons and single notices, with one command; notices cannot be merged."""
    pack = write_pack(installed / "pack")
    database = Database(f"sqlite:///{database_file(installed)}")
    now = SystemClock().now()
    database.write_now(lessons.import_pack, pack, now=now)
    database.close()
    added = wuxue("cohort", "add", "一期", "--unit", "中心", "--pack", "test")
    assert added.exit_code == 0, added.output
    owe_notice(installed)
    wuxue("db", "backup")
    with closing(sqlite3.connect(backups(installed)[0])) as connection, connection:
        connection.execute("UPDATE rhythm SET watermark = date(watermark, '-9 days')")
    assert wuxue("db", "restore", str(backups(installed)[0])).exit_code == 0
    assert "一期" in wuxue("hold", "list").stdout
    first = wuxue("hold", "choose", "merge", "一期")
    assert "还有别的" in first.stdout
    assert "全选好了" in wuxue("hold", "choose", "merge", "all").stdout
    database = Database(f"sqlite:///{database_file(installed)}")
    behind = database.read_now(planner.behind, daily_lesson, bot=BOT, now=SystemClock().now())
    database.close()
    assert behind == []


def test_a_restore_is_refused_while_the_bot_runs(wuxue: Wuxue, installed: Path) -> None:
    """The lock file of `wuxue run` is respected, and nothing is touched."""
    wuxue("db", "backup")
    (copy,) = backups(installed)
    with FileLock(f"{database_file(installed)}.lock"):
        refused = wuxue("db", "restore", str(copy))
    assert refused.exit_code == 1
    assert "先停下" in refused.stderr
    assert backups(installed, "replaced") == []


@pytest.mark.parametrize("content", [b"", b"not a database at all" * 100])
def test_what_is_no_backup_is_refused_and_nothing_changes(
    wuxue: Wuxue, installed: Path, content: bytes
) -> None:
    """An empty file, something else, a file that is not there, the database itself."""
    wrong = installed / "wrong.sqlite"
    wrong.write_bytes(content)
    for given in (wrong, installed / "nowhere.sqlite", database_file(installed)):
        refused = wuxue("db", "restore", str(given))
        assert refused.exit_code == 1, refused.output
    assert units(database_file(installed)) == ["中心", "八一站"]
    assert list((installed / "data").glob("*.restoring")) == []


def test_a_cut_off_backup_is_refused(wuxue: Wuxue, installed: Path) -> None:
    """Half a file, as a full disk leaves it."""
    wuxue("db", "backup")
    (copy,) = backups(installed)
    copy.write_bytes(copy.read_bytes()[: copy.stat().st_size // 2])
    refused = wuxue("db", "restore", str(copy))
    assert refused.exit_code == 1
    assert "不是完整的" in refused.stderr


def test_a_lost_database_is_put_back_and_a_broken_one_kept_as_it_is(
    wuxue: Wuxue, installed: Path
) -> None:
    """On a new machine there is nothing to replace; a broken file is kept byte for byte."""
    wuxue("db", "backup")
    (copy,) = backups(installed)
    for left in (installed / "data").glob("wuxue.sqlite*"):
        left.unlink()
    assert wuxue("db", "restore", str(copy)).exit_code == 0
    assert units(database_file(installed)) == ["中心", "八一站"]
    database_file(installed).write_bytes(b"broken" * 1000)
    done = wuxue("db", "restore", str(copy))
    assert done.exit_code == 0, done.output
    (kept,) = backups(installed, "replaced")
    assert kept.read_bytes() == b"broken" * 1000


def test_a_backup_of_an_older_release_is_upgraded(wuxue: Wuxue, installed: Path) -> None:
    """Restored and brought to this release's schema in one go."""
    older = installed / "older.sqlite"
    make_old(older, revision="0004")
    assert wuxue("db", "restore", str(older)).exit_code == 0
    assert units(database_file(installed)) == ["老中心"]
    assert wuxue("hold", "list").exit_code == 0


def test_postgresql_is_backed_up_by_its_own_tools(
    wuxue: Wuxue, installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sentence that names them; nothing is connected to."""
    monkeypatch.setenv("WUXUE_DATABASE__URL", "postgresql+psycopg://nobody@127.0.0.1:9/none")
    for arguments in (("backup",), ("restore", "some.sqlite")):
        refused = wuxue("db", *arguments)
        assert refused.exit_code == 1
        assert "pg_dump" in refused.stderr
