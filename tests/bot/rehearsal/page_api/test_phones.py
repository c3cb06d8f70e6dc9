"""What the page reads of the phones, and what it does with them."""

from __future__ import annotations

import json

import aiohttp
import pytest

from bot.rehearsal.world import World
from tests.bot.rehearsal.conftest import DOLMA, GROUP, STRANGER, TSERING, Raw
from tests.bot.rehearsal.page_api.conftest import PHONE_KEYS, Page
from tests.bot.rehearsal.test_methods import png

MESSAGE_KEYS = {
    "id",
    "date",
    "edited",
    "from",
    "mine",
    "silent",
    "protected",
    "text",
    "entities",
    "caption",
    "caption_entities",
    "poll",
    "document",
    "photo",
    "voice",
    "inline_keyboard",
    "reply_to",
}


@pytest.mark.asyncio
async def test_the_state(page: Page, raw: Raw, world: World) -> None:
    """The state has the agreed fields, for private and group phones."""
    await raw("sendMessage", chat_id=DOLMA, text="<b>课</b>", parse_mode="HTML")
    await raw("setMyCommands", commands='[{"command":"today","description":"今天"}]')
    state = await page.state()
    assert set(state) == {"clock", "phones", "bot", "languages"}
    assert state["bot"] == {"name": "五学+", "username": "wuxue_rehearsal_bot"}
    phones = {phone["id"]: phone for phone in state["phones"]}
    assert list(phones) == ["learner-1", "learner-2", "guest", "group"]
    assert set(phones["learner-1"]) == PHONE_KEYS
    assert set(phones["group"]) == PHONE_KEYS | {"members"}
    assert phones["group"]["kind"] == "group"
    assert {member["name"] for member in phones["group"]["members"]} == {"卓玛", "次仁"}
    assert phones["guest"]["invite"]["payload"] == "join-1"
    assert phones["learner-1"]["commands"] == [{"command": "today", "description": "今天"}]
    lesson = phones["learner-1"]["messages"][-1]
    assert set(lesson) == MESSAGE_KEYS
    assert lesson["entities"] == [{"type": "bold", "offset": 0, "length": 1}]
    assert lesson["date"] == world.now().isoformat()
    assert (lesson["mine"], lesson["from"]["is_bot"]) == (False, True)


@pytest.mark.asyncio
async def test_texts_and_replies(page: Page, world: World) -> None:
    """A phone sends texts and replies; in the group another member may write."""
    assert await page.post("phones/learner-1/text", text=" 今天 ") == {"ok": True}
    first = await page.last("learner-1")
    assert (first["text"], first["mine"]) == ("今天", True)
    await page.post("phones/learner-1/text", text="续", reply_to=first["id"])
    assert (await page.last("learner-1"))["reply_to"] == {"id": first["id"], "text": "今天"}
    await page.post("phones/group/text", text="/roll", **{"as": TSERING})
    assert (await page.last("group"))["from"]["name"] == "次仁"
    assert world.updates.waiting[-1].json["message"]["from"]["id"] == TSERING


@pytest.mark.asyncio
async def test_buttons_and_toasts(page: Page, raw: Raw, world: World) -> None:
    """A press becomes a query; links carry their address."""
    keys = json.dumps(
        {
            "inline_keyboard": [
                [
                    {"text": "学完了", "callback_data": "done"},
                    {"text": "看", "url": "https://example.org"},
                ]
            ]
        }
    )
    await raw("sendMessage", chat_id=DOLMA, text="课", reply_markup=keys)
    message = await page.last("learner-1")
    assert message["inline_keyboard"] == [
        [
            {"text": "学完了", "kind": "callback", "url": None},
            {"text": "看", "kind": "url", "url": "https://example.org"},
        ]
    ]
    await page.post("phones/learner-1/press", message_id=message["id"], row=0, column=0)
    assert world.updates.waiting[-1].json["callback_query"]["data"] == "done"
    gone = await page.post("phones/learner-1/press", message_id=999, row=0, column=0)
    assert gone["error"] == {"zh": "这条消息已经不在了。", "en": "This message is gone."}


@pytest.mark.asyncio
async def test_a_quiz_keeps_its_secret(page: Page, raw: Raw) -> None:
    """The right answer and its explanation show to a person only after she has voted."""
    sent = await raw(
        "sendPoll",
        chat_id=GROUP,
        question="先做什么",
        options='["一","二"]',
        type="quiz",
        correct_option_ids="[1]",
        explanation="因为",
        is_anonymous="false",
    )
    message_id = sent["result"]["message_id"]
    poll = (await page.last("group"))["poll"]
    assert (poll["correct"], poll["explanation"], poll["my_votes"]) == (None, None, [])
    assert await page.post(
        "phones/group/vote", message_id=message_id, options=[0], **{"as": TSERING}
    )
    assert (await page.last("group"))["poll"]["correct"] is None
    await page.post("phones/group/vote", message_id=message_id, options=[1])
    poll = (await page.last("group"))["poll"]
    assert (poll["correct"], poll["explanation"], poll["my_votes"]) == ([1], "因为", [1])
    assert [option["votes"] for option in poll["options"]] == [1, 1]
    again = await page.post("phones/group/vote", message_id=message_id, options=[0])
    assert again["ok"] is False


@pytest.mark.asyncio
async def test_invitation_and_block(page: Page, world: World) -> None:
    """Opening the invitation takes it off the phone; blocking and unblocking show."""
    await page.post("phones/guest/start", payload="join-1")
    phone = await page.phone("guest")
    assert phone["invite"] is None
    assert phone["messages"][-1]["text"] == "/start join-1"
    await page.post("phones/guest/block", blocked=True)
    assert (await page.phone("guest"))["blocked"] is True
    assert (await page.post("phones/guest/text", text="在吗"))["ok"] is False
    await page.post("phones/guest/block", blocked=False)
    assert world.person(STRANGER).blocked is False


@pytest.mark.asyncio
async def test_files(page: Page, raw: Raw, session: aiohttp.ClientSession) -> None:
    """Files go both ways with their names; pictures show in place, other files are saved."""
    # Browsers, httpx and Telegram's own clients send a file's name as plain UTF-8.
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("caption", "接龙")
    form.add_field("file", b"1. x", filename="名单.txt", content_type="text/plain")
    async with session.post(f"{page.root}rehearsal/phones/learner-1/file", data=form) as answer:
        assert await answer.json() == {"ok": True}
    form = aiohttp.FormData({"as": "nobody"}, quote_fields=False)
    form.add_field("file", b"1. x", filename="名单.txt", content_type="text/plain")
    async with session.post(f"{page.root}rehearsal/phones/group/file", data=form) as answer:
        assert answer.status == 400
    message = await page.last("learner-1")
    assert (message["caption"], message["document"]["name"]) == ("接龙", "名单.txt")
    async with session.get(page.root.rstrip("/") + message["document"]["url"]) as answer:
        assert await answer.read() == b"1. x"
        assert answer.headers["Content-Type"] == "text/plain"
        assert answer.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''%E5")
    await raw("sendPhoto", chat_id=DOLMA, photo=png())
    photo = (await page.last("learner-1"))["photo"]
    assert (photo["width"], photo["height"], photo["size"]) == (40, 30, len(png()))
    async with session.get(page.root.rstrip("/") + photo["url"]) as answer:
        assert await answer.read() == png()
        assert answer.headers["Content-Disposition"].startswith("inline")
    async with session.get(f"{page.root}rehearsal/files/none/x") as answer:
        assert answer.status == 404
