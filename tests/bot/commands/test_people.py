"""A roster from the command line: problems as a table, links and cards beside the file."""

import stat
from pathlib import Path

from openpyxl import load_workbook

from tests.bot.commands.conftest import Wuxue
from tests.rosters import csv_text, person, xlsx


def _roster(home: Path, *rows: tuple[object, ...], name: str = "名册.xlsx") -> None:
    (home / name).write_bytes(xlsx(rows))


def _row(name: str, **cells: str) -> tuple[object, ...]:
    return person(name, **({"unit": "八一站", "cohort": "一期"} | cells))


def _cohort(wuxue: Wuxue) -> None:
    assert wuxue("cohort", "add", "一期", "--unit", "中心").exit_code == 0


def test_a_dry_run_says_what_would_change_and_writes_nothing(wuxue: Wuxue, installed: Path) -> None:
    """Counts, the new units by name, and no file beside the roster."""
    _cohort(wuxue)
    _roster(installed, _row("扎西"), _row("卓玛", unit="中心/[b]新站"))
    before = sorted(installed.iterdir())
    result = wuxue("people", "import", "名册.xlsx", "--dry-run")
    assert result.exit_code == 0, result.output
    assert "2 人：新加入 2，改动 0，没有变 0；新单位 1 个，要发的邀请 2 份。" in result.stdout
    assert "新单位：中心/[b]新站" in result.stdout
    assert sorted(installed.iterdir()) == before


def test_every_problem_stands_in_a_table_and_nothing_is_written(
    wuxue: Wuxue, installed: Path
) -> None:
    """Row, column and what to do, on stderr; exit code 1."""
    _roster(installed, _row("", phone="12"), _row("卓玛", role="所长"), _row("扎西[red]", unit=""))
    result = wuxue("people", "import", "名册.xlsx")
    assert result.exit_code == 1
    for words in ("没有写姓名", "电话“12”看不懂", "不认识角色“所长”", "没有写单位"):
        assert words in result.stderr
    assert "4 处要改，什么都没有写入。" in result.stderr
    assert not list(installed.glob("名册_*"))


def test_the_sheet_and_the_cards_are_written_beside_the_file_for_its_owner_only(
    wuxue: Wuxue, installed: Path
) -> None:
    """A sheet with numbers and links, a PDF of cards; again: nothing changed and no cards."""
    _cohort(wuxue)
    (installed / "名册.csv").write_bytes(csv_text([_row("扎西"), _row("卓玛")]).encode("gb18030"))
    result = wuxue("people", "import", "名册.csv")
    assert result.exit_code == 0, result.output
    assert "名册已导入：新加入 2 人" in result.stdout
    (sheet,) = installed.glob("名册_结果_*.xlsx")
    (cards,) = installed.glob("名册_邀请卡_*.pdf")
    assert cards.read_bytes().startswith(b"%PDF-")
    assert {stat.S_IMODE(path.stat().st_mode) for path in (sheet, cards)} == {0o600}
    rows = list(load_workbook(sheet)["名册"].values)
    assert rows[1][5] == "W-000001"
    assert str(rows[1][9]).startswith("https://t.me/机器人名?start=")
    sheet.rename(installed / "again.xlsx")
    again = wuxue("people", "import", "again.xlsx")
    assert "新加入 0 人，改动 0 人，没有变 2 人，新单位 0 个，邀请 0 份。" in again.stdout
    assert not list(installed.glob("again_邀请卡_*"))
    resent = wuxue("people", "import", "名册.csv", "--resend")
    assert "邀请 2 份" in resent.stdout, resent.output


def test_a_file_that_is_no_roster_is_refused_with_a_sentence(wuxue: Wuxue, installed: Path) -> None:
    """Another kind of file, and one that is not there."""
    (installed / "名册.txt").write_text("随便写的\n", encoding="utf-8")
    assert "没有找到列名" in wuxue("people", "import", "名册.txt").stderr
    (installed / "图.pdf").write_bytes(b"%PDF-1.4")
    assert "只收 .xlsx 和 .csv" in wuxue("people", "import", "图.pdf").stderr
    assert wuxue("people", "import", "没有.xlsx").exit_code == 2


def test_links_that_cannot_be_saved_are_not_made(wuxue: Wuxue, installed: Path) -> None:
    """Where the folder takes no file, nothing is imported."""
    _cohort(wuxue)
    name = "很" * 80 + ".xlsx"  # with its ending added, too long for the disk
    _roster(installed, _row("扎西"), name=name)
    result = wuxue("people", "import", name)
    assert result.exit_code == 1
    assert "什么都没有导入" in result.stderr
    assert "新加入 1" in wuxue("people", "import", name, "--dry-run").stdout
