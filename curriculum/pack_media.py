"""Pictures and recordings of a pack: found, checked, made small, and nothing left lying about."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from curriculum import pictures, recordings
from curriculum.lesson_files import LANGUAGES, LessonFile
from curriculum.lesson_problems import Problem
from curriculum.pack_files import same_name
from curriculum.pack_schema import MediaFacts
from curriculum.text_entities import utf16_length

PICTURE, VOICE = "picture", "voice"
# With 学完了, 提问 and one more there are never over six buttons (EXPERIENCE section 2).
MOST_OFFERED = 3
MAX_CAPTION = 1_024  # UTF-16 units, Bot API
# Absolute, upwards, a drive or a backslash: whatever does not simply go down from pack.toml.
_OUTSIDE = re.compile(r"^[A-Za-z]:|\\|(^|/)\.{0,2}(/|$)")
# A problem's code and facts.
Wrong = tuple[str, dict[str, str | int]]
_KEYS = {PICTURE: "pictures", VOICE: "voice"}


@dataclass(frozen=True, slots=True)
class PackMedia:
    """A picture or recording of a lesson, as it will be sent.

    `source` is the SHA-256 (hex) of the author's file; `content` of a picture is the small copy.
    """

    kind: str
    mime: str
    content: bytes
    caption: str
    language: str | None
    source: str

    @property
    def digest(self) -> str:
        """The SHA-256 (hex) of what is sent."""
        return hashlib.sha256(self.content).hexdigest()


def is_for(kind: str, language: str | None, reader: str) -> bool:
    """Whether it is offered beside a text in the language `reader`.

    A picture with words in it only beside those words; a reading beside any text, because many
    understand by ear what they do not read. Who reads "both" is offered what belongs to either.
    """
    return kind == VOICE or reader == "both" or language in (None, reader)


def gather_media(
    lessons: Mapping[str, Mapping[str, LessonFile]],
    files: Mapping[str, bytes],
    problems: list[Problem],
) -> dict[str, tuple[PackMedia, ...]]:
    """Each lesson's media by its code, pictures first, in the author's order.

    Problems are added as they are found; a file that no lesson names is one, but only when there
    is no other, since a lesson with a problem may be the one that names it.
    """
    found = _Found(files)
    gathered = {
        code: tuple(_of_lesson(texts["zh"], found, problems)) for code, texts in lessons.items()
    }
    if not problems:
        problems += [Problem(path, 0, "media_unused") for path in found.unused()]
    return gathered


class _Found:
    """The pack's files by name, each read and made small once."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files
        self._paths = {same_name(path): path for path in files}
        self._named: set[str] = set()
        self.small_jpeg = cache(pictures.small_jpeg)

    def named(self, file: str) -> bytes | None:
        """The bytes of a file as a lesson names it."""
        path = self._paths.get(same_name(file))
        if path is None:
            return None
        self._named.add(path)
        return self._files[path]

    def unused(self) -> list[str]:
        """The files nobody named."""
        return sorted(set(self._files) - self._named)


def _of_lesson(file: LessonFile, found: _Found, problems: list[Problem]) -> Iterator[PackMedia]:
    shared = file.shared
    offered = dict.fromkeys(LANGUAGES, 0)
    for kind, facts in ((PICTURE, shared.pictures), (VOICE, shared.voice)):
        for number, each in enumerate(facts):
            line = file.line_of((_KEYS[kind], number, "file"))
            for reader in LANGUAGES:
                offered[reader] += is_for(kind, each.language, reader)
            made = _unfit(each, max(offered.values())) or _made(kind, each, found)
            if isinstance(made, PackMedia):
                yield made
            else:
                code, told = made
                problems.append(Problem(file.path, line, code, told))


def _unfit(facts: MediaFacts, offered: int) -> Wrong | None:
    """What is wrong before the file is looked at."""
    if _OUTSIDE.search(facts.file):
        return "media_outside", {"file": facts.file}
    length = utf16_length(facts.caption)
    if length > MAX_CAPTION:
        return "text_too_long", {"key": "caption", "length": length, "limit": MAX_CAPTION}
    if offered > MOST_OFFERED:
        return "media_too_many", {"most": MOST_OFFERED}
    return None


def _made(kind: str, facts: MediaFacts, found: _Found) -> PackMedia | Wrong:
    """The file as it will be sent, or what is wrong with it."""
    source = found.named(facts.file)
    if source is None:
        return "media_missing", {"file": facts.file}
    content, mime = source, recordings.MIME
    try:
        if kind == PICTURE:
            content, mime = found.small_jpeg(source), pictures.MIME
        else:
            recordings.seconds_of(source)
    except pictures.PictureRefused as refused:
        return refused.code, {"file": facts.file}
    except recordings.NotOpus:
        return "voice_not_opus", {"file": facts.file}
    digest = hashlib.sha256(source).hexdigest()
    return PackMedia(kind, mime, content, facts.caption, facts.language, digest)
