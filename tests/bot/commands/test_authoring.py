"""What an author does from the command line: look at a lesson, begin a pack, bring in questions."""

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image
from sqlmodel import Session, select

from storage.engine import Database
from storage.lessons import Answer, Lesson
from storage.people import Person
from tests.bot.commands.conftest import Wuxue
from tests.bot.commands.processes import machine
from tests.county import write_pack

ANSWERED_AT = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
STARTER = Path(__file__).parents[3] / "curriculum" / "packs" / "starter_zh"


@pytest.mark.parametrize("language", ["zh", "bo", "both"])
def test_a_lesson_can_be_looked_at_as_a_picture(wuxue: Wuxue, home: Path, language: str) -> None:
    """One PNG, 720 dots wide and under 150 KB; the sentence names file and size."""
    done = wuxue(
        "lessons", "preview", str(STARTER), "001", "--language", language, "--picture", "课.png"
    )
    assert done.exit_code == 0, done.output
    data = (home / "课.png").read_bytes()
    assert f"已写好 课.png，{-(-len(data) // 1000)} KB。" in done.stdout
    assert len(data) < 150_000
    assert Image.open(io.BytesIO(data)).width == 720


def test_both_languages_are_shown_as_messages_too(wuxue: Wuxue) -> None:
    """Tibetan first, then Chinese, each lesson with its question."""
    shown = wuxue("lessons", "preview", str(STARTER), "001", "--language", "both").stdout
    assert shown.index("རོགས་བྱེད") < shown.index("一位阿佳")


def test_a_picture_that_cannot_be_is_refused_in_one_line(wuxue: Wuxue, home: Path) -> None:
    """The wrong ending, a language the lesson lacks, a folder that is not there."""
    write_pack(home / "pack", 1)
    for arguments, code, words in (
        (("--picture", "a.jpg"), 2, ".png"),
        (("--picture", "a.png", "--language", "both"), 1, "只有：zh"),
        (("--picture", "no/a.png"), 1, "写不了"),
    ):
        refused = wuxue("lessons", "preview", "pack", "001", *arguments)
        assert refused.exit_code == code, refused.output
        assert words in refused.stderr
        assert refused.stdout == ""
    assert not list(home.glob("*.png"))


GIFT = """::001:: 门口先说哪一句？ {=说明来意 ~直接进门 #### 先说清楚。}

::002:: [再问] 几点去？ {~清早 =约好的时候 ~都行 #### 约好再去。}
"""


@pytest.mark.parametrize("name", ["my_lessons", "我们站的课"])
def test_a_new_pack_can_be_checked_previewed_and_imported_at_once(
    wuxue: Wuxue, installed: Path, name: str
) -> None:
    """Its code is the folder's name where that can be one, so that two packs do not clash."""
    done = wuxue("lessons", "new", name)
    assert done.exit_code == 0, done.output
    assert (installed / name / "README.md").exists()
    assert "没有问题：我们站的课，2 课。" in wuxue("lessons", "check", name).stdout
    assert "门口的第一句" in wuxue("lessons", "preview", name, "001").stdout
    assert "新增 2 课" in wuxue("lessons", "import", name).stdout
    cohort = wuxue("cohort", "add", "期", "--unit", "中心", "--pack", "my_lessons")
    assert cohort.exit_code == 0, cohort.output


def test_a_new_pack_never_writes_over_what_is_there(wuxue: Wuxue, home: Path) -> None:
    """An empty folder is filled, one with anything in it is left alone."""
    (home / "empty").mkdir()
    assert wuxue("lessons", "new", "empty").exit_code == 0
    (home / "full").mkdir()
    (home / "full" / "笔记.txt").write_text("我的", encoding="utf-8")
    refused = wuxue("lessons", "new", "full")
    assert refused.exit_code == 2
    assert "不是空的文件夹" in refused.stderr
    assert [path.name for path in (home / "full").iterdir()] == ["笔记.txt"]
    assert wuxue("lessons", "new", "empty/pack.toml/x").exit_code != 0


def test_questions_are_shown_before_they_are_written(wuxue: Wuxue, home: Path) -> None:
    """A look writes nothing, a no writes nothing, a yes writes; then there is nothing to do."""
    write_pack(home / "pack", 2)
    (home / "q.gift").write_text(GIFT, encoding="utf-8")
    before = {path.name: path.read_bytes() for path in (home / "pack").iterdir()}
    arguments = ("lessons", "questions", "q.gift", "--pack", "pack")

    shown = wuxue(*arguments, "--dry-run")
    assert shown.exit_code == 0, shown.output
    for words in ("第001课的题目", "选哪一个", "B✓乙", "[再问] 几点去？", "B✓约好的时候"):
        assert words in shown.stdout, shown.stdout
    assert "什么都没有写" in shown.stdout
    assert "什么都没有写" in wuxue(*arguments, typed="n\n").stdout
    silent = wuxue(*arguments)
    assert silent.exit_code == 2
    assert "--yes" in silent.stderr
    assert {path.name: path.read_bytes() for path in (home / "pack").iterdir()} == before

    assert "已换好 2 课的题，0 课不变" in wuxue(*arguments, typed="y\n").stdout
    assert "没有问题" in wuxue("lessons", "check", "pack").stdout
    assert "约好的时候" in wuxue("lessons", "preview", "pack", "002").stdout
    assert "2 道题都和课里的一样" in wuxue(*arguments, "--yes").stdout


def test_every_problem_of_a_question_file_is_named_and_nothing_is_written(
    wuxue: Wuxue, home: Path
) -> None:
    """File, line and what to do on stderr; exit code 1."""
    write_pack(home / "pack", 2)
    before = {path.name: path.read_bytes() for path in (home / "pack").iterdir()}
    text = f"{GIFT}\n::009:: 问 {{=甲 ~乙 ####因}}\n\n问 {{T}}\n"
    (home / "q.gift").write_text(text, encoding="utf-8")
    refused = wuxue("lessons", "questions", "q.gift", "--pack", "pack", "--yes")
    assert refused.exit_code == 1
    assert "q.gift:5  课程包里没有第 009 课的 zh 文件" in refused.stderr
    assert "q.gift:7  判断题用不上" in refused.stderr
    assert "2 处要改，什么都没有写" in refused.stderr
    assert {path.name: path.read_bytes() for path in (home / "pack").iterdir()} == before


def test_aiken_goes_in_by_order_and_says_whose_explanation_stays(wuxue: Wuxue, home: Path) -> None:
    """Without codes, from a lesson on."""
    write_pack(home / "pack", 3)
    text = "几点去？\nA. 清早\nB. 约好的时候\nANSWER: B\n"
    (home / "q.txt").write_text(text, encoding="utf-8")
    arguments = ("lessons", "questions", "q.txt", "--pack", "pack", "--from", "003", "--yes")
    done = wuxue(*arguments)
    assert done.exit_code == 0, done.output
    assert "q.txt:1  这道题没有带来解释，第 003 课保留原来的解释" in done.stdout
    assert "约好的时候" in (home / "pack" / "003.zh.md").read_text(encoding="utf-8")


@pytest.mark.asyncio
async def test_the_authors_commands_run_as_processes_of_their_own(tmp_path: Path) -> None:
    """In English too: a pack begun, a question put in, looked at as a picture."""
    async with machine(tmp_path, LC_ALL="en_US.UTF-8", LANG="en_US.UTF-8") as at:
        assert "two sample lessons" in await at.done("lessons", "new", "pack")
        (tmp_path / "q.gift").write_text(GIFT, encoding="utf-8")
        arguments = ("lessons", "questions", "q.gift", "--pack", "pack")
        refused = await at.wuxue(*arguments)
        assert (refused.code, "--yes" in refused.err) == (2, True)
        assert "Changed the question of 2 lessons" in await at.done(*arguments, "--yes")
        await at.done("lessons", "check", "pack")
        # What a picture needs is imported by this command alone.
        at.is_cold = True
        said = await at.done("lessons", "preview", "pack", "002", "--picture", "002.png")
        assert "Wrote 002.png" in said
    head = (tmp_path / "pack" / "001.zh.md").read_text(encoding="utf-8")
    assert "# 第几个选项，从 1 数起。" in head


def test_statistics_are_a_table_or_a_workbook(wuxue: Wuxue, installed: Path) -> None:
    """Before anybody answered both say so; an unknown pack or ending is refused."""
    assert "还没有一道题有人答过" in wuxue("lessons", "statistics").stdout
    done = wuxue("lessons", "statistics", "--pack", "starter_zh", "--out", "统计.xlsx")
    assert done.exit_code == 0, done.output
    assert "已写好 统计.xlsx，0 道题。" in done.stdout
    assert (installed / "统计.xlsx").stat().st_mode & 0o777 == 0o600
    for arguments, words in (
        (("--pack", "none"), "没有导入过课程包 none"),
        (("--out", "a.csv"), "请以 .xlsx 结尾"),
    ):
        refused = wuxue("lessons", "statistics", *arguments)
        assert refused.exit_code == 2
        assert words in refused.stderr


def test_statistics_show_five_and_hide_four(wuxue: Wuxue, installed: Path) -> None:
    """Five answers to the first lesson, four to the second; the second's stay hidden."""
    database = Database(f"sqlite:///{installed / 'data' / 'wuxue.sqlite'}")

    def answer(session: Session) -> None:
        for code, count in (("001", 5), ("002", 4)):
            version = session.exec(select(Lesson.current_version_id).where(Lesson.code == code))
            version_id = version.one()
            for number in range(count):
                person = Person(name=f"{code}/{number}", created_at=ANSWERED_AT)
                session.add(person)
                session.flush()
                session.add(
                    Answer(
                        person_id=person.id,
                        version_id=version_id,
                        chosen=0,
                        correct=False,
                        answered_at=ANSWERED_AT,
                        source="telegram",
                    )
                )

    database.write_now(answer)
    database.close()
    shown = wuxue("lessons", "statistics").stdout
    assert "0%-80%" in shown
    assert "A 5" in shown
    assert "选错项的比选对的多" in shown
    hidden = shown[shown.index("starter_zh 002") :]
    assert "少于五人" in hidden
    assert "%" not in hidden
