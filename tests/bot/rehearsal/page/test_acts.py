"""What a person can do on the phones of the rehearsal page."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from .conftest import DOLMA, GROUP, TSERING, Table, phone

pytestmark = [pytest.mark.page, pytest.mark.asyncio(loop_scope="session")]


async def test_typed_text_reaches_the_bot(table: Table) -> None:
    """Enter sends, Shift+Enter breaks the line, and the message stands on the right."""
    page = await table.open()
    own = phone(page, "learner-1")
    await own.locator(".write").fill("第一行")
    await page.keyboard.press("End")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("second")
    await page.keyboard.press("Enter")
    await expect(own.locator(".mine .text").last).to_contain_text("第一行\nsecond")
    assert table.world.last_message(DOLMA).text == "第一行\nsecond"
    await expect(own.locator(".write")).to_have_value("")


async def test_a_refused_text_is_kept(table: Table) -> None:
    """When a message cannot go out, the phone says why and the words are still in the box."""
    page = await table.open()
    own = phone(page, "learner-1")
    table.world.deactivate(DOLMA)
    await own.locator(".write").fill("我想问一件事")
    await page.keyboard.press("Enter")
    await expect(own.locator(".toast.trouble")).to_have_text("这个账号已注销。")
    await expect(own.locator(".write")).to_have_value("我想问一件事")


async def test_an_invitation_is_opened_with_one_tap(table: Table) -> None:
    """The card sends the personal link, and is gone afterwards."""
    page = await table.open()
    own = phone(page, "learner-2")
    await expect(own.locator(".invite")).to_contain_text("鲁朗镇社工站邀请您")
    await own.get_by_role("button", name="打开邀请").click()
    await expect(own.locator(".invite")).to_have_count(0)
    assert table.world.last_message(TSERING).text == "/start j_abc"


@pytest.mark.parametrize(("tapped", "verdict"), [(1, "答对了"), (0, "再想一想")])
async def test_a_quiz_answers_at_once(table: Table, tapped: int, verdict: str) -> None:
    """A tap shows right or wrong, the correct option, and the explanation behind the bulb."""
    await table.bot(
        "sendPoll",
        chat_id=DOLMA,
        question="先做哪一件？",
        options=["填表", "说明来意", "拍照"],
        type="quiz",
        is_anonymous=False,
        correct_option_ids=[1],
        explanation="先说来意。",
    )
    page = await table.open()
    quiz = phone(page, "learner-1").locator(".quiz")
    await expect(quiz.locator(".bulb")).to_have_count(0)
    await quiz.locator("button.poll-option").nth(tapped).click()
    await expect(quiz.locator(".poll-verdict")).to_contain_text(verdict)
    await expect(quiz.locator(".right .poll-text")).to_contain_text("说明来意")
    await expect(quiz.locator(".wrong")).to_have_count(1 - tapped)
    await expect(quiz.locator(".bulb-text")).to_have_text("先说来意。")
    assert (await table.update("poll_answer"))["option_ids"] == [tapped]


async def test_several_answers_travel_together(table: Table) -> None:
    """A poll with several answers is sent once, with every chosen option."""
    await table.bot(
        "sendPoll",
        chat_id=DOLMA,
        question="哪几天有空？",
        options=["周一", "周二", "周三"],
        is_anonymous=False,
        allows_multiple_answers=True,
    )
    page = await table.open()
    poll = phone(page, "learner-1").locator(".poll")
    for place in (0, 2):
        await poll.locator(".poll-option").nth(place).click()
    await poll.get_by_role("button", name="选好了").click()
    await expect(poll.locator(".answered.mine")).to_have_count(2)
    assert (await table.update("poll_answer"))["option_ids"] == [0, 2]


@pytest.mark.parametrize("alert", [False, True])
async def test_an_inline_button_gets_its_answer(table: Table, alert: bool) -> None:
    """The bot's answer to a press appears on that phone, as a toast or as an alert to confirm."""
    keys = {"inline_keyboard": [[{"text": "学完了", "callback_data": "done:7"}]]}
    await table.bot("sendMessage", chat_id=DOLMA, text="每日一学", reply_markup=keys)
    page = await table.open()
    own = phone(page, "learner-1")
    await own.get_by_role("button", name="学完了").click()
    query = await table.update("callback_query")
    assert query["data"] == "done:7"
    said = "已记录：每日一学 5分钟"
    await table.bot(
        "answerCallbackQuery", callback_query_id=query["id"], text=said, show_alert=alert
    )
    shown = own.get_by_role("alertdialog") if alert else own.locator(".toast")
    await expect(shown).to_contain_text(said)
    if alert:
        await page.keyboard.press("Enter")
        await expect(shown).to_have_count(0)


async def test_the_reply_keyboard_sends_and_folds(table: Table) -> None:
    """The bot's permanent buttons send their own words, and can be put away and brought back."""
    keys = {"keyboard": [["今天", "提问"], ["我的", "更多"]], "resize_keyboard": True}
    page = await table.open()
    own = phone(page, "learner-1")
    await table.bot("sendMessage", chat_id=DOLMA, text="欢迎", reply_markup=keys)
    await expect(own.locator(".reply-row")).to_have_count(2)
    await own.get_by_role("button", name="提问", exact=True).click()
    await expect(own.locator(".mine .text").last).to_contain_text("提问")
    await own.get_by_role("button", name="收起按钮").click()
    await expect(own.locator(".reply-keyboard")).to_have_class("reply-keyboard folded")
    await own.get_by_role("button", name="展开按钮").click()
    await expect(own.locator(".reply-keyboard")).to_have_class("reply-keyboard")


async def test_commands_are_listed_and_completed(table: Table) -> None:
    """Typing a slash offers the bot's commands; Enter sends the one pointed at."""
    commands = [
        {"command": "today", "description": "今天的一课"},
        {"command": "ask", "description": "提一个问题"},
    ]
    await table.bot("setMyCommands", commands=commands)
    page = await table.open()
    own = phone(page, "learner-1")
    await own.locator(".write").fill("/")
    await expect(own.locator(".command")).to_have_count(2)
    await own.locator(".write").fill("/a")
    await expect(own.locator(".command")).to_have_text(["/ask提一个问题"])
    await page.keyboard.press("Enter")
    await expect(own.locator(".mine .text").last).to_contain_text("/ask")


async def test_a_message_can_be_replied_to_by_keyboard(table: Table) -> None:
    """Arrow up from the thread, Enter on a message, then the answer quotes it."""
    await table.bot("sendMessage", chat_id=DOLMA, text="哪一课用上了？")
    page = await table.open()
    own = phone(page, "learner-1")
    await own.locator(".scroller").focus()
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Enter")
    await page.keyboard.type("third")
    await page.keyboard.press("Enter")
    await expect(own.locator(".mine .quotation")).to_have_text("哪一课用上了？")


async def test_a_group_button_opens_the_members_own_phone(table: Table) -> None:
    """The deep link under a group lesson starts the acting member's private chat."""
    me = table.world.bot["username"]
    keys = {
        "inline_keyboard": [[{"text": "去私聊答题", "url": f"https://t.me/{me}?start=quiz-12"}]]
    }
    await table.bot("sendMessage", chat_id=GROUP, text="每日一学", reply_markup=keys)
    page = await table.open()
    group = phone(page, "group-1")
    await group.locator(".speaker-choice").select_option(label="次仁")
    await group.get_by_role("link", name="去私聊答题").click()
    await expect(phone(page, "learner-2").locator(".mine .text")).to_contain_text("/start quiz-12")
    await expect(phone(page, "learner-2")).to_be_focused()
    assert len(page.context.pages) == 1


async def test_a_group_member_speaks_as_herself(table: Table) -> None:
    """What is typed on the group's phone comes from the chosen member."""
    page = await table.open()
    group = phone(page, "group-1")
    await group.locator(".speaker-choice").select_option(label="白玛")
    await group.locator(".write").fill("下午见")
    await page.keyboard.press("Enter")
    await expect(group.locator(".mine .text")).to_contain_text("下午见")
    assert table.world.last_message(GROUP).json["from"]["first_name"] == "白玛"


async def test_a_file_goes_out_with_its_caption(table: Table) -> None:
    """A chosen file waits above the text box, and the text becomes its caption."""
    page = await table.open()
    own = phone(page, "learner-1")
    await own.locator("input[type=file]").set_input_files(
        {"name": "名册.csv", "mimeType": "text/csv", "buffer": "姓名".encode()}
    )
    await expect(own.locator(".strip")).to_contain_text("名册.csv")
    await own.locator(".write").fill("我们站的名册")
    await page.keyboard.press("Enter")
    await expect(own.locator(".mine .file-name")).to_have_text("名册.csv")
    await expect(own.locator(".mine .text").last).to_contain_text("我们站的名册")


async def test_a_picture_opens_large(table: Table) -> None:
    """A tap on a picture shows it over the page; Escape brings the phones back."""
    page = await table.open()
    own = phone(page, "learner-1")
    picture = await page.locator(".sky").screenshot()
    await own.locator("input[type=file]").set_input_files(
        {"name": "sky.png", "mimeType": "image/png", "buffer": picture}
    )
    await own.get_by_role("button", name="发送").click()
    await own.get_by_role("button", name="放大图片").click()
    await expect(page.locator(".big-picture img")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.locator(".big-picture")).to_have_count(0)


async def test_blocking_and_coming_back(table: Table) -> None:
    """Blocking from the phone's menu stops the bot; unblocking brings the text box back."""
    page = await table.open()
    own = phone(page, "learner-1")
    await own.get_by_role("button", name="手机菜单").click()
    await own.get_by_role("menuitem", name="屏蔽机器人").click()
    await expect(own.locator(".blocked-note")).to_be_visible()
    assert table.world.people[DOLMA].blocked
    await own.get_by_role("button", name="取消屏蔽").click()
    await expect(own.locator(".write")).to_be_visible()
    assert not table.world.people[DOLMA].blocked
