"""Pictures and voice in chat: asked for by their size, sent once, as quiet replies."""

import io
import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image
from sqlalchemy import text as sql
from sqlmodel import Session

from bot.handlers.media import ON_THE_WAY, is_over
from bot.rehearsal.county import colleague_id
from bot.rehearsal.rehearse import enrol_phones
from bot.rehearsal.stored import StoredMessage
from curriculum import lessons
from curriculum.lesson_pack import read_pack
from tests.county import write_pack
from tests.journeys.conftest import (
    COORDINATOR,
    FIRST_LESSON,
    GROUP,
    LEARNER,
    START,
    STRANGER,
    Play,
    playing,
)
from tests.media_files import opus, picture

COLLEAGUE = colleague_id(0)
SHOWN = """pictures:
  - file: 图/一.png
    caption: 一张*图*，_照着_画 &lt;
voice:
  - file: 读.ogg
    caption: 同事用藏语读这一课
    language: bo
"""


def pack_folder(folder: Path, shown: str = SHOWN) -> Path:
    """Four lessons, the first with a picture and a reading."""
    write_pack(folder)
    (folder / "图").mkdir()
    (folder / "图" / "一.png").write_bytes(picture(1_600, 1_200))
    (folder / "读.ogg").write_bytes(opus(4))
    first = folder / "001.zh.md"
    first.write_text(
        first.read_text(encoding="utf-8").replace("question:", f"{shown}question:"),
        encoding="utf-8",
    )
    return folder


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def with_pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A county with such a first lesson, stopped on Tuesday; to be copied, not used."""
    folder = tmp_path_factory.mktemp("with_pictures")
    pack = read_pack(pack_folder(folder / "pack"))
    async with playing(folder / "data", pack=pack) as running:
        await enrol_phones(running.running)
    return folder / "data"


@pytest_asyncio.fixture
async def shown(with_pictures: Path, tmp_path: Path) -> AsyncIterator[Play]:
    """Wednesday at ten: a first lesson with a picture and a reading was just sent."""
    shutil.copytree(with_pictures, tmp_path / "data")
    async with playing(tmp_path / "data") as running:
        await running.through(FIRST_LESSON)
        yield running


def media_labels(message: StoredMessage) -> list[str]:
    """The buttons with a size."""
    return [button["text"] for button in message.buttons if "KB" in button["text"]]


def sent(play: Play, chat: int, kind: str) -> list[StoredMessage]:
    """The pictures or recordings in a chat."""
    return [message for message in play.said(chat) if kind in message.json]


def press(play: Play, user: int, label: str) -> None:
    """Press a button under the lesson without waiting."""
    lesson = play.lesson(user)
    data = lesson.button(label)["callback_data"]
    play.world.press(user, user, lesson.message_id, data=data)


@pytest.mark.asyncio
async def test_a_lesson_arrives_as_text_with_what_else_there_is_by_size(shown: Play) -> None:
    """Nothing but text and buttons is sent by itself; the group gets the text only."""
    lesson = shown.lesson(LEARNER)
    see, hear = media_labels(lesson)
    size = int((await shown.rows("SELECT size FROM media WHERE kind = 'picture'"))[0][0])
    assert see == f"看图({round(size / 1024)} KB)"
    assert hear == "听录音(1 KB)"
    assert [[button["text"] for button in row] for row in lesson.inline_keyboard] == [
        ["学完了", "提问"],
        [see],
        [hear],
    ]
    assert sent(shown, LEARNER, "photo") == sent(shown, LEARNER, "voice") == []
    assert media_labels(shown.said(GROUP)[-1]) == []


@pytest.mark.asyncio
async def test_a_picture_comes_as_a_quiet_reply_to_its_lesson(shown: Play) -> None:
    """看图 answers with the size and sends a small JPEG; its caption is no markup."""
    lesson = shown.lesson(LEARNER)
    see, _ = media_labels(lesson)
    await shown.press(LEARNER, see)
    (photo,) = sent(shown, LEARNER, "photo")
    assert photo.silent
    assert photo.json["reply_to_message"]["message_id"] == lesson.message_id
    assert (photo.text, photo.entities) == ("一张*图*，_照着_画 &lt;", [])
    file = shown.world.files.by_id[photo.json["photo"][-1]["file_id"]]
    assert len(file.data) <= 100 * 1024
    image = Image.open(io.BytesIO(file.data))
    assert (image.format, image.size) == ("JPEG", (1_280, 960))
    assert shown.toast(LEARNER) == f"正在发给您，{round(len(file.data) / 1024)} KB"


@pytest.mark.asyncio
async def test_a_reading_comes_as_a_voice_message(shown: Play) -> None:
    """听录音 sends what a colleague recorded, byte for byte."""
    _, hear = media_labels(shown.lesson(LEARNER))
    await shown.press(LEARNER, hear)
    (voice,) = sent(shown, LEARNER, "voice")
    assert (voice.silent, voice.text) == (True, "同事用藏语读这一课")
    assert voice.json["voice"]["duration"] == 4
    assert shown.world.files.by_id[voice.json["voice"]["file_id"]].data == opus(4)


@pytest.mark.asyncio
async def test_a_file_travels_to_telegram_once(shown: Play) -> None:
    """Whoever asks next gets it by the name Telegram gave it."""
    see, _ = media_labels(shown.lesson(LEARNER))
    await shown.press(LEARNER, see)
    ((media_id, file_id),) = await shown.rows("SELECT media_id, file_id FROM media_file")
    # The bytes are gone: only the name can have been used.
    await shown.running.wuxue.database.write(_empty_file, media_id)
    await shown.press(COLLEAGUE, media_labels(shown.lesson(COLLEAGUE))[0])
    (photo,) = sent(shown, COLLEAGUE, "photo")
    assert photo.json["photo"][-1]["file_id"] == file_id


def _empty_file(session: Session, media_id: int) -> None:
    session.connection().execute(
        sql("UPDATE media SET content = :nothing WHERE id = :id"), {"nothing": b"", "id": media_id}
    )


@pytest.mark.asyncio
async def test_a_second_press_while_the_first_travels_does_nothing(shown: Play) -> None:
    """Three taps in a row are one picture; each is answered."""
    see, hear = media_labels(shown.lesson(LEARNER))
    for _ in range(3):
        press(shown, LEARNER, see)
    await shown.settle()
    assert len(sent(shown, LEARNER, "photo")) == 1
    assert len(shown.world.toasts(LEARNER)) == 3
    await shown.press(LEARNER, hear)
    assert len(sent(shown, LEARNER, "voice")) == 1, "another file is another journey"


def test_a_later_press_asks_again() -> None:
    """Once it must have arrived, a press is a new wish: she may have lost it in the chat."""
    assert not is_over(START, START + ON_THE_WAY)
    assert is_over(START, START + ON_THE_WAY + timedelta(seconds=1))


@pytest.mark.asyncio
async def test_a_name_telegram_does_not_know_any_more_is_cured(shown: Play) -> None:
    """The file travels again and its new name is kept; nobody sees a refusal."""
    see, _ = media_labels(shown.lesson(LEARNER))
    await shown.press(LEARNER, see)
    ((good,),) = await shown.rows("SELECT file_id FROM media_file")
    await shown.running.wuxue.database.write(_spoil_name)
    await shown.press(COLLEAGUE, media_labels(shown.lesson(COLLEAGUE))[0])
    assert len(sent(shown, COLLEAGUE, "photo")) == 1
    assert await shown.rows("SELECT file_id FROM media_file") == [(good,)]


def _spoil_name(session: Session) -> None:
    session.connection().execute(sql("UPDATE media_file SET file_id = 'AgACgone'"))


@pytest.mark.asyncio
async def test_an_upload_waits_when_telegram_asks_to_and_then_arrives_whole(shown: Play) -> None:
    """A file that was refused for a second is sent again from its first byte."""
    _, hear = media_labels(shown.lesson(LEARNER))
    shown.running.server.misbehaviour.order("429", 1, method="sendVoice", retry_after=1)
    await shown.press(LEARNER, hear)
    (voice,) = sent(shown, LEARNER, "voice")
    assert shown.world.files.by_id[voice.json["voice"]["file_id"]].data == opus(4)


@pytest.mark.asyncio
async def test_an_upload_that_was_lost_is_asked_for_again(shown: Play) -> None:
    """A broken gateway is no bug, and the next press is no press while it travels."""
    see, _ = media_labels(shown.lesson(LEARNER))
    shown.running.server.misbehaviour.order("502", 1, method="sendPhoto")
    await shown.press(LEARNER, see)
    assert sent(shown, LEARNER, "photo") == []
    await shown.press(LEARNER, see)
    assert len(sent(shown, LEARNER, "photo")) == 1


@pytest.mark.asyncio
async def test_the_buttons_stay_under_a_learned_lesson_and_under_today(shown: Play) -> None:
    """What was on offer stays on offer."""
    offered = media_labels(shown.lesson(LEARNER))
    await shown.press(LEARNER, "学完了")
    assert media_labels(shown.lesson(LEARNER)) == offered
    await shown.say(LEARNER, "今天")
    assert media_labels(shown.said(LEARNER)[-1]) == offered
    await shown.press(LEARNER, offered[0])
    (photo,) = sent(shown, LEARNER, "photo")
    today = shown.with_button(LEARNER, offered[0])
    assert photo.json["reply_to_message"]["message_id"] == today.message_id


@pytest.mark.asyncio
@pytest.mark.parametrize("written", ["media:999", "media:", "media:x", "media:٣", "media:-1"])
async def test_a_forged_button_finds_nothing(shown: Play, written: str) -> None:
    """What does not exist, and what is no number, look alike."""
    lesson = shown.lesson(LEARNER)
    shown.world.forge_callback(LEARNER, LEARNER, lesson.message_id, written)
    shown.world.forge_callback(LEARNER, LEARNER, lesson.message_id, "media:" + "9" * 50)
    await shown.settle()
    assert shown.toast(LEARNER).startswith("没有找到，或者您看不到它")
    assert sent(shown, LEARNER, "photo") == []


@pytest.mark.asyncio
async def test_whoever_may_not_read_the_lesson_gets_no_picture(shown: Play) -> None:
    """Neither a stranger nor a coordinator who learns in no cohort opens it by guessing."""
    data = shown.lesson(LEARNER).button(media_labels(shown.lesson(LEARNER))[0])["callback_data"]
    for user in (STRANGER, COORDINATOR):
        await shown.open(user)
        message = shown.said(user)[-1]
        shown.world.forge_callback(user, user, message.message_id, data)
        await shown.settle()
        assert sent(shown, user, "photo") == []


@pytest.mark.asyncio
async def test_a_changed_caption_is_a_new_version_and_yesterdays_picture_stays(
    shown: Play, tmp_path: Path
) -> None:
    """Who was sent the old version still opens its picture; the file itself is not stored again."""
    see, _ = media_labels(shown.lesson(LEARNER))
    before = await shown.count("media")
    changed = read_pack(pack_folder(tmp_path / "new", SHOWN.replace("同事用", "卓玛用")))
    await shown.running.wuxue.database.write(lessons.import_pack, changed, now=START)
    assert await shown.count("media") == before
    await shown.press(LEARNER, see)
    assert len(sent(shown, LEARNER, "photo")) == 1
