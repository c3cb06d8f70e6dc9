"""Recordings: only what Telegram plays as a voice message is taken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curriculum.recordings import NotOpus, seconds_of
from tests.media_files import opus

FIVE = opus(5)


@pytest.mark.parametrize("seconds", [1, 3, 61])
def test_a_recording_knows_how_long_it_lasts(seconds: int) -> None:
    """From the position of its last page, less what a player leaves out at the start."""
    assert seconds_of(opus(seconds)) == seconds


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"OggS",
        b"ID3\x04" + bytes(200),
        FIVE[:-1],
        FIVE + b"x",
        FIVE.replace(b"OpusHead", b"\x01vorbis "),
        FIVE[FIVE.index(b"OggS", 4) :],
    ],
    ids=["empty", "a mark", "mp3", "cut off", "more behind", "Vorbis", "no beginning"],
)
def test_what_is_no_opus_is_refused(data: bytes) -> None:
    """Other sounds, and recordings that did not arrive whole."""
    with pytest.raises(NotOpus):
        seconds_of(data)


@given(st.binary(max_size=300), st.integers(0, 400), st.integers(0, 255))
def test_any_bytes_are_a_recording_or_refused(data: bytes, place: int, byte: int) -> None:
    """Nothing but a length or a refusal ever comes out."""
    damaged = bytearray(FIVE)
    damaged[place % len(damaged)] = byte
    for wild in (data, b"OggS" + data, bytes(damaged)):
        try:
            assert seconds_of(wild) >= 1
        except NotOpus:
            continue
