"""The rehearsal page around the phones: clock, languages, sizes, faults and lost connections."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from bot.rehearsal.telegram_server import PAGE_FOLDER

from .conftest import DOLMA, PEMA, Table, phone

pytestmark = [pytest.mark.page, pytest.mark.asyncio(loop_scope="session")]

SMALL = """
() => [...document.querySelectorAll('button, select, textarea, .file-card')]
  .filter(node => node.checkVisibility() && !node.closest('[inert]') && !node.closest('.text'))
  .map(node => [node.className, node.getBoundingClientRect()])
  .filter(([, box]) => box.height < 40 || box.width < 40)
  .map(([name, box]) => `${name} ${box.width}x${box.height}`)
"""


async def test_the_clock_moves_and_shows_it(table: Table) -> None:
    """The bar shows date, weekday, time and what comes next; a move shows the new ones."""
    page = await table.open()
    clock = page.locator("#clock")
    await expect(clock.locator(".clock-now")).to_have_text("11月25日周三10:00")
    await expect(clock.locator(".today")).to_have_text("工作日")
    await expect(clock.locator(".next-what")).to_have_text("每周共学 · 周五 15:00")
    await clock.get_by_role("button", name="+1小时").click()
    await expect(clock.locator(".clock-time")).to_have_text("11:00")
    await clock.get_by_role("button", name="下一件事").click()
    await expect(clock.locator(".clock-now")).to_have_text("11月27日周五15:00")
    await expect(clock.get_by_role("button", name="下一件事")).to_be_disabled()
    await expect(phone(page, "learner-1").locator(".status-time")).to_have_text("15:00")


async def test_playing_and_holding_the_clock(table: Table) -> None:
    """Speed and play go to the server, and the button then offers the pause."""
    page = await table.open()
    await page.get_by_label("播放速度").select_option(label="10分钟/秒")
    await page.get_by_role("button", name="播放").click()
    await expect(page.get_by_role("button", name="暂停")).to_be_enabled()
    assert (table.clock.speed, table.clock.playing) == (600, True)
    await page.get_by_role("button", name="暂停").click()
    await expect(page.get_by_role("button", name="播放")).to_be_enabled()
    assert not table.clock.playing


async def test_the_page_speaks_two_languages_and_remembers(table: Table) -> None:
    """English replaces every word of the page at once and is still there after a reload."""
    page = await table.open()
    await phone(page, "learner-1").locator(".write").fill("draft")
    await page.get_by_role("button", name="Switch to English").click()
    await expect(page.locator("h1")).to_have_text("Wuxue rehearsal")
    await expect(page.locator(".clock-now")).to_have_text("25 NovWed10:00")
    await expect(phone(page, "coordinator-1").locator("h2")).to_have_text("Coordinator")
    await expect(phone(page, "learner-1").locator(".write")).to_have_value("draft")
    seen = await page.evaluate("document.body.innerText")
    said_by_page = seen.replace("中文", "")
    for name in ("卓玛", "次仁", "李老师", "白玛", "林芝社工站", "五学+"):
        said_by_page = said_by_page.replace(name, "")
    assert not [letter for letter in said_by_page if "\u4e00" <= letter <= "\u9fff"]
    await page.reload()
    await expect(page.locator("h1")).to_have_text("Wuxue rehearsal")
    assert await page.evaluate("document.documentElement.lang") == "en"


async def test_every_word_exists_in_both_languages(table: Table) -> None:
    """Chinese and English have the same words, with the same gaps to fill."""
    page = await table.open()
    gaps = await page.evaluate(
        """async () => {
          const { words } = await import('/page/words.js');
          const shape = part => Object.entries(part).map(([key, word]) =>
            `${key} ${[...word.matchAll(/{\\w+}/g)].sort()}`);
          return [shape(words.zh), shape(words.en)];
        }"""
    )
    assert gaps[0] == gaps[1]


async def test_every_module_is_fetched_at_once() -> None:
    """index.html names each module, so a page needs two round trips and not one per import."""
    named = (PAGE_FOLDER / "index.html").read_text(encoding="utf-8")
    missing = [file.name for file in PAGE_FOLDER.glob("*.js") if f"/page/{file.name}" not in named]
    assert missing == []


async def test_one_phone_at_a_time_on_a_narrow_screen(table: Table) -> None:
    """At 390 px one phone fills the width, chips lead to the others, nothing sticks out."""
    page = await table.open(390, 844)
    box = await phone(page, "learner-1").bounding_box()
    assert box is not None
    assert (box["x"], box["width"]) == (0, 390)
    assert await page.evaluate("document.documentElement.scrollWidth") == 390
    await page.locator("#chips").get_by_role("button", name="协调员 白玛").click()
    await expect(phone(page, "coordinator-1")).to_be_in_viewport(ratio=0.9)
    await expect(phone(page, "learner-1")).not_to_be_in_viewport()


@pytest.mark.parametrize("size", [(390, 844), (1600, 950)])
async def test_everything_to_tap_is_large_enough(table: Table, size: tuple[int, int]) -> None:
    """Buttons measure at least 40 px both ways, on the narrow and on the wide page."""
    keys = {"inline_keyboard": [[{"text": "学完了", "callback_data": "x"}]]}
    await table.bot("sendMessage", chat_id=DOLMA, text="每日一学", reply_markup=keys)
    await table.bot("sendPoll", chat_id=DOLMA, question="？", options=["甲", "乙"])
    page = await table.open(*size)
    await page.locator(".mischief-key").click()
    assert await page.evaluate(SMALL) == []


async def test_news_out_of_sight_is_counted(table: Table) -> None:
    """A message on a phone out of view is counted on its chip until somebody looks."""
    page = await table.open(390, 844)
    chip = page.locator("#chips button").nth(3)
    await table.bot("sendMessage", chat_id=PEMA, text="今日待办")
    await expect(chip.locator(".chip-news")).to_have_text("1")
    await expect(page.locator("#announcer")).to_have_text("协调员 白玛：今日待办")
    await chip.click()
    await expect(chip.locator(".chip-news")).to_be_empty()


async def test_a_sounding_message_lights_up_its_first_line(table: Table) -> None:
    """The lock screen shows the first line and no more; a silent message shows nothing there."""
    page = await table.open()
    own = phone(page, "learner-1")
    await table.bot("sendMessage", chat_id=DOLMA, text="轻声", disable_notification=True)
    await expect(own.locator(".theirs .text")).to_contain_text("轻声")
    await expect(own.locator(".banner")).to_have_count(0)
    await table.bot("sendMessage", chat_id=DOLMA, text="每周共学 15:00\n只给您看的话")
    await expect(own.locator(".banner-line")).to_have_text("每周共学 15:00")
    await expect(own.locator(".banner")).not_to_contain_text("只给您看的话")


async def test_a_fault_is_ordered_from_the_menu(table: Table) -> None:
    """The mischief menu makes the next calls fail in the chosen way, and can take it back."""
    page = await table.open()
    await page.locator(".mischief-key").click()
    await page.locator(".count-key").nth(2).click()
    await page.get_by_role("button", name="服务器出错").click()
    await expect(page.locator(".of-page .toast")).to_have_text("接下来 10 次请求：服务器出错")
    url = f"{table.server.base_url}{table.server.token}/sendMessage"
    async with table.session.post(url, json={"chat_id": DOLMA, "text": "x"}) as answer:
        assert answer.status == 500
    await page.locator(".mischief-key").click()
    await page.get_by_role("button", name="恢复正常").click()
    await expect(page.locator(".of-page .toast")).to_have_text("Telegram 恢复正常了")
    await table.bot("sendMessage", chat_id=DOLMA, text="y")


async def test_a_lost_connection_is_said_and_mended(table: Table) -> None:
    """When the stream breaks the page says so, comes back by itself and shows what it missed."""
    page = await table.open()
    lost = page.locator("#connection")
    await page.route("**/rehearsal/events", lambda route: route.abort())
    for queue in table.server.page.stream._pages:
        queue.put_nowait(None)
    await expect(lost).to_contain_text("正在重新连接")
    await table.bot("sendMessage", chat_id=DOLMA, text="断线时到的")
    await page.unroute("**/rehearsal/events")
    await expect(lost).to_be_hidden()
    await expect(phone(page, "learner-1").locator(".theirs .text")).to_contain_text("断线时到的")


async def test_the_guide_ticks_itself_off(table: Table) -> None:
    """The first visit shows three steps; doing one ticks it, closing them is remembered."""
    page = await table.open()
    guide = page.locator(".guide")
    await expect(guide.locator(".guide-step")).to_have_count(3)
    await page.get_by_role("button", name="+1小时").click()
    await expect(guide.locator(".guide-step.done")).to_contain_text("把时间往前拨")
    await guide.get_by_role("button", name="知道了").click()
    await page.reload()
    await page.locator("body.ready").wait_for()
    await expect(guide).to_be_hidden()


async def test_full_phones_are_laid_out_quickly(table: Table) -> None:
    """200 messages on a phone are on screen within seconds, the newest in sight."""
    for _ in range(220):
        for chat in (DOLMA, PEMA):
            table.world.say(chat, "入户时，先说自己是谁、为什么来、要多久。")
    page = await table.open()
    took = await page.evaluate("performance.now()")
    own = phone(page, "learner-1")
    await expect(own.locator(".message")).to_have_count(200)
    await expect(own.locator(".message").last).to_be_in_viewport()
    assert took < 6_000  # under one second on an idle machine
