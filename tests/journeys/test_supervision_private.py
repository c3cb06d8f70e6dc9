"""What is written in supervision is found nowhere but with the two who may read it.

Not in logs, the database's files, a backup, exports, metrics, the audit trail, what is sent to
anybody else or what any command tells them (the matrix of functions and roles is in
tests/curriculum/test_supervision_privacy.py).
"""

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.config import Config
from bot.logs import configure_logging
from bot.reactions import ACTS, COMMANDS
from bot.rehearsal.rehearse import DATABASE, Rehearsal, rehearsal
from bot.rehearsal.stored import Event
from storage.backups import copy_whole
from tests.journeys.conftest import COORDINATOR, LEARNER, START, SUPERVISOR, Play, _starter
from tests.journeys.test_supervision_notes import make_pair

WORKER = LEARNER
OWN, SHARED, OF_SUPERVISOR, AGENDA, UNFINISHED, ADVICE, ACTION, REFLECTION = (
    f"{word}金丝雀དངུལ་བྱ{word}"
    for word in (
        *("自己的", "两人的", "督导者的", "想聊的", "没写完的"),
        *("建议的", "行动的", "反思的"),
    )
)
# Enough to know any of them by, in both scripts.
MARKS = ("金丝雀", "དངུལ་བྱ")
# What nobody but their writer reads, and what the two read.
HERS, OF_BOTH = (OWN, UNFINISHED), (SHARED, AGENDA, ADVICE, ACTION, REFLECTION)


def _forms(words: str) -> Iterator[bytes]:
    """How a text may lie in a file."""
    yield from (words.encode(), words.encode("utf-16-le"), words.encode("utf-16-be"))
    yield json.dumps(words)[1:-1].encode()


def _holds(content: bytes, words: str) -> bool:
    """Whether a text is in a file, also within a sheet or document, which are archives."""
    if any(form in content for form in _forms(words)):
        return True
    stream = io.BytesIO(content)
    if not zipfile.is_zipfile(stream):
        return False
    with zipfile.ZipFile(stream) as archive:
        return any(_holds(archive.read(name), words) for name in archive.namelist())


async def _write(play: Play) -> None:
    """A worker and her supervisor write everything that can be written; one note is left open."""
    await make_pair(play)
    for user, reader, words in (
        (WORKER, "只我自己看", OWN),
        (WORKER, "两人都看", SHARED),
        (SUPERVISOR, "只我自己看", OF_SUPERVISOR),
    ):
        await play.say(user, "督导")
        if user == SUPERVISOR:
            await play.press(user, "1")
        await play.press(user, "看笔记")
        await play.press(user, "写笔记")
        await play.press(user, reader)
        assert "存好了" in await play.say(user, words)
        assert words in await play.press(user, "打开")
        await play.press(user, "回到笔记")
    await _write_record(play)
    await play.say(WORKER, "督导")
    await play.press(WORKER, "看简报")
    await play.press(WORKER, "想聊什么")
    await play.say(WORKER, AGENDA)
    assert AGENDA in await play.press(WORKER, "看简报")
    await play.press(WORKER, "上一步")
    await play.press(WORKER, "看笔记")
    await play.press(WORKER, "写笔记")
    await play.press(WORKER, "只我自己看")
    # A number that the guard asks about: the words wait in the form.
    assert "像有：电话" in await play.say(WORKER, f"{UNFINISHED}，电话13912345678")


async def _write_record(play: Play) -> None:
    """A record that the supervisor hands on, and what its worker says of it."""
    await play.say(SUPERVISOR, "督导")
    for label in ("1", "写记录", "一次写完"):
        await play.press(SUPERVISOR, label)
    await play.say(
        SUPERVISOR,
        "日期：今天\n时长：60分钟\n方式：线上\n功能：支持\n"
        f"建议：{ADVICE}\n行动：\n扎西 12月9日 {ACTION}",
    )
    assert "等确认" in await play.press(SUPERVISOR, "提交")
    await play.say(WORKER, "督导")
    for label in ("督导记录", "1"):
        await play.press(WORKER, label)
    assert ADVICE in play.last(WORKER)
    await play.press(WORKER, "写反思")
    assert REFLECTION in await play.say(WORKER, REFLECTION)
    await play.press(WORKER, "确认")


async def _ask_for_everything(play: Play) -> None:
    """The others ask for whatever a command gives; the coordinator exports, each takes a copy."""
    for user in (COORDINATOR, SUPERVISOR):
        for name in sorted({*ACTS, *COMMANDS}):
            play.world.say(user, f"/{name}")
    await play.settle()
    for words in ("xlsx 2026-11", "csv 2026-11"):
        await play.say(COORDINATOR, f"/records {words}")
    await play.through(START + timedelta(hours=13))


class Overheard:
    """Everything that was ever shown in the chats, edits and files included."""

    def __init__(self, play: Play) -> None:
        self._files = play.world.files.by_id
        self._said: list[tuple[int, str, bytes]] = []
        play.world.listeners.append(self._heard)

    def _heard(self, event: Event) -> None:
        if event.message is not None and event.message.from_bot:
            document = event.message.json.get("document")
            content = json.dumps(event.message.json, ensure_ascii=False).encode()
            self._said.append((event.chat_id or 0, event.kind, content))
            if document is not None:
                data = self._files[document["file_id"]].data
                self._said.append((event.chat_id or 0, "document", data))

    def by(self, chat: int) -> list[bytes]:
        """What a chat was shown."""
        return [content for where, _, content in self._said if where == chat]

    @property
    def documents(self) -> int:
        """How many files were sent."""
        return sum(kind == "document" for _, kind, _ in self._said)


def _files(folder: Path) -> dict[str, bytes]:
    """The database's own files, the one written ahead too, and a backup of it."""
    copy = folder / "backup.sqlite"
    copy_whole(folder / DATABASE, copy)
    paths = [*folder.glob(f"{DATABASE}*"), copy]
    assert f"{DATABASE}-wal" in [path.name for path in paths]
    return {path.name: path.read_bytes() for path in paths}


async def _kept(running: Rehearsal, folder: Path, lines: io.StringIO) -> dict[str, bytes]:
    """By name everything that is kept outside the chats: files, a backup, logs, metrics."""
    kept = _files(folder)
    kept["log"] = lines.getvalue().encode()
    kept["metrics"] = await running.wuxue._watch.page()
    return kept


@pytest.mark.asyncio
async def test_private_text_is_found_nowhere_else(folder: Path) -> None:
    """Written through chat in Chinese and Tibetan, then looked for wherever bytes are."""
    lines = io.StringIO()
    wishes: dict[str, Any] = {"start": START, "speed": 0.0, "pack": _starter()}
    async with rehearsal(folder, Config(), **wishes) as running:
        configure_logging("DEBUG", secrets=(running.world.token,), stream=lines)
        play = Play(running, [])
        overheard = Overheard(play)
        await _write(play)
        await _ask_for_everything(play)
        kept = await _kept(running, folder, lines)
        for name, content in kept.items():
            assert content, name
            for mark in MARKS:
                assert not _holds(content, mark), f"{mark} in {name}"
        # What was received is blank once it was understood.
        assert await play.rows("SELECT count(*) FROM inbox_update WHERE payload IS NOT NULL") == [
            (0,)
        ]
        for table in ("audit_entry", "delivery", "draft"):
            assert await play.count(table), table
        for chat, hidden in (
            (COORDINATOR, (*HERS, *OF_BOTH, OF_SUPERVISOR)),
            (SUPERVISOR, HERS),
            (WORKER, (OF_SUPERVISOR,)),
        ):
            for words in hidden:
                found = [one for one in overheard.by(chat) if _holds(one, words)]
                assert not found, f"{words} to {chat}"
        assert overheard.documents >= 4
        # That they would be found, were they there: whoever may did read them.
        for words in (OWN, *OF_BOTH):
            assert any(_holds(one, words) for one in overheard.by(WORKER)), words
        # Of what she typed nothing stands in her chat but the words that wait for the guard.
        typed = [m.text for m in play.world.messages(WORKER) if not m.from_bot]
        assert [text for text in typed if "金丝雀" in text] == [f"{UNFINISHED}，电话13912345678"]
