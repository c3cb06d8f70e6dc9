"""Whatever the bot sends, the stand-in answers as Telegram would and never breaks."""

from __future__ import annotations

import json
import struct
from typing import Any

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rehearsal import bot_methods, files
from bot.rehearsal.refusal import Refusal
from bot.rehearsal.strict import Parameters, Upload
from bot.rehearsal.telegram_server import RehearsalServer
from bot.rehearsal.world import World
from tests.bot.rehearsal.conftest import DOLMA, GROUP, Hands

WORDS = [
    "type",
    "offset",
    "length",
    "text",
    "inline_keyboard",
    "keyboard",
    "callback_data",
    "url",
    "message_id",
    "chat_id",
    "command",
    "description",
    "bold",
    "text_link",
    "pre",
    "remove_keyboard",
    "chat",
]
json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 3) | st.sampled_from([*WORDS, "", "a"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4)
    ),
    max_leaves=8,
)
raw_values = st.one_of(
    st.sampled_from(["", "1", "-1", "true", "HTML", "quiz", "zh", "[", str(DOLMA), str(GROUP)]),
    st.text(alphabet="a字😀/<>b \n", max_size=12),
    json_values.map(json.dumps),
)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(sorted(bot_methods.METHODS)), st.data())
def test_wild_parameters(name: str, data: st.DataObject) -> None:
    """Any value of any parameter is either taken or refused, and what is taken can be sent."""
    world = World(Hands())
    world.add_user(DOLMA, "卓玛")
    world.add_group(GROUP, "群", [DOLMA])
    world.open_link(DOLMA)
    wanted = sorted(bot_methods.METHODS[name].parameters)
    values = data.draw(
        st.dictionaries(st.sampled_from(wanted), raw_values) if wanted else st.just({})
    )
    if "chat_id" in wanted:
        values.setdefault("chat_id", str(DOLMA))
    answer: Any = None
    try:
        answer = bot_methods.call(world, name, Parameters(values))
    except Refusal as refusal:
        answer = refusal
    if isinstance(answer, Refusal):
        assert answer.code in {400, 403}
        assert not world.sent_log
    else:
        assert json.loads(json.dumps(answer)) is not None
        assert len(world.sent_log) == 1


@pytest.mark.asyncio
async def test_broken_bodies(server: RehearsalServer, session: aiohttp.ClientSession) -> None:
    """A body that cannot be read is a Bad Request, whatever it claims to be."""
    url = f"{server.base_url}{server.token}/sendMessage"
    multipart = "multipart/form-data; boundary=zz"
    named = b'--zz\r\nContent-Disposition: form-data; name="text"\r\n\r\n\xff\r\n--zz--\r\n'
    for kind, body, words in [
        ("multipart/form-data", b"x", "can't parse multipart body"),
        (multipart, b"--zz\r\nfoo", "can't parse multipart body"),
        (multipart, named, "strings must be encoded in UTF-8"),
        ("application/x-www-form-urlencoded", b"text=%ff", "strings must be encoded in UTF-8"),
        ("application/json", b'{"text":"\\ud800"}', "strings must be encoded in UTF-8"),
        ("application/json", b"[]", "can't parse JSON object"),
    ]:
        headers = {"Content-Type": kind}
        async with session.post(url, data=body, headers=headers) as answer:
            assert answer.status == 400
            assert (await answer.json())["description"] == f"Bad Request: {words}"


@pytest.mark.asyncio
async def test_a_file_that_is_too_large(
    server: RehearsalServer, session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An upload over the limit is 413, and one too large to come down is refused by getFile."""
    monkeypatch.setattr("bot.rehearsal.multipart.MAX_UPLOAD", -900_000)
    form = aiohttp.FormData({"chat_id": str(DOLMA)}, quote_fields=False)
    form.add_field("document", b"x" * 200_000, filename="大.bin")
    url = f"{server.base_url}{server.token}/sendDocument"
    async with session.post(url, data=form) as answer:
        assert answer.status == 413
        assert (await answer.json())["description"] == "Request Entity Too Large"
    big = server.world.files.keep("document", Upload("大.bin", b"x" * 21_000_000, "a/b"))
    url = f"{server.base_url}{server.token}/getFile"
    async with session.post(url, json={"file_id": big.file_id}) as answer:
        assert (await answer.json())["description"] == "Bad Request: file is too big"


def test_the_size_of_pictures() -> None:
    """A JPEG's size is read past its other headers; anything else has none."""
    other = b"\xff\xe0" + struct.pack(">H", 6) + b"JFIF"
    frame = b"\xff\xc0" + struct.pack(">HBHH", 11, 8, 480, 640) + b"\x01\x11\x00\x00"
    assert files.image_size(b"\xff\xd8" + other + frame) == (640, 480)
    assert files.image_size(b"\xff\xd8\xff") == (0, 0)
    assert files.image_size(b"GIF89a") == (0, 0)


def test_the_length_of_recordings() -> None:
    """The last page of an Ogg Opus recording tells its length."""
    page = b"OggS\x00\x04" + struct.pack("<q", 48_000 * 7) + b"\x00" * 10
    assert files.ogg_seconds(b"OggS" + b"\x00" * 30 + page) == 7
    assert files.ogg_seconds(b"no sound") == 1


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_wild_files(data: bytes) -> None:
    """No bytes break the readers of pictures and recordings."""
    files.image_size(b"\xff\xd8\xff" + data)
    files.image_size(b"\x89PNG\r\n\x1a\n" + data)
    assert files.ogg_seconds(b"OggS" + data) >= 1
