"""`wuxue init` and what follows it: units, cohorts, invites."""

import re
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from tests.bot.commands.conftest import Wuxue
from tests.bot.commands.processes import TOKEN
from tests.county import write_pack


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_init_makes_everything_and_only_its_owner_may_read_it(wuxue: Wuxue, home: Path) -> None:
    """config.toml 0600, data 0700, key 0600, the starter lessons and an administrator's link."""
    done = wuxue("init", "--token", TOKEN, "--unit", "中心")
    assert done.exit_code == 0, done.output
    assert mode(home / "config.toml") == mode(home / "data" / "note.key") == 0o600
    assert mode(home / "data") == 0o700
    assert mode(home / "data" / "wuxue.sqlite") == 0o600
    assert f'token = "{TOKEN}"' in (home / "config.toml").read_text(encoding="utf-8")
    assert "“中心”的管理员邀请" in done.stdout
    links = [line for line in done.stdout.splitlines() if "?start=" in line]
    assert len(links) == 1
    assert links[0].startswith("https://t.me/机器人名?start=")
    assert "现在连不上 Telegram" in done.stderr
    assert TOKEN not in done.output


def test_init_asks_for_what_it_was_not_told(wuxue: Wuxue, home: Path) -> None:
    """Token and unit are asked for at the terminal."""
    done = wuxue("init", typed=f"{TOKEN}\n中心\n")
    assert done.exit_code == 0, done.output
    assert "“中心”的管理员邀请" in done.stdout


def test_init_where_nobody_can_answer_names_the_option(wuxue: Wuxue, home: Path) -> None:
    """Without a terminal a missing answer is wrong use, and nothing is written."""
    done = wuxue("init", "--unit", "中心", typed="")
    assert done.exit_code == 2
    assert "--token" in done.stderr
    assert list(home.iterdir()) == []


@pytest.mark.parametrize(
    "token", ["abc", "123:short", f'{TOKEN}"\nx = "', "：".join(("1", "A" * 35))]
)
def test_init_refuses_a_malformed_token_before_writing(
    wuxue: Wuxue, home: Path, token: str
) -> None:
    """A token that cannot be one leaves no trace."""
    done = wuxue("init", "--token", token, "--unit", "中心")
    assert done.exit_code == 2
    assert "不像机器人的令牌" in done.stderr
    assert list(home.iterdir()) == []


def test_a_second_init_keeps_configuration_and_key_and_says_so(
    wuxue: Wuxue, installed: Path
) -> None:
    """Nothing is overwritten; there is a new link and still one topmost unit."""
    before = [(installed / n).read_bytes() for n in ("config.toml", "data/note.key")]
    again = wuxue("init", "--token", "999999999:" + "B" * 35)
    assert again.exit_code == 0, again.output
    assert "已有 config.toml，没有改动" in again.stdout
    assert "note.key，没有改动" in again.stdout
    assert "“中心”的管理员邀请" in again.stdout
    assert before == [(installed / n).read_bytes() for n in ("config.toml", "data/note.key")]
    other = wuxue("init", "--unit", "中興")
    assert other.exit_code == 1
    assert "wuxue unit add 中興 --under 中心" in other.stderr


def test_a_token_in_the_environment_is_not_copied_into_the_file(
    wuxue: Wuxue, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who keeps the token out of the file keeps it out."""
    monkeypatch.setenv("WUXUE_TELEGRAM__TOKEN", TOKEN)
    assert wuxue("init", "--unit", "中心").exit_code == 0
    assert TOKEN not in (home / "config.toml").read_text(encoding="utf-8")


def test_a_learner_is_not_invited_past_the_cohorts_there_are(wuxue: Wuxue, installed: Path) -> None:
    """Without a cohort she would receive nothing, so the ones she can join are named."""
    early = wuxue("invite", "learner", "--unit", "八一站")
    assert early.exit_code == 0
    assert "还没有班组" in early.stdout
    assert wuxue("cohort", "add", "一期", "--unit", "中心").exit_code == 0
    refused = wuxue("invite", "learner", "--unit", "八一站")
    assert refused.exit_code == 1
    assert "一期" in refused.stderr
    assert "--cohort" in refused.stderr
    done = wuxue("invite", "learner", "--unit", "八一站", "--cohort", "一期", "--uses", "20")
    assert done.exit_code == 0
    assert "可用 20 次" in done.stdout
    assert wuxue("invite", "coordinator", "--unit", "八一站").exit_code == 0


def test_the_plan_is_a_table_of_what_is_coming(wuxue: Wuxue, installed: Path) -> None:
    """Nothing before there is a cohort, then each working day's lesson."""
    assert "接下来 7 天没有安排" in wuxue("plan").stdout
    assert wuxue("cohort", "add", "一期[1]", "--unit", "中心").exit_code == 0
    planned = wuxue("plan", "--days", "14")
    assert planned.exit_code == 0
    assert planned.stdout.count("每日一学") >= 5
    assert "10:00" in planned.stdout
    assert "一期[1]" in planned.stdout


def test_a_cohort_is_given_another_pack(wuxue: Wuxue, installed: Path, tmp_path: Path) -> None:
    """From a day that is named; an unknown code names those there are; twice changes nothing."""
    assert wuxue("cohort", "add", "一期[1]", "--unit", "中心").exit_code == 0
    write_pack(tmp_path / "lessons", 2)
    refused = wuxue("cohort", "pack", "一期[1]", "test")
    assert refused.exit_code == 1
    assert "没有导入过课程包 test。已有的：starter_zh" in refused.stderr
    assert wuxue("lessons", "import", str(tmp_path / "lessons")).exit_code == 0
    done = wuxue("cohort", "pack", "一期[1]", "test")
    assert done.exit_code == 0
    assert re.search(r"“一期\[1\]”从\d+月\d+日\(周.\)起学《测试课》", done.stdout)
    assert "什么都没有改" in wuxue("cohort", "pack", "一期[1]", "test").stdout
    with closing(sqlite3.connect(installed / "data" / "wuxue.sqlite")) as connection:
        (code,) = connection.execute(
            "SELECT p.code FROM cohort c JOIN lesson_pack p ON p.id = c.pack_id"
        ).fetchone()
        actions = connection.execute(
            "SELECT count(*) FROM audit_entry WHERE action = 'choose_pack'"
        ).fetchone()
    assert (code, actions) == ("test", (1,))


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("unit", "add", "站", "--under", "没有的"), 1, "没有单位“没有的”"),
        (("unit", "add", "八一站", "--under", "中心"), 1, "已经有“八一站”了"),
        (("unit", "add", "站", "--under", "中心", "--level", "street"), 2, "street"),
        (("unit", "add", "站"), 2, "--under"),
        (("cohort", "add", "期", "--unit", "中心", "--pace", "fast"), 2, "fast"),
        (("cohort", "add", "期", "--unit", "中心", "--pack", "none"), 1, "starter_zh"),
        (("cohort", "pack", "没有", "starter_zh"), 1, "没有班组“没有”"),
        (("invite", "boss", "--unit", "中心"), 2, "learner"),
        (("invite", "learner", "--unit", "中心", "--cohort", "没有"), 1, "没有班组“没有”"),
        (("invite", "observer", "--unit", "中心", "--cohort", "一期"), 2, "learner"),
        (("invite", "learner", "--unit", "中心", "--uses", "0"), 2, "uses"),
        (("invite", "learner"), 2, "--unit"),
        (("invite", "learner", "007", "--unit", "中心"), 2, "person"),
        (("invite", "person"), 2, "invite person 1023"),
        (("invite", "person", "007", "--unit", "中心"), 2, "invite person 1023"),
        (("invite", "person", "007"), 1, "名册上没有编号“007”"),
        (("plan", "--days", "900"), 2, "days"),
        (("export", "a.pdf", "--unit", "中心"), 2, ".xlsx"),
        (("export", "a.csv", "--unit", "中心", "--period", "soon"), 2, "soon"),
        (("export", "a.csv", "--unit", "没有"), 1, "没有单位“没有”"),
        (("export", "no/folder/a.csv", "--unit", "中心"), 1, "写不了"),
        (("lessons", "check", "nowhere"), 2, "nowhere"),
        (("rehearse", "--pack", "nowhere"), 2, "nowhere"),
        (("dance",), 2, "dance"),
    ],
)
def test_a_refusal_says_what_to_do_and_its_code_says_whose_it_is(
    wuxue: Wuxue, installed: Path, arguments: tuple[str, ...], code: int, words: str
) -> None:
    """1: the work failed; 2: wrong use. The sentence goes to stderr and there is no traceback."""
    refused = wuxue(*arguments)
    assert refused.exit_code == code, refused.output
    assert words in refused.stderr
    assert refused.exception is None or isinstance(refused.exception, SystemExit)


def test_a_wrong_key_in_the_configuration_is_shown_with_its_line(
    wuxue: Wuxue, installed: Path
) -> None:
    """Every command reads it the same way: file, line, the nearest name, exit code 2."""
    file = installed / "config.toml"
    file.write_text(file.read_text(encoding="utf-8") + "story_draft = 3\n", encoding="utf-8")
    line = len(file.read_text(encoding="utf-8").splitlines())
    for arguments in (("plan",), ("run",), ("init",), ("db", "upgrade")):
        refused = wuxue(*arguments)
        assert refused.exit_code == 2, arguments
        assert f"config.toml:{line}" in refused.stderr
        assert "story_drafts" in refused.stderr


@pytest.mark.parametrize("command", ["plan", "run", "db upgrade", "export a.csv --unit 中心"])
def test_before_init_every_command_says_to_run_it(wuxue: Wuxue, home: Path, command: str) -> None:
    """And none leaves an empty database behind."""
    refused = wuxue(*command.split())
    assert refused.exit_code == 2
    assert "wuxue init" in refused.stderr
    (home / "config.toml").write_text(f'[telegram]\ntoken = "{TOKEN}"\n', encoding="utf-8")
    refused = wuxue(*command.replace("run", "plan").split())
    assert refused.exit_code == 1
    assert "还没有数据库" in refused.stderr
    assert [path.name for path in home.iterdir()] == ["config.toml"]


def test_help_shows_examples_on_lines_of_their_own(wuxue: Wuxue) -> None:
    """Who asks for help sees a line to copy."""
    for command in (
        "init",
        "run",
        "plan",
        "invite",
        "export",
        "lessons check",
        "unit add",
        "lessons import",
        "lessons preview",
        "lessons new",
        "lessons questions",
        "lessons statistics",
        "cohort add",
        "cohort pack",
        "db upgrade",
        "rehearse",
    ):
        shown = wuxue(*command.split(), "--help")
        lines = [line.strip() for line in shown.stdout.splitlines()]
        assert any(line.startswith(f"wuxue {command}") for line in lines), command


def test_a_second_init_leaves_reviewed_lessons_reviewed(wuxue: Wuxue, home: Path) -> None:
    """What a social worker has signed is not turned into a draft again."""
    assert wuxue("init", "--token", TOKEN, "--unit", "中心").exit_code == 0
    path = home / "data" / "wuxue.sqlite"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "UPDATE lesson_version SET status = 'reviewed', reviewed_by = '持证社工'"
        )
    assert wuxue("init", "--token", TOKEN, "--unit", "中心").exit_code == 0
    with closing(sqlite3.connect(path)) as connection:
        states = connection.execute("SELECT DISTINCT status FROM lesson_version").fetchall()
    assert states == [("reviewed",)]
