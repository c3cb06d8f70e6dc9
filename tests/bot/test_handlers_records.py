"""The coordinator's files: by button, by words, and only what lies within her reach."""

# ruff: noqa: F811  a fixture is asked for by the name it is imported under

import csv
from io import BytesIO, StringIO
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlmodel import Session

from bot.rehearsal.county import COUNTY, TOWN, VALLEY
from curriculum import joining, people
from storage.people import Unit, add_unit, unit_by_name
from tests.journeys.conftest import (  # noqa: F401  pytest finds fixtures by their names here
    COORDINATOR,
    LEARNER,
    STRANGER,
    SUPERVISOR,
    Play,
    county,
    folder,
    morning,
    play,
)

pytestmark = pytest.mark.asyncio
NOT_THERE = "没有找到，或者您看不到它。请按“今天”回到现在的内容。"


def _document(play: Play, user: int) -> tuple[str, bytes]:
    document = play.said(user)[-1].json["document"]
    return document["file_name"], play.world.files.by_id[document["file_id"]].data


def _sheet(play: Play, user: int) -> list[list[Any]]:
    _, data = _document(play, user)
    return [list(row) for row in load_workbook(BytesIO(data)).worksheets[0].values]


async def test_the_periods_are_offered_as_buttons(play: Play) -> None:
    """学习记录 without anything behind it asks for the period; one row turns to another file."""
    said = await play.say(COORDINATOR, "学习记录")
    assert said == f"学习记录\n\n{COUNTY}和下属单位，发 xlsx 文件。要哪一段时间的？"
    keyboard = play.said(COORDINATOR)[-1].inline_keyboard
    assert [[button["text"] for button in row] for row in keyboard] == [
        ["本月", "上月"],
        ["本季度", "今年"],
        ["题目统计"],
        ["改用csv"],
    ]


async def test_turning_to_the_other_kind_of_file_redraws_the_same_message(play: Play) -> None:
    """There and back, without a word more in the chat; the words say which file it will be."""
    for typed, first, other in (("学习记录", "xlsx", "csv"), ("/records CSV", "csv", "xlsx")):
        await play.say(COORDINATOR, typed)
        message = play.said(COORDINATOR)[-1].message_id
        for file_format, turned in ((other, first), (first, other)):
            said = await play.press(COORDINATOR, f"改用{file_format}")
            assert f"发 {file_format} 文件" in said
            assert play.labels(COORDINATOR)[-1] == f"改用{turned}"
        assert play.said(COORDINATOR)[-1].message_id == message


@pytest.mark.parametrize(
    ("data", "ending"), [("records:csv:year", "csv"), ("records:xlsx:quarter", "xlsx")]
)
async def test_a_button_of_an_earlier_release_still_gives_its_file(
    play: Play, data: str, ending: str
) -> None:
    """Messages that stand in chats already carry the kind of file and the period."""
    message = play.said(COORDINATOR)[-1]
    play.world.forge_callback(COORDINATOR, COORDINATOR, message.message_id, data)
    await play.settle()
    name, _ = _document(play, COORDINATOR)
    assert name.endswith(f".{ending}")


async def test_a_workbook_by_button_holds_the_record(morning: Play) -> None:
    """What a worker answered stands in the coordinator's workbook as typed cells."""
    await morning.vote(LEARNER, 0)
    await morning.say(COORDINATOR, "学习记录")
    caption = await morning.press(COORDINATOR, "本月")
    assert morning.toast(COORDINATOR) == "正在整理，请稍等"
    assert "11月1日(周日)至11月30日(周一)，共 1 条。" in caption
    name, _ = _document(morning, COORDINATOR)
    assert name == f"学习记录_{COUNTY}_2026-11-01_2026-11-30.xlsx"
    (row,) = [row for row in _sheet(morning, COORDINATOR) if "扎西" in row]
    ((title, minutes),) = await morning.rows("SELECT title, minutes FROM learning_record")
    assert title in row
    assert minutes in row
    assert "答题" in row


async def test_a_csv_by_button_holds_the_record(morning: Play) -> None:
    """The same record, for whoever has no spreadsheet program."""
    await morning.press(LEARNER, "学完了")
    await morning.say(COORDINATOR, "/records")
    await morning.press(COORDINATOR, "改用csv")
    await morning.press(COORDINATOR, "今年")
    name, data = _document(morning, COORDINATOR)
    assert name.endswith(".csv")
    lines = list(csv.reader(StringIO(data.decode("utf-8-sig"))))
    assert any("扎西" in line and "自述学完" in line for line in lines)


@pytest.mark.parametrize(
    ("typed", "since", "until", "unit", "ending"),
    [
        ("/records 2026-11", "2026-11-01", "2026-11-30", COUNTY, "xlsx"),
        ("/records csv 本月", "2026-11-01", "2026-11-30", COUNTY, "csv"),
        (f"/records 2026 {VALLEY} CSV", "2026-01-01", "2026-12-31", VALLEY, "csv"),
        (f"/records {VALLEY} 上月", "2026-10-01", "2026-10-31", VALLEY, "xlsx"),
        (f"/records 2026-11-24..2026-11-26 {VALLEY}", "2026-11-24", "2026-11-26", VALLEY, "xlsx"),
    ],
)
async def test_period_unit_and_kind_can_be_typed(
    play: Play, typed: str, since: str, until: str, unit: str, ending: str
) -> None:
    """In any order, with or without a unit."""
    await play.say(COORDINATOR, typed)
    name, _ = _document(play, COORDINATOR)
    assert name == f"学习记录_{unit}_{since}_{until}.{ending}"


async def test_a_station_alone_gives_its_own_rows_alone(morning: Play) -> None:
    """A named unit leaves out everybody elsewhere."""
    await morning.vote(LEARNER, 0)
    await morning.say(COORDINATOR, f"/records 2026-11 {TOWN}")
    assert not any("扎西" in row for row in _sheet(morning, COORDINATOR))
    await morning.say(COORDINATOR, f"/records 2026-11 {VALLEY}")
    assert any("扎西" in row for row in _sheet(morning, COORDINATOR))


@pytest.mark.parametrize(
    "typed", ["/records 第三个月", "/records 2026-13", "/records 2026-2-30..x"]
)
async def test_a_period_nobody_understands_is_answered_with_examples(
    play: Play, typed: str
) -> None:
    """The refusal says what can be written."""
    assert "可以写：本月、上月" in await play.say(COORDINATOR, typed)


@pytest.mark.parametrize("user", [LEARNER, SUPERVISOR])
async def test_whoever_may_not_read_is_told_what_the_absent_is_told(play: Play, user: int) -> None:
    """The refusal is word for word the one for something that does not exist."""
    for typed in ("/records", "/records 2026-11", "学习记录"):
        assert await play.say(user, typed) == NOT_THERE
    message = play.said(user)[-1]
    play.world.forge_callback(user, user, message.message_id, "records:xlsx:month")
    play.world.forge_callback(user, user, message.message_id, "open:records")
    play.world.forge_callback(user, user, message.message_id, "records_as:csv")
    play.world.forge_callback(user, user, message.message_id, "learned:daily_lesson/77/2020-01-01")
    await play.settle()
    assert {toast.text for toast in play.world.toasts(user)[-4:]} == {NOT_THERE}
    assert not any("document" in message.json for message in play.said(user))


async def test_a_coordinator_cannot_read_another_unit(morning: Play) -> None:
    """A unit outside her reach looks like one that there is not."""
    await morning.vote(LEARNER, 0)
    name = await morning.running.wuxue.database.write(_elsewhere)
    outside = await morning.say(COORDINATOR, f"/records 2026-11 {name}")
    missing = await morning.say(COORDINATOR, "/records 2026-11 没有这个单位")
    assert outside.replace(name, "") == missing.replace("没有这个单位", "")
    assert "林芝市社工指导中心" in await morning.say(
        COORDINATOR, "/records 2026-11 林芝市社工指导中心"
    )
    assert not any("document" in message.json for message in morning.said(COORDINATOR))


async def test_a_station_coordinator_gets_her_station_and_no_other(morning: Play) -> None:
    """Without a unit she gets her own; the neighbour's is not found."""
    await morning.vote(LEARNER, 0)
    token = await morning.running.wuxue.database.write(
        _station_invite, now=morning.running.clock.now()
    )
    await morning.open(STRANGER, token)
    for label in ("中文", "同意"):
        await morning.press(STRANGER, label)
    await morning.say(STRANGER, "次珍")
    await morning.press(STRANGER, "是")
    await morning.say(STRANGER, "/records 2026-11")
    assert not any("扎西" in row for row in _sheet(morning, STRANGER))
    assert f"没有找到“{VALLEY}”" in await morning.say(STRANGER, f"/records 2026-11 {VALLEY}")


@pytest.mark.parametrize(
    "data",
    [
        "records:pdf:month",
        "records:xlsx:2026-99",
        "records:xlsx",
        "records:",
        "records:x:y:z",
        "records_as:pdf",
        "records_as:",
    ],
)
async def test_a_forged_period_button_gives_no_file(play: Play, data: str) -> None:
    """What no button carries is refused, not guessed."""
    message = play.said(COORDINATOR)[-1]
    play.world.forge_callback(COORDINATOR, COORDINATOR, message.message_id, data)
    await play.settle()
    assert not any("document" in message.json for message in play.said(COORDINATOR))


def _elsewhere(session: Session) -> str:
    name = "察隅县社工指导中心"
    add_unit(session, name_zh=name, level="county_centre", parent=session.get_one(Unit, 1))
    return name


def _station_invite(session: Session, *, now: Any) -> str:
    (station,) = unit_by_name(session, TOWN)
    return joining.make_invite(
        session,
        role=people.COORDINATOR,
        unit=station,
        cohort=None,
        uses=1,
        created_by=None,
        now=now,
    ).token
