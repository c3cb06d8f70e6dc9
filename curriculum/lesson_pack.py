"""A folder or zip of Markdown lessons, checked as a whole, as plain values."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from curriculum.lesson_files import LANGUAGES, Gathered, LessonFile, gather_lessons
from curriculum.lesson_problems import PackRefused, Problem
from curriculum.pack_files import MAX_PACK, SETTINGS, PackFiles, read_folder, read_zip
from curriculum.pack_media import PackMedia, gather_media
from curriculum.pack_order import Step, lesson_problems, module_problems
from curriculum.pack_schema import LessonFacts, PackFacts, QuestionFacts
from curriculum.pack_settings import PackSettings, read_settings
from curriculum.rich_text import RichText
from curriculum.text_entities import utf16_length

__all__ = [
    "LANGUAGES",
    "CheckQuestion",
    "Lesson",
    "LessonPack",
    "LessonText",
    "Module",
    "PackMedia",
    "PackRefused",
    "Problem",
    "read_pack",
    "read_pack_bytes",
]


@dataclass(frozen=True)
class CheckQuestion:
    """The one question of a lesson; `answer` counts from 0, as Telegram's quizzes do."""

    text: str
    options: tuple[str, ...]
    answer: int
    explanation: str

    @property
    def fits_quiz(self) -> bool:
        """Whether Telegram's quiz can carry it (Bot API, sendPoll); buttons carry any."""
        return (
            utf16_length(self.text) <= 300
            and all(utf16_length(option) <= 100 for option in self.options)
            and utf16_length(self.explanation) <= 200
            and self.explanation.count("\n") <= 2
        )


@dataclass(frozen=True)
class LessonText:
    """A lesson in one language."""

    language: str
    title: str
    key_point: str
    body: RichText
    body_markdown: str
    question: CheckQuestion
    reviewed_by: str | None


@dataclass(frozen=True)
class Lesson:
    """One lesson of a pack; `position` counts from 0, `minutes` are minutes.

    `texts` always holds "zh". A translation that is still a draft, or was withdrawn, is left out
    once the lesson itself is further. `content_hash` is the SHA-256 (hex) of all that a learner
    sees or is judged by; reviewing, publishing or reordering does not change it. `media` are the
    pictures and recordings that come on request, pictures first. `story` is the mark of the story
    it was made of, if it was.
    """

    code: str
    position: int
    module: str
    minutes: int
    title_en: str | None
    prerequisites: tuple[str, ...]
    basis: tuple[str, ...]
    valid_from: date | None
    valid_to: date | None
    reviewed_by: str | None
    status: str
    texts: Mapping[str, LessonText]
    content_hash: str
    is_essential: bool = False
    media: tuple[PackMedia, ...] = ()
    story: str | None = None


@dataclass(frozen=True)
class Module:
    """A group of lessons; `after` names the modules that come before it."""

    code: str
    title: str
    title_en: str | None
    after: tuple[str, ...]


@dataclass(frozen=True)
class LessonPack:
    """A checked pack: modules in the order of pack.toml, lessons in teaching order."""

    code: str
    title: str
    title_en: str | None
    version: str
    note: str | None
    modules: tuple[Module, ...]
    lessons: tuple[Lesson, ...]


def read_pack(path: Path) -> LessonPack:
    """A pack from a folder or a zip file; PackRefused with every problem found."""
    if path.is_dir():
        return _pack(read_folder(path))
    try:
        with path.open("rb") as file:
            data = file.read(MAX_PACK + 1)
    except OSError:
        raise PackRefused([Problem(path.name, 0, "pack_not_found")]) from None
    return read_pack_bytes(data, path.name)


def read_pack_bytes(data: bytes, name: str) -> LessonPack:
    """A pack from the bytes of a zip that arrived as `name`; PackRefused likewise."""
    return _pack(read_zip(data, name))


def _pack(files: PackFiles) -> LessonPack:
    problems: list[Problem] = []
    settings = read_settings(files.texts.pop(SETTINGS, None), problems)
    gathered = gather_lessons(files.texts, problems)
    order = sorted(gathered.lessons)
    if settings is not None:
        order = _order(settings, gathered, problems)
        _check_modules(settings, gathered, problems)
        _check_essential(settings, gathered, problems)
    steps = {}
    for code, texts in gathered.lessons.items():
        file = texts["zh"]
        needs = file.shared.prerequisites
        steps[code] = Step(needs, file.path, file.line_of(("prerequisites",)))
    problems += lesson_problems(steps, order, gathered.named)
    media = gather_media(gathered.lessons, files.media, problems)
    if problems or settings is None:
        raise PackRefused(problems)
    return _built(settings.facts, [gathered.lessons[code] for code in order], media)


def _check_essential(settings: PackSettings, gathered: Gathered, problems: list[Problem]) -> None:
    problems += [
        Problem(SETTINGS, settings.line_of(("essential",)), "essential_unknown", {"lesson": code})
        for code in settings.facts.essential
        if code not in gathered.named
    ]


def _order(settings: PackSettings, gathered: Gathered, problems: list[Problem]) -> list[str]:
    """The codes in teaching order: as pack.toml says, or sorted."""
    if settings.facts.order is None:
        return sorted(gathered.lessons)
    line = settings.line_of(("order",))
    seen: dict[str, None] = {}
    for code in settings.facts.order:
        if code in seen:
            problems.append(Problem(SETTINGS, line, "order_twice", {"lesson": code}))
        elif code not in gathered.named:
            problems.append(Problem(SETTINGS, line, "order_unknown", {"lesson": code}))
        seen[code] = None
    for code in sorted(gathered.named - set(seen)):
        problems.append(Problem(SETTINGS, line, "order_lacks", {"lesson": code}))
    return [code for code in seen if code in gathered.lessons]


def _check_modules(settings: PackSettings, gathered: Gathered, problems: list[Problem]) -> None:
    modules: dict[str, Step] = {}
    for number, module in enumerate(settings.facts.modules):
        line = settings.line_of(("modules", number, "after"))
        modules.setdefault(module.code, Step(module.after, SETTINGS, line))
    problems += module_problems(modules)
    for texts in gathered.lessons.values():
        file = texts["zh"]
        if file.shared.module not in modules:
            facts = {"module": file.shared.module, "known": ", ".join(modules)}
            line = file.line_of(("module",))
            problems.append(Problem(file.path, line, "module_unknown", facts))


def _built(
    facts: PackFacts,
    written: list[Mapping[str, LessonFile]],
    media: Mapping[str, tuple[PackMedia, ...]],
) -> LessonPack:
    return LessonPack(
        code=facts.code,
        title=facts.title,
        title_en=facts.title_en,
        version=facts.version,
        note=facts.note,
        modules=tuple(
            Module(module.code, module.title, module.title_en, tuple(module.after))
            for module in facts.modules
        ),
        lessons=tuple(
            replace(lesson, is_essential=lesson.code in facts.essential)
            for lesson in (
                _lesson(files, place, media[files["zh"].shared.code])
                for place, files in enumerate(written)
            )
        ),
    )


def _lesson(files: Mapping[str, LessonFile], position: int, media: tuple[PackMedia, ...]) -> Lesson:
    shared = files["zh"].shared
    texts = {
        language: _text(files[language])
        for language in LANGUAGES
        if language in files and _is_ready(files[language], shared)
    }
    return Lesson(
        code=shared.code,
        position=position,
        module=shared.module,
        minutes=shared.minutes,
        title_en=shared.title_en,
        prerequisites=tuple(shared.prerequisites),
        basis=tuple(shared.basis),
        valid_from=shared.valid_from,
        valid_to=shared.valid_to,
        reviewed_by=shared.reviewed_by,
        status=shared.status,
        texts=texts,
        content_hash=_content_hash(shared, texts, media),
        media=media,
        story=shared.story,
    )


def _is_ready(file: LessonFile, shared: LessonFacts) -> bool:
    unfinished = file.facts.status in {"draft", "withdrawn"}
    return file.facts is shared or shared.status == "draft" or not unfinished


def _text(file: LessonFile) -> LessonText:
    return LessonText(
        language=file.language,
        title=file.facts.title,
        key_point=file.facts.key_point,
        body=file.body,
        body_markdown=file.body_markdown,
        question=_question(file.facts.question),
        reviewed_by=file.facts.reviewed_by,
    )


def _question(facts: QuestionFacts) -> CheckQuestion:
    return CheckQuestion(facts.text, tuple(facts.options), facts.answer - 1, facts.explanation)


def _content_hash(
    shared: LessonFacts, texts: Mapping[str, LessonText], media: tuple[PackMedia, ...]
) -> str:
    """From the source and not from the converted text, so a better converter changes nothing."""
    seen: dict[str, object] = {
        "code": shared.code,
        "title_en": shared.title_en,
        "minutes": shared.minutes,
        "basis": shared.basis,
        "valid": [str(shared.valid_from), str(shared.valid_to)],
        "texts": {
            language: [
                text.title,
                text.key_point,
                text.body_markdown,
                text.question.text,
                text.question.options,
                text.question.answer,
                text.question.explanation,
            ]
            for language, text in texts.items()
        },
    }
    if media:
        # Only where there are any, so that lessons without keep the hash they always had.
        seen["media"] = [[m.kind, m.source, m.caption, m.language] for m in media]
    canonical = json.dumps(seen, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
