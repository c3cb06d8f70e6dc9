"""题目统计 in chat: a coordinator's file, never a single person's answer, nobody else's."""

# ruff: noqa: F811  a fixture is asked for by the name it is imported under

from datetime import datetime
from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlmodel import Session, select

from bot.rehearsal.county import COUNTY, VALLEY
from storage.lessons import Answer
from storage.people import Membership, Person, unit_by_name
from tests.journeys.conftest import (  # noqa: F401  pytest finds fixtures by their names here
    COORDINATOR,
    LEARNER,
    SUPERVISOR,
    Play,
    county,
    folder,
    morning,
    play,
)

pytestmark = pytest.mark.asyncio
NOT_THERE = "没有找到，或者您看不到它。请按“今天”回到现在的内容。"


def colleagues_answer(session: Session, *, count: int, now: datetime) -> None:
    """People of the same station answer as the first one did."""
    given = session.exec(select(Answer)).one()
    (station,) = unit_by_name(session, VALLEY)
    for number in range(count):
        person = Person(name=f"同事{number}", created_at=now)
        session.add(person)
        session.flush()
        session.add(Membership(person_id=person.id, unit_id=station.id, since=now.date()))
        session.add(
            Answer(
                person_id=person.id,
                version_id=given.version_id,
                chosen=given.chosen,
                correct=given.correct,
                answered_at=now,
                source="telegram",
            )
        )


def cells(play: Play, user: int) -> list[object]:
    """Everything in the last file."""
    document = play.said(user)[-1].json["document"]
    data = play.world.files.by_id[document["file_id"]].data
    book = load_workbook(BytesIO(data))
    return [cell.value for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]


async def test_before_anybody_answered_it_says_so_without_a_file(play: Play) -> None:
    """No empty workbook."""
    said = await play.say(COORDINATOR, "题目统计")
    assert said == f"题目统计\n\n{COUNTY}和下属单位，0 道题有人答过。"
    assert "document" not in play.said(COORDINATOR)[-1].json


async def test_below_five_the_file_shows_no_answer(morning: Play) -> None:
    """One person's answer is in no cell."""
    await morning.vote(LEARNER, 0)
    await morning.say(COORDINATOR, "学习记录")
    caption = await morning.press(COORDINATOR, "题目统计")
    assert "1 道题有人答过" in caption
    assert morning.toast(COORDINATOR) == "正在整理，请稍等"
    found = cells(morning, COORDINATOR)
    assert "少于五人" in found
    assert not any(isinstance(cell, float) for cell in found)
    assert "扎西" not in found


async def test_from_five_on_the_file_shows_what_draws_people(morning: Play) -> None:
    """By the command too, named after the unit and the day."""
    await morning.vote(LEARNER, 0)
    await morning.running.wuxue.database.write(
        colleagues_answer, count=4, now=morning.running.clock.now()
    )
    await morning.say(COORDINATOR, "/item_statistics")
    document = morning.said(COORDINATOR)[-1].json["document"]
    assert document["file_name"] == f"题目统计_{COUNTY}_2026-11-25.xlsx"
    found = cells(morning, COORDINATOR)
    assert 5 in found
    assert 1.0 in found


@pytest.mark.parametrize("user", [LEARNER, SUPERVISOR])
async def test_nobody_else_gets_it(morning: Play, user: int) -> None:
    """Words, command and a forged button are answered like something that is not there."""
    await morning.vote(LEARNER, 0)
    for typed in ("题目统计", "/item_statistics"):
        assert await morning.say(user, typed) == NOT_THERE
    message = morning.said(user)[-1]
    morning.world.forge_callback(user, user, message.message_id, "statistics:own")
    await morning.settle()
    assert morning.toast(user) == NOT_THERE
    assert not any("document" in message.json for message in morning.said(user))
