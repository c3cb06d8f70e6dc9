"""Who may use the page, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.rehearsal.world import World
from tests.bot.rehearsal.conftest import DOLMA, STRANGER
from tests.bot.rehearsal.page_api.conftest import Page


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
@pytest.mark.asyncio
async def test_strangers_are_refused(page: Page, world: World, headers: dict[str, str]) -> None:
    """A page of the web can neither act nor read, whatever name it reaches this machine by."""
    before = len(world.messages(DOLMA))
    url = f"{page.root}rehearsal/phones/learner-1/text"
    async with page.session.post(url, json={"text": "坏"}, headers=headers) as answer:
        assert answer.status == 403
        assert "Access-Control-Allow-Origin" not in answer.headers
    async with page.session.get(f"{page.root}rehearsal/state", headers=headers) as answer:
        assert answer.status == 403
    assert len(world.messages(DOLMA)) == before


@pytest.mark.asyncio
async def test_requests_of_the_wrong_shape(page: Page, world: World) -> None:
    """A form of another kind, wrong types and unknown phones are refused and change nothing."""
    before = len(world.updates.waiting)
    url = f"{page.root}rehearsal/phones/learner-1/text"
    async with page.session.post(url, data=b'{"text":"x"}') as answer:
        assert answer.status == 400
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("phones/learner-1/text", {"text": 5}),
        ("phones/learner-1/text", {"text": "x", "reply_to": "1"}),
        ("phones/learner-1/press", {"message_id": 1}),
        ("phones/learner-1/vote", {"message_id": 1, "options": "0"}),
        ("phones/learner-1/vote", {"message_id": 1, "options": [0]}),
        ("phones/learner-1/block", {"blocked": 1}),
        ("phones/learner-1/start", {"payload": "a b"}),
        ("phones/group/text", {"text": "x", "as": STRANGER}),
        ("phones/nobody/text", {"text": "x"}),
        ("misbehave", {"kind": "429", "calls": 0}),
    ]
    for path, body in wrong:
        assert (await page.post(path, **body))["ok"] is False, path
    assert len(world.updates.waiting) == before


@pytest.mark.asyncio
async def test_the_page_itself(page: Page, tmp_path: Path) -> None:
    """The page's files are served fresh, and nothing outside its folder is."""
    (tmp_path.parent / "secret.txt").write_text("x", encoding="utf-8")
    async with page.session.get(page.root) as answer:
        assert "五学+" in await answer.text()
        assert answer.headers["Cache-Control"] == "no-store"
    for path in ("page/none.js", "page/%2e%2e/secret.txt", "page/..%2fsecret.txt", "page/%00"):
        async with page.session.get(page.root + path) as answer:
            assert answer.status == 404
