"""A lesson's picture and reading in the page: they load, they play, and the chat stays quiet."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from bot.config import Config
from bot.rehearsal.rehearse import enrol_phones, rehearsal
from curriculum.lesson_pack import read_pack
from tests.journeys.conftest import FIRST_LESSON, START
from tests.journeys.test_media import pack_folder
from tests.journeys.test_page_journey import CHROMIUM, FLAGS

pytestmark = [
    pytest.mark.page,
    pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not on PATH"),
]


# What the browser itself makes of the recording, in seconds; an undecodable one is an error.
LENGTH_OF_RECORDING = """async () => {
  const state = await (await fetch("/rehearsal/state")).text();
  const recording = await fetch(state.match(/[/]rehearsal[/]files[/]AwAC[^"]+/)[0]);
  const listener = new OfflineAudioContext(1, 48000, 48000);
  return (await listener.decodeAudioData(await recording.arrayBuffer())).duration;
}"""


@pytest.fixture
def page_url(tmp_path: Path) -> Iterator[str]:
    """A rehearsal in a loop of its own, on Wednesday at ten, with a picture and a reading."""
    ready, found, loop = threading.Event(), [], asyncio.new_event_loop()
    ending = asyncio.Event()
    pack = read_pack(pack_folder(tmp_path / "pack"))

    async def serve() -> None:
        stage = rehearsal(tmp_path / "data", Config(), start=START, speed=0.0, pack=pack)
        async with stage as running:
            await enrol_phones(running)
            await running.hand_clock.through(FIRST_LESSON)
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
    """The page in Chromium, on a narrow phone."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 360, "height": 740}, locale="zh-CN")
        page.goto(page_url)
        page.wait_for_selector("body.ready")
        yield page
        browser.close()


def test_a_picture_is_seen_and_a_reading_is_heard(page: Page) -> None:
    """Pressed once each: a real picture of real dots, a recording the browser understands."""
    phone = page.locator("#phone-learner-2")
    phone.get_by_role("button", name="看图").evaluate("button => button.click()")
    picture = phone.locator(".photo img")
    expect(picture).to_have_count(1)
    expect(phone.locator(".photo-size")).to_contain_text("KB")
    picture.evaluate("image => image.decode()")
    assert picture.evaluate("image => image.naturalWidth") == 1_280
    phone.get_by_role("button", name="听录音").evaluate("button => button.click()")
    expect(phone.locator(".voice")).to_have_count(1)
    expect(phone.locator(".voice-time")).to_have_text("0:04")
    assert page.evaluate(LENGTH_OF_RECORDING) == pytest.approx(4, abs=0.1)
