"""Packs from outside: nothing leaves the pack, nothing swells, every file says what is wrong."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curriculum.lesson_pack import PackRefused, read_pack, read_pack_bytes
from tests.curriculum.broken_packs import (
    ONE,
    encrypted,
    good_pack,
    link_entry,
    write_folder,
    zipped,
)


def with_file(path: str, content: bytes = b"x") -> bytes:
    return zipped({**good_pack(), path: content})


def raw_name(path: str, written: bytes) -> bytes:
    """A zip in which a name was overwritten, as zipfile itself would never write it."""
    placeholder = "N" * len(written)
    data = zipped({**good_pack(), placeholder: b"x"})
    return data.replace(placeholder.encode(), written)


def deflated_bomb() -> bytes:
    return zipped({**good_pack(), "004.zh.md": b"0" * 60_000}, method=zipfile.ZIP_DEFLATED)


def many_files() -> bytes:
    return zipped({f"{number:04}.zh.md": b"x" for number in range(2_001)})


def large_unpacked() -> bytes:
    """Under every single limit, yet over 20 MB together."""
    filler = b"".join(f"{number}\n".encode() for number in range(10_000))
    files = {f"{number:04}.zh.md": filler for number in range(450)}
    return zipped(files, method=zipfile.ZIP_DEFLATED)


def damaged() -> bytes:
    """The content of the first file was changed on the way, so its checksum is wrong."""
    data = bytearray(zipped(good_pack()))
    data[60] ^= 0xFF
    return bytes(data)


@dataclass(frozen=True)
class Hostile:
    """A zip, and the one problem that must be found."""

    code: str
    path: str
    data: Callable[[], bytes]


HOSTILE_ZIPS = [
    Hostile("unsafe_name", "../001.zh.md", lambda: with_file("../001.zh.md")),
    Hostile("unsafe_name", "M1/../../x.md", lambda: with_file("M1/../../x.md")),
    Hostile("unsafe_name", "/etc/004.zh.md", lambda: with_file("/etc/004.zh.md")),
    Hostile("unsafe_name", "C:/004.zh.md", lambda: with_file("C:/004.zh.md")),
    Hostile("unsafe_name", "M1\\004.zh.md", lambda: with_file("M1\\004.zh.md")),
    Hostile("unsafe_name", "M1//004.zh.md", lambda: with_file("M1//004.zh.md")),
    Hostile("unsafe_name", "004.zh.md.exe", lambda: raw_name("", b"004.zh.md\x00.exe")),
    Hostile("unsafe_name", "gnp.004.zh.md", lambda: with_file("\u202egnp.004.zh.md")),
    Hostile("file_link", "004.zh.md", lambda: link_entry("004.zh.md")),
    Hostile("file_twice", "m1/001.ZH.md", lambda: with_file("m1/001.ZH.md")),
    Hostile("zip_encrypted", "pack.toml", encrypted),
    Hostile("zip_method", "002.zh.md", lambda: zipped(good_pack(), method=zipfile.ZIP_LZMA)),
    Hostile("zip_bomb", "004.zh.md", deflated_bomb),
    Hostile("zip_broken", "pack.toml", damaged),
    Hostile("zip_broken", "pack.zip", lambda: b"PK but no zip"),
    Hostile("zip_broken", "pack.zip", lambda: b""),
    Hostile("too_many_files", "pack.zip", many_files),
    Hostile("pack_too_large", "pack.zip", large_unpacked),
    Hostile("pack_too_large", "pack.zip", lambda: b"x" * (20 * 1024 * 1024 + 1)),
]


@pytest.mark.parametrize("hostile", HOSTILE_ZIPS, ids=lambda hostile: hostile.code)
def test_hostile_zips_are_refused_for_what_they_are(hostile: Hostile) -> None:
    """Each trick is named at the file that plays it."""
    with pytest.raises(PackRefused) as refused:
        read_pack_bytes(hostile.data(), "pack.zip")
    first = refused.value.problems[0]
    assert (first.code, first.path) == (hostile.code, hostile.path)
    assert {problem.code for problem in refused.value.problems} == {hostile.code}


@settings(deadline=None)  # the machine may be busy
@given(st.integers(0, 3_000), st.integers(0, 255), st.integers(0, 3_000))
def test_a_zip_damaged_anywhere_is_read_or_refused(place: int, byte: int, end: int) -> None:
    """Whatever happens on the way, the answer is a pack or a refusal, never a crash."""
    data = bytearray(zipped(good_pack(), method=zipfile.ZIP_DEFLATED))
    data[place % len(data)] = byte
    if end % 3 == 0:
        del data[end:]
    try:
        pack = read_pack_bytes(bytes(data), "pack.zip")
    except PackRefused:
        return
    assert pack.lessons


@settings(deadline=None)  # the machine may be busy
@given(st.binary(max_size=300))
def test_any_bytes_as_a_lesson_are_refused(content: bytes) -> None:
    """A file that is no lesson is a refusal, whatever its bytes."""
    with pytest.raises(PackRefused):
        read_pack_bytes(zipped({**good_pack(), "004.zh.md": content}), "pack.zip")


@settings(deadline=None)  # the machine may be busy
@given(st.text(st.sampled_from("a: -[]{}\"'|>#\n\t&*!%?，：0"), max_size=60))
def test_any_front_matter_is_refused_or_read(head: str) -> None:
    """No YAML, however strange, ends in anything but a problem with a line."""
    files = good_pack() | {ONE: f"---\n{head}\n---\n正文".encode()}
    with pytest.raises(PackRefused) as refused:
        read_pack_bytes(zipped(files), "pack.zip")
    assert all(problem.line > 0 for problem in refused.value.problems if problem.path == ONE)


def test_one_folder_around_everything_is_taken_off() -> None:
    """Most computers zip a folder and not its content."""
    files = {f"入门课/{path}": data for path, data in good_pack().items()}
    assert read_pack_bytes(zipped(files), "x.zip") == read_pack_bytes(zipped(good_pack()), "x.zip")


def test_names_in_gbk_are_understood() -> None:
    """Zips from Chinese Windows name folders in GBK and do not say so."""
    written = "入门课".encode("gb18030")
    placeholder = "N" * len(written)
    data = zipped({f"{placeholder}/{path}": data for path, data in good_pack().items()})
    assert read_pack_bytes(data.replace(placeholder.encode(), written), "x.zip").code == "starter"
    broken = zipped({**good_pack(), f"{placeholder}.md": b"x"})
    with pytest.raises(PackRefused) as refused:
        read_pack_bytes(broken.replace(placeholder.encode(), written), "x.zip")
    assert refused.value.problems[0].path == "入门课.md"


@pytest.mark.parametrize(
    "path", ["__MACOSX/M1/._001.zh.md", ".DS_Store", "M1/.DS_Store", "Thumbs.db", "README.md"]
)
def test_what_computers_leave_behind_is_ignored(path: str) -> None:
    """Hidden files and a read-me do not stop a pack."""
    assert read_pack_bytes(with_file(path), "x.zip").code == "starter"


def test_a_link_in_a_folder_is_not_followed(tmp_path: Path) -> None:
    """A folder cannot pull in files from elsewhere on the machine."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "004.zh.md").write_bytes(b"x")
    folder = write_folder(tmp_path / "pack", good_pack())
    (folder / "M9").symlink_to(outside)
    with pytest.raises(PackRefused) as refused:
        read_pack(folder)
    assert [(p.code, p.path) for p in refused.value.problems] == [("file_link", "M9")]


def test_what_a_folder_hides_is_not_looked_at(tmp_path: Path) -> None:
    """A pack kept under version control is read like any other."""
    folder = write_folder(tmp_path / "pack", {**good_pack(), ".git/x/y.png": b"x"})
    (folder / ".git" / "link").symlink_to(tmp_path)
    assert read_pack(folder).code == "starter"


def test_only_needed_files_are_unpacked() -> None:
    """A nested zip or picture is refused by its name, before a byte of it is unpacked."""
    out = io.BytesIO(zipped(good_pack()))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.zip", b"0" * 30_000_000)
    with pytest.raises(PackRefused) as refused:
        read_pack_bytes(out.getvalue(), "x.zip")
    assert [(p.code, p.path) for p in refused.value.problems] == [("file_unexpected", "bomb.zip")]
