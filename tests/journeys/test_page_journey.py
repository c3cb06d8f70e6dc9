"""The page with the real bot behind it: join, move the clock, answer, open the spreadsheet."""

import asyncio
import shutil
import threading
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect, sync_playwright

from bot.config import Config
from bot.rehearsal.rehearse import enrol_phones, rehearsal
from tests.journeys.conftest import START

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
pytestmark = [
    pytest.mark.page,
    pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not on PATH"),
]


@pytest.fixture
def page_url(tmp_path: Path) -> Iterator[str]:
    """A rehearsal in an event loop of its own, as `make demo` runs it."""
    ready, found, loop = threading.Event(), [], asyncio.new_event_loop()
    ending = asyncio.Event()

    async def serve() -> None:
        async with rehearsal(tmp_path, Config(), start=START, speed=0.0) as running:
            await enrol_phones(running)
            found.append(running.server.page_url)
            ready.set()
            await ending.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    assert ready.wait(30)
    yield found[0]
    loop.call_soon_threadsafe(ending.set)
    thread.join(20)
    loop.close()


@pytest.fixture
def page(page_url: str) -> Iterator[Page]:
    """The page in Chromium, in Chinese."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1600, "height": 950}, locale="zh-CN")
        page.goto(page_url)
        page.wait_for_selector("body.ready")
        yield page
        browser.close()


def test_a_newcomer_joins_learns_and_the_coordinator_finds_her_record(page: Page) -> None:
    """The main job, end to end, as somebody who has just typed `make demo` plays it."""
    worker, coordinator = page.locator("#phone-learner-1"), page.locator("#phone-coordinator")
    worker.get_by_role("button", name="打开邀请").click()
    worker.get_by_role("button", name="中文").click()
    worker.get_by_role("button", name="同意").click()
    expect(worker.get_by_text("怎么称呼您")).to_be_visible()
    worker.get_by_role("textbox").fill("卓玛")
    worker.get_by_role("textbox").press("Enter")
    worker.get_by_role("button", name="是", exact=True).click()
    expect(worker.get_by_text("您的这一周")).to_be_visible()

    page.get_by_role("button", name="下一件事").click()
    expect(worker.get_by_text("每日一学 · 第1课").last).to_be_visible(timeout=15_000)
    worker.get_by_text("和他一起理出要问的几句，他打，您陪着").click()
    expect(worker.get_by_text("已记录：每日一学 4分钟").last).to_be_visible()

    coordinator.get_by_role("button", name="更多").click()
    coordinator.get_by_role("button", name="学习记录").click()
    coordinator.get_by_role("button", name="本月").click()
    with page.expect_download() as download:
        coordinator.locator("a", has_text=".xlsx").or_(
            coordinator.locator("a[download]")
        ).last.click()
    sheet = load_workbook(BytesIO(Path(download.value.path()).read_bytes())).active
    assert sheet is not None
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    assert len(rows) == 1
    assert {"卓玛", "每日一学", "助人自助", 4, "答题"} <= set(rows[0])
