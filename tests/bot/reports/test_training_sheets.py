"""A training on paper, in calendars and on the wall: the columns a file needs, words that match."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from icalendar import Calendar

from bot.render import LANGUAGES, Renderer
from bot.reports import blocks, documents, typeset
from bot.reports.training_code import code_facts, code_page
from bot.reports.training_sheets import calendar_of, sign_in_document
from curriculum.training_sheets import Signer, SignInSheet
from tests.bot.training_facts import CANCELLED, EVENT, HALF

AT = datetime(2026, 12, 21, 1, 30, tzinfo=UTC)
SHEET = SignInSheet(
    "2027年春季社工实务培训",
    "林芝市民政局三楼",
    "林芝市社工指导中心",
    "接案与预估",
    "扎西老师",
    AT,
    180,
    tuple(
        Signer(name, "八一镇社工站", "learner", "13900000000") for name in ("卓玛", "བཀྲ་ཤིས་སྒྲོལ་མ")
    ),
)


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    """Words for tests."""
    return Renderer(zone="Asia/Shanghai", wordings={})


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sign_in_sheet_has_the_columns_that_a_training_file_needs(
    renderer: Renderer, language: str
) -> None:
    """Course, date, period; name, unit, post, contact, signature (DOMAIN section 4), and room."""
    made = sign_in_document(SHEET, renderer, language)
    heading, fields, table = made.blocks
    assert isinstance(heading, blocks.Heading)
    assert isinstance(fields, blocks.Fields)
    assert isinstance(table, blocks.Table)
    said = dict(fields.rows)
    assert {"2026年12月21日(周一)", "Mon 21 Dec 2026"} & set(said.values())
    assert any("09:30" in value for value in said.values())
    if language == "zh":
        assert table.head == ("序号", "姓名", "单位", "职务", "联系方式", "签名")
        assert table.rows[0] == ("1", "卓玛", "八一镇社工站", "学员", "13900000000", "")
    assert len(table.rows) == 8
    assert documents.pdf(made).startswith(b"%PDF")
    assert documents.docx(made).startswith(b"PK")


def test_a_calendar_knows_a_training_again_when_it_is_moved_or_called_off(
    renderer: Renderer,
) -> None:
    """One UID for ever, a rising SEQUENCE, METHOD:CANCEL; read by another parser."""

    def entry(event: Any) -> tuple[str, Any]:
        data = calendar_of(event, renderer, "zh", bot=7, said_at=AT)
        read: Any = Calendar.from_ical(data)
        return str(read["method"]), read.walk("VEVENT")[0]

    ends = replace(EVENT, starts_at=AT, ends_at=datetime(2026, 12, 22, 10, 0, tzinfo=UTC))
    method, first = entry(ends)
    assert (method, str(first["uid"])) == ("PUBLISH", "training-1@7.wuxue")
    assert first["dtstart"].dt == AT
    assert "接案与预估" in str(first["description"])
    _, moved = entry(replace(ends, moves=1))
    assert (str(moved["uid"]), int(moved["sequence"])) == (str(first["uid"]), 1)
    off = replace(CANCELLED, starts_at=AT, ends_at=ends.ends_at, moves=2)
    method, called_off = entry(off)
    assert (method, int(called_off["sequence"])) == ("CANCEL", 2)
    assert str(called_off["status"]) == "CANCELLED"


def test_the_code_on_the_wall_says_what_it_is_for(renderer: Renderer) -> None:
    """One page: the training, the half day, from when it counts, and a code that opens the bot."""
    url = "https://t.me/wuxue_bot?start=here-t"
    facts = code_facts(HALF, renderer, "zh", url=url)
    assert facts["topic"] == "接案与预估"
    assert "15:00 起" in facts["only"]
    assert facts["qr"].startswith("<svg")
    assert code_page(HALF, renderer, "zh", url=url).startswith(b"%PDF")
    assert len(typeset.pictures("training_code", facts)) == 1
