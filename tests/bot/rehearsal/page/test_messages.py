"""What a message looks like on the rehearsal page."""

from __future__ import annotations

from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import expect

from .conftest import DOLMA, Table, phone

pytestmark = [pytest.mark.page, pytest.mark.asyncio(loop_scope="session")]


def entity(kind: str, offset: int, length: int, **more: str) -> dict[str, object]:
    """A MessageEntity in UTF-16 units."""
    return {"type": kind, "offset": offset, "length": length, **more}


async def test_entities_count_utf16_units(table: Table) -> None:
    """A mark after a letter outside the basic plane still covers exactly its own words."""
    await table.bot("sendMessage", chat_id=DOLMA, text="𠮷 先问好", entities=[entity("bold", 3, 3)])
    page = await table.open()
    await expect(phone(page, "learner-1").locator(".text strong")).to_have_text("先问好")


async def test_overlapping_entities_keep_every_letter_once(table: Table) -> None:
    """Where two marks overlap, both apply, and the text reads as it was written."""
    marks = [entity("bold", 0, 4), entity("italic", 2, 4), entity("underline", 3, 1)]
    table.world.say(DOLMA, "甲乙丙丁戊己庚").json["entities"] = marks  # the Bot API refuses these
    page = await table.open()
    text = phone(page, "learner-1").locator(".mine .text").last
    await expect(text).to_contain_text("甲乙丙丁戊己庚")
    bold_and_italic = text.locator("strong em")
    await expect(bold_and_italic).to_have_text("丙丁")
    await expect(text.locator("strong u")).to_have_text("丁")
    await expect(text.locator("em").last).to_have_text("戊己")


async def test_quotation_with_a_bold_word_across_its_border(table: Table) -> None:
    """A mark reaching into a quotation never splits the quotation."""
    marks = [entity("bold", 0, 6), entity("blockquote", 3, 5)]
    table.world.say(DOLMA, "记住\n先说来意好").json["entities"] = marks  # the Bot API refuses these
    page = await table.open()
    quotation = phone(page, "learner-1").locator("blockquote")
    await expect(quotation).to_have_count(1)
    await expect(quotation).to_have_text("先说来意好")
    await expect(quotation.locator("strong")).to_have_text("先说来")


async def test_spoiler_shows_on_a_tap(table: Table) -> None:
    """A hidden answer appears only when tapped."""
    await table.bot(
        "sendMessage", chat_id=DOLMA, text="答案：先问好", entities=[entity("spoiler", 3, 3)]
    )
    page = await table.open()
    cover = phone(page, "learner-1").locator(".spoiler")
    await expect(cover).to_have_css("color", "rgba(0, 0, 0, 0)")
    await cover.click()
    await expect(cover).not_to_have_css("color", "rgba(0, 0, 0, 0)")


async def test_tibetan_has_room_and_its_own_voice(table: Table) -> None:
    """A Tibetan run is marked as Tibetan, stands at least 1.7 high, and may break after a tsheg."""
    words = "བཀའ་དྲིན་ཆེ།"
    await table.bot("sendMessage", chat_id=DOLMA, text=f"谢谢 {words} 老师")
    page = await table.open()
    run = phone(page, "learner-1").locator(".text [lang=bo]")
    await expect(run).to_have_text(words)
    high = await run.evaluate(
        "node => parseFloat(getComputedStyle(node).lineHeight)"
        " / parseFloat(getComputedStyle(node).fontSize)"
    )
    assert high >= 1.7
    assert await run.locator("wbr").count() == 2


async def test_markup_in_a_message_stays_text(table: Table) -> None:
    """Nothing a message, a button, a quiz or a file name says can become part of the page."""
    evil = "<img src=x onerror=alert(1)>"
    page = await table.open()
    page.on("dialog", lambda dialog: table.troubles.append(dialog.message))
    keys = {"inline_keyboard": [[{"text": evil, "callback_data": "x"}]]}
    await table.bot("sendMessage", chat_id=DOLMA, text=evil, reply_markup=keys)
    await table.bot("sendPoll", chat_id=DOLMA, question=evil, options=[evil, "好"])
    own = phone(page, "learner-1")
    await expect(own.locator(".poll-question")).to_have_text(evil)
    await expect(own.locator(".theirs .text").first).to_contain_text(evil)
    await expect(own.locator(".inline-button")).to_have_text(evil)
    assert await page.locator("img").count() == 0


async def test_a_link_with_another_scheme_is_not_a_link(table: Table) -> None:
    """Only web, Telegram, mail and telephone addresses can be pressed."""
    evil = entity("text_link", 0, 3, url="javascript:alert(1)")
    table.world.say(DOLMA, "看这里").json["entities"] = [evil]
    page = await table.open()
    text = phone(page, "learner-1").locator(".mine .text").last
    await expect(text).to_contain_text("看这里")
    assert await text.locator("a").count() == 0


async def test_marks_of_a_message(table: Table) -> None:
    """Silent, protected and edited messages say so beside their time in the clock's zone."""
    sent = await table.bot(
        "sendMessage",
        chat_id=DOLMA,
        text="督导记录",
        disable_notification=True,
        protect_content=True,
    )
    page = await table.open()
    marks = phone(page, "learner-1").locator(".theirs .marks")
    await expect(marks.get_by_label("静音送达")).to_be_visible()
    await expect(marks.get_by_label("不可转发或保存")).to_be_visible()
    await expect(marks.locator("time")).to_have_text("10:00")
    await expect(marks.locator(".edited")).to_have_count(0)
    where = {"chat_id": DOLMA, "message_id": sent["message_id"]}
    await table.bot("editMessageText", text="督导记录已更新", **where)
    await expect(marks.locator(".edited")).to_have_text("已编辑")


async def test_a_document_downloads_as_it_was_sent(table: Table, tmp_path: Path) -> None:
    """The file card shows name and size, and a tap saves the same bytes under the same name."""
    form = aiohttp.FormData({"chat_id": str(DOLMA)}, quote_fields=False)
    form.add_field("document", b"x" * 2048, filename="学习记录.csv", content_type="text/csv")
    url = f"{table.server.base_url}{table.server.token}/sendDocument"
    async with table.session.post(url, data=form) as answer:
        assert answer.status == 200
    page = await table.open()
    card = phone(page, "learner-1").locator(".file-card")
    await expect(card).to_contain_text("2 KB")
    async with page.expect_download() as coming:
        await card.click()
    saved = await coming.value
    assert saved.suggested_filename == "学习记录.csv"
    await saved.save_as(tmp_path / "saved")
    assert (tmp_path / "saved").read_bytes() == b"x" * 2048


async def test_days_are_separated_and_deleted_messages_go(table: Table) -> None:
    """Each local day has one line; deleting its only message removes the line too."""
    await table.clock.move("day")
    sent = await table.bot("sendMessage", chat_id=DOLMA, text="第二天")
    page = await table.open()
    days = phone(page, "learner-1").locator(".day")
    await expect(days).to_have_text(["11月25日 周三", "11月26日 周四"])
    await table.bot("deleteMessage", chat_id=DOLMA, message_id=sent["message_id"])
    await expect(days).to_have_text(["11月25日 周三"])
