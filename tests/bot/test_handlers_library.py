"""The library in chat: pages of buttons, searching by button, word and command, forged taps."""

# ruff: noqa: F811  a fixture is asked for by the name it is imported under

import pytest
import regex  # type: ignore[import-untyped]

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
MODULES = ["认识社会工作", "价值与伦理", "探访与访谈", "评估与建档", "个案工作", "小组与社区"]
LABEL_LIMIT, BUTTONS = 45, 6


def _rows(play: Play, chat: int) -> list[list[str]]:
    """The labels of the newest message's buttons, row by row."""
    return [[key["text"] for key in row] for row in play.said(chat)[-1].inline_keyboard or []]


@pytest.mark.parametrize("way", ["/library", "课程", "library", "LESSONS"])
async def test_the_shelf_opens_by_command_and_by_word(play: Play, way: str) -> None:
    """Six modules on a page, one row to move with."""
    said = await play.say(LEARNER, way)
    assert said == "课程\n\n社工入门六十课，共60课。按一个单元，看里面的课。"
    *modules, ways = _rows(play, LEARNER)
    assert [row[0].split(" · ")[0] for row in modules] == MODULES
    assert ways == ["下一页", "找课"]


async def test_every_page_can_be_turned_and_left(play: Play) -> None:
    """Forward, back, into a module, to its second page, and up again, all in one message."""
    await play.say(LEARNER, "更多")
    await play.press(LEARNER, "课程")
    count = len(play.said(LEARNER))
    await play.press(LEARNER, "下一页")
    assert [row[0].split(" · ")[0] for row in _rows(play, LEARNER)[:-1]] == [
        "社会救助政策",
        "重点人群",
        "风险与保护",
        "高原牧区实务",
    ]
    assert _rows(play, LEARNER)[-1] == ["上一页", "找课"]
    said = await play.press(LEARNER, "社会救助政策 · 7")
    assert said == "单元里的课\n\n社会救助政策，共7课。\n\n建议先学：认识社会工作"
    assert _rows(play, LEARNER)[:2] == [["救助体系一张图"], ["谁能申请低保"]]
    assert _rows(play, LEARNER)[-1] == ["下一页", "上一步"]
    await play.press(LEARNER, "下一页")
    assert _rows(play, LEARNER) == [["主动发现与变化告知"], ["上一页", "上一步"]]
    said = await play.press(LEARNER, "主动发现与变化告知")
    assert said.startswith("第46课\n\n主动发现与变化告知\n\n社会救助政策 · 约")
    assert _rows(play, LEARNER) == [["读这一课"], ["上一步"]]
    # One step back is the page of the module where the lesson stands.
    await play.press(LEARNER, "上一步")
    assert _rows(play, LEARNER)[0] == ["主动发现与变化告知"]
    await play.press(LEARNER, "上一步")
    assert _rows(play, LEARNER)[0][0].startswith(MODULES[0])
    assert len(play.said(LEARNER)) == count


async def test_reading_is_a_button_with_the_lessons_id(play: Play) -> None:
    """Under a lesson's page and under what was found: whoever answers it sends the lesson."""
    await play.say(LEARNER, "/library 谁能申请低保")
    data = play.said(LEARNER)[-1].buttons[0]["callback_data"]
    ((lesson_id,),) = await play.rows("SELECT id FROM lesson WHERE code = '041'")
    assert data == f"lesson:{lesson_id}"


@pytest.mark.parametrize("way", ["找课", "find"])
async def test_finding_asks_for_words_and_takes_the_next_message(play: Play, way: str) -> None:
    """By typed word or button; the form ends with the answer."""
    assert (await play.say(LEARNER, way)).startswith("您想找什么课")
    said = await play.say(LEARNER, "灵时救助")
    assert said == "找到的课\n\n最接近的在前面。按一课，就发给您。"
    assert _rows(play, LEARNER)[0] == ["临时救助 · 社会救助政策"]
    assert _rows(play, LEARNER)[-1] == ["找课"]
    assert await play.count("draft") == 0
    assert (await play.press(LEARNER, "找课")).startswith("您想找什么课")


async def test_six_results_at_most_with_what_she_has_learned(morning: Play) -> None:
    """已学 stands on the button of the lesson she learned this morning, for her alone."""
    await morning.press(LEARNER, "学完了")
    await morning.say(LEARNER, "/library 助人自助")
    assert _rows(morning, LEARNER)[0] == ["助人自助 · 已学 · 认识社会工作"]
    await morning.say(LEARNER, "/library 低保")
    assert len(_rows(morning, LEARNER)) == BUTTONS + 1
    said = await morning.say(LEARNER, "课程")
    assert said.endswith(
        "您学过1课。按一个单元，看里面的课。\n\n接着是第2课：社工、志愿者、民政干部分工"
    )
    assert _rows(morning, LEARNER)[0] == ["认识社会工作 · 已学 1/6"]
    assert (await morning.press(LEARNER, "继续上次")).startswith("第2课")
    await morning.say(COORDINATOR, "/library 助人自助")
    assert _rows(morning, COORDINATOR)[0] == ["助人自助 · 认识社会工作"]


async def test_what_is_not_found_can_be_kept_as_a_question(play: Play) -> None:
    """A clear sentence, the nearest titles, 存为提问 with the very words she typed."""
    await play.say(LEARNER, "找课")
    said = await play.say(LEARNER, "怎么申请护照")
    assert said.startswith("没有找到这样的课\n\n下面的课最接近。")
    *near, keep, ways = _rows(play, LEARNER)
    assert 1 <= len(near) <= 3
    assert (keep, ways) == (["存为提问"], ["找课"])
    assert await play.count("question") == 0
    assert (await play.press(LEARNER, "存为提问")).startswith("已收到您的提问")
    assert await play.rows("SELECT text FROM question") == [("怎么申请护照",)]
    assert await play.count("draft") == 0


async def test_what_is_near_nothing_still_gets_an_answer(play: Play) -> None:
    """No titles to offer: the sentence and the question are left."""
    said = await play.say(LEARNER, "/library bitcoin")
    assert said == "没有找到这样的课\n\n可以换个说法再找，也可以存为提问。"
    assert _rows(play, LEARNER) == [["存为提问"], ["找课"]]
    long = "牛" * 1001
    said = await play.say(LEARNER, f"/library {long}")
    assert said == "没有找到这样的课\n\n可以换个说法再找。"
    assert _rows(play, LEARNER) == [["找课"]]


@pytest.mark.parametrize("user", [LEARNER, SUPERVISOR, COORDINATOR])
async def test_every_button_fits_and_there_are_few(play: Play, user: int) -> None:
    """At most six and one row to move with, short enough for a narrow phone."""
    for way in ("课程", "/library 社工", "/library 儿童"):
        await play.say(user, way)
        rows = _rows(play, user)
        assert len(rows) <= BUTTONS + 1
        assert all(len(row) == 1 for row in rows[:-1])
        # Signs as they are seen: a Tibetan stack is one.
        lengths = [len(regex.findall(r"\X", label)) for row in rows for label in row]
        assert max(lengths) <= LABEL_LIMIT


@pytest.mark.parametrize(
    "data",
    [
        "library:",
        "library:shelf",
        "library:shelf:1",
        "library:shelf:99:0",
        "library:shelf:-1:0",
        "library:shelf:1:0:0",
        "library:shelf:１:0",
        "library:shelf:99999999999999999999:0",
        "library:module:1:M1",
        "library:module:1:M99:0",
        "library:module:1:\x00:0",
        "library:module:x:M1:0",
        "library:lesson:",
        "library:lesson:999999",
        "library:lesson:1.5",
        "library:packs:",
        "library:nothing:1",
        "library:find:1",
    ],
)
async def test_a_forged_button_looks_like_one_that_is_not_there(play: Play, data: str) -> None:
    """A calm sentence, no bug, nothing changed."""
    await play.say(LEARNER, "课程")
    play.world.forge_callback(LEARNER, LEARNER, play.said(LEARNER)[-1].message_id, data)
    await play.settle()
    assert "没有找到" in play.toast(LEARNER) or "没有找到" in play.last(LEARNER)


async def test_a_page_past_the_end_is_the_last_page(play: Play) -> None:
    """An old button of a pack that was longer leads to what is there."""
    await play.say(LEARNER, "课程")
    message = play.said(LEARNER)[-1]
    ((pack_id,),) = await play.rows("SELECT id FROM lesson_pack")
    play.world.forge_callback(LEARNER, LEARNER, message.message_id, f"library:shelf:{pack_id}:7")
    await play.settle()
    assert _rows(play, LEARNER)[-1] == ["上一页", "找课"]


async def test_a_stranger_sees_no_lesson(play: Play) -> None:
    """Not by command, not by a forged button."""
    said = await play.say(STRANGER, "/library 低保")
    assert "只对受邀请的人开放" in said
    assert play.labels(STRANGER) == ["输入邀请码"]


async def test_markup_in_a_query_changes_nothing(play: Play) -> None:
    """What she typed is not repeated, and none of it is markup."""
    for words in ("**低保**", "<b>低保</b>", "{{ 低保 }}", "%低保_", "'; DROP TABLE lesson; --"):
        said = await play.say(LEARNER, f"/library {words}")
        assert said.startswith(("找到的课", "没有找到这样的课"))
        assert words not in said
    assert play.bugs == []
