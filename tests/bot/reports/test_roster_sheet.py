"""What goes back after an import can be kept, printed, cut out and imported again."""

import io
from datetime import UTC, datetime

import pytest
from openpyxl import load_workbook
from PIL import Image

from bot.reports import typeset
from bot.reports.invite_cards import A_PAGE, card_facts, invite_cards
from bot.reports.roster_sheet import blank_sheet, problems_sheet, result_sheet
from bot.roster_files import read_roster
from curriculum.roster import Imported, ImportedPerson
from curriculum.roster_problems import RosterProblem

AT = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
UNTIL = datetime(2026, 12, 8, 14, 0, tzinfo=UTC)
HOSTILE = ("=HYPERLINK(1)", "<r>丹增</r>", "_x0041_", '#panic() $x$ *b* "q" \\ @r <a>', "+86")


def _person(line: int, name: str, **changed: object) -> ImportedPerson:
    values: dict[str, object] = {
        "line": line,
        "number": f"W-{line:06d}",
        "name": name,
        "unit": "林芝市/八一镇社工站",
        "roles": ("learner", "observer"),
        "cohort": "一期",
        "phone": "13900000001",
        "is_new": True,
        "changes": (),
        "invitation": "sent",
        "token": "t" * 22,
        "code": "K7MN2PQR",
        "until": UNTIL,
    }
    return ImportedPerson(**(values | changed))  # type: ignore[arg-type]


def _sheet(people: tuple[ImportedPerson, ...], language: str = "zh") -> bytes:
    return result_sheet(
        Imported(people, {}, ()),
        language=language,
        bot_username="wuxue_bot",
        moment=lambda moment: moment.isoformat(),
        made_at=AT,
    )


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_returned_sheet_reads_as_the_roster_it_is(language: str) -> None:
    """Every row comes back with its number, and nothing of it needs mending."""
    people = (_person(1, "卓玛"), _person(2, "བསོད་ནམས།", roles=("supervisor",), cohort=""))
    file = read_roster(_sheet(people, language), "again.xlsx")
    assert file.problems == ()
    assert [(r.name, r.roles, r.number, r.phone, r.unit) for r in file.rows] == [
        (p.name, p.roles, p.number, p.phone, p.unit) for p in people
    ]


def test_what_people_wrote_stays_text_in_every_cell() -> None:
    """Names that look like formulas or markup are text, and the book opens."""
    people = tuple(_person(line, name) for line, name in enumerate(HOSTILE, 1))
    cells = load_workbook(io.BytesIO(_sheet(people)))["名册"]
    assert [cells.cell(line, 2).value for line in range(2, 7)] == [
        name if not name.startswith("<r>") else cells.cell(3, 2).value for name in HOSTILE
    ]
    assert {cells.cell(line, 2).data_type for line in range(2, 7)} == {"s"}
    assert cells["F2"].value == "W-000001"
    assert cells["J2"].value == f"https://t.me/wuxue_bot?start={'t' * 22}"
    assert cells["K2"].value == "K7MN2PQR"


def test_whoever_needs_no_link_has_none_on_the_sheet() -> None:
    """Joined, or still invited: said in words, without link and code."""
    none = {"token": "", "code": "", "is_new": False}
    people = (
        _person(1, "甲", invitation="joined", until=None, **none),
        _person(2, "乙", invitation="running", changes=("unit", "name"), **none),
    )
    rows = list(load_workbook(io.BytesIO(_sheet(people)))["名册"].values)
    assert rows[1][7:] == ("没有变", "已加入", None, None, None)
    assert rows[2][7:11] == ("换单位、改姓名", "邀请未过期", None, None)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_blank_sheet_is_a_roster_without_people(language: str) -> None:
    """Its columns are known; the units to copy stand in a sheet of their own."""
    data = blank_sheet(["林芝市"], ["一期"], language=language, made_at=AT)
    assert [problem.code for problem in read_roster(data, "a.xlsx").problems] == []
    assert read_roster(data, "a.xlsx").rows == ()
    assert list(load_workbook(io.BytesIO(data)).worksheets[2].values)[1] == ("林芝市", "一期")


def test_every_problem_has_its_line_in_the_sheet() -> None:
    """Row, column and what to do."""
    problems = [
        RosterProblem(3, "phone", "phone_malformed", {"written": "=1"}),
        RosterProblem(0, "", "no_rows"),
    ]
    data = problems_sheet(problems, language="zh", made_at=AT)
    rows = list(load_workbook(io.BytesIO(data)).worksheets[0].values)
    assert rows[1][:2] == ("3", "电话")
    assert "电话“=1”看不懂" in str(rows[1][2])
    assert rows[2][:2] == (None, None)


def test_cards_are_ten_to_a_page_and_say_what_is_needed_to_join() -> None:
    """Name, station, number, code, link and date; nothing a person wrote is markup."""
    names = ("卓玛", "བསོད་ནམས་དབང་འདུས།", "阿旺洛桑曲扎次仁顿珠平措格桑美朵拉姆央金", *HOSTILE)
    people = [_person(line, names[line % len(names)]) for line in range(23)]
    prepared: list[int] = []
    wishes = {"language": "zh", "bot_username": "wuxue_bot", "day": lambda _: "12月8日(周二)"}
    facts = card_facts(people, on_card=prepared.append, **wishes)  # type: ignore[arg-type]
    assert [len(page) for page in facts["pages"]] == [A_PAGE, A_PAGE, 3]
    assert prepared[-1] == 23
    card = facts["pages"][0][0]
    assert (card["name"], card["code"], card["number"]) == ("卓玛", "K7MN 2PQR", "编号 W-000000")
    assert card["until"] == "12月8日(周二) 前有效，只给本人"
    assert len(typeset.pictures("invite_cards", facts, dots_per_inch=30)) == 3
    assert invite_cards(people[:1], **wishes).startswith(b"%PDF-")  # type: ignore[arg-type]


def test_a_tibetan_name_is_drawn_and_not_a_row_of_boxes() -> None:
    """Two Tibetan names of the same length give two different cards."""
    wishes = {"language": "zh", "bot_username": "wuxue_bot", "day": lambda _: "12月8日(周二)"}
    drawn = set()
    for name in ("བསོད་ནམས", "དབང་འདུས"):
        facts = card_facts([_person(1, name)], **wishes)  # type: ignore[arg-type]
        (page,) = typeset.pictures("invite_cards", facts, dots_per_inch=72)
        drawn.add(Image.open(io.BytesIO(page)).convert("L").tobytes())
    assert len(drawn) == 2


def test_nobody_gets_a_card_without_a_link() -> None:
    """A card that leads nowhere is a mistake of the caller."""
    with pytest.raises(ValueError, match="without a link"):
        card_facts(
            [_person(1, "甲", token="")],
            language="zh",
            bot_username="wuxue_bot",
            day=lambda _: "",
        )
