"""One lesson file: its name, its facts, its body and its question, each checked by itself."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from curriculum.body_links import link_problems
from curriculum.front_matter import FrontMatter, split_front_matter
from curriculum.lesson_problems import Problem
from curriculum.pack_schema import LessonFacts, Place, TranslationFacts, checked
from curriculum.rich_text import RichText, TextTooLarge, from_markdown

# Languages of content, and how many visible characters a lesson may have in each: 600 Chinese
# ones (EXPERIENCE, words and buttons); other scripts need more for the same words.
BODY_LIMITS: Mapping[str, int] = {"zh": 600, "bo": 2_400, "en": 2_400}
LANGUAGES = tuple(BODY_LIMITS)

_NAME = re.compile(r"([0-9A-Za-z_-]{1,16})\.([A-Za-z-]{2,8})\.md")
_FINISHED = frozenset({"reviewed", "published"})


@dataclass(frozen=True)
class LessonFile:
    """A file that is sound by itself."""

    path: str
    language: str
    facts: LessonFacts | TranslationFacts
    lines: Mapping[Place, int]
    body: RichText
    body_markdown: str

    @property
    def shared(self) -> LessonFacts:
        """The facts of the Chinese file, which hold for every language."""
        if not isinstance(self.facts, LessonFacts):
            raise TypeError(f"{self.path} is a translation")
        return self.facts

    def line_of(self, place: Place) -> int:
        """The line of a key, or of the nearest key around it."""
        return _line_of(self.lines, place)


@dataclass(frozen=True)
class Gathered:
    """Sound lessons by code and language, each with "zh"; and the codes of all files."""

    lessons: Mapping[str, Mapping[str, LessonFile]]
    named: frozenset[str]


def gather_lessons(files: Mapping[str, str], problems: list[Problem]) -> Gathered:
    """Read every file; Problems are added as they are found."""
    paths: dict[tuple[str, str], str] = {}
    lessons: dict[str, dict[str, LessonFile]] = {}
    for path in sorted(files):
        name = name_of(path)
        if name is None:
            problems.append(Problem(path, 0, "name_unclear"))
            continue
        code, language = name
        if language not in LANGUAGES:
            facts = {"language": language, "known": ", ".join(LANGUAGES)}
            problems.append(Problem(path, 0, "language_unknown", facts))
        elif (code, language) in paths:
            facts = {"lesson": code, "other": paths[code, language]}
            problems.append(Problem(path, 0, "lesson_twice", facts))
        else:
            paths[code, language] = path
            file = _read(path, code, language, files[path], problems)
            if file is not None:
                lessons.setdefault(code, {})[language] = file
    if not paths and not problems:
        problems.append(Problem("pack.toml", 0, "no_lessons"))
    for (code, _), path in paths.items():
        if (code, "zh") not in paths:
            problems.append(Problem(path, 0, "zh_missing", {"lesson": code}))
    for texts in lessons.values():
        if "zh" in texts:
            _compare(texts, problems)
    sound = {code: texts for code, texts in lessons.items() if "zh" in texts}
    return Gathered(sound, frozenset(code for code, _ in paths))


def name_of(path: str) -> tuple[str, str] | None:
    """The (code, language) a lesson file's name states, or None."""
    name = _NAME.fullmatch(path.rsplit("/", 1)[-1])
    return (name[1], name[2]) if name is not None else None


def visible_length(text: str) -> int:
    """Characters a reader sees: no white space, no marks that sit on another letter."""
    return sum(
        1
        for char in text
        if not char.isspace() and unicodedata.category(char) not in {"Mn", "Me", "Cf"}
    )


def _line_of(lines: Mapping[Place, int], place: Place) -> int:
    while place and place not in lines:
        place = place[:-1]
    return lines.get(place, 1) if place else 1


def _read(
    path: str, code: str, language: str, text: str, problems: list[Problem]
) -> LessonFile | None:
    head = split_front_matter(path, text, problems)
    if head is None:
        return None

    def line_of(place: Place) -> int:
        return _line_of(head.lines, place)

    facts: LessonFacts | TranslationFacts | None
    if language == "zh":
        facts = checked(LessonFacts, head.values, path=path, line_of=line_of, problems=problems)
    else:
        facts = checked(
            TranslationFacts, head.values, path=path, line_of=line_of, problems=problems
        )
    body = _body(path, language, head, problems)
    if facts is None or body is None:
        return None
    file = LessonFile(path, language, facts, head.lines, body, head.body.strip("\n"))
    _check_facts(file, code, problems)
    _check_question(file, problems)
    return file


def _check_facts(file: LessonFile, code: str, problems: list[Problem]) -> None:
    facts = file.facts
    if facts.code != code:
        found = {"written": facts.code, "named": code}
        problems.append(Problem(file.path, file.line_of(("code",)), "code_differs", found))
    if facts.status in _FINISHED and facts.reviewed_by is None:
        status = {"status": str(facts.status)}
        problems.append(Problem(file.path, file.line_of(("status",)), "reviewer_missing", status))
    if not isinstance(facts, LessonFacts) or facts.valid_from is None or facts.valid_to is None:
        return
    if facts.valid_to < facts.valid_from:
        problems.append(Problem(file.path, file.line_of(("valid_to",)), "dates_reversed"))


def _body(path: str, language: str, head: FrontMatter, problems: list[Problem]) -> RichText | None:
    problems += link_problems(path, head.body, head.body_line)
    try:
        body = from_markdown(head.body)
    except TextTooLarge as refused:
        if refused.what == "characters":
            facts: dict[str, str | int] = {
                "limit": BODY_LIMITS[language],
                "length": visible_length(head.body),
            }
            problems.append(Problem(path, head.body_line, "body_too_long", facts))
        else:
            problems.append(Problem(path, head.body_line, "body_too_nested"))
        return None
    length = visible_length(body.text)
    if length == 0:
        problems.append(Problem(path, head.body_line, "body_empty"))
    elif length > BODY_LIMITS[language]:
        facts = {"limit": BODY_LIMITS[language], "length": length}
        problems.append(Problem(path, head.body_line, "body_too_long", facts))
    return body


def _check_question(file: LessonFile, problems: list[Problem]) -> None:
    question = file.facts.question
    facts: dict[str, str | int]
    if question.answer > len(question.options):
        facts = {"most": len(question.options)}
        line = file.line_of(("question", "answer"))
        problems.append(Problem(file.path, line, "answer_out_of_range", facts))
    seen: dict[str, int] = {}
    for number, option in enumerate(question.options):
        plain = "".join(unicodedata.normalize("NFKC", option).casefold().split())
        if plain in seen:
            facts = {"first": seen[plain] + 1, "second": number + 1}
            line = file.line_of(("question", "options", number))
            problems.append(Problem(file.path, line, "options_alike", facts))
        seen.setdefault(plain, number)


def _compare(texts: Mapping[str, LessonFile], problems: list[Problem]) -> None:
    """A translation asks the same question: as many options, the same one right."""
    original = texts["zh"].facts.question
    for language, file in texts.items():
        question = file.facts.question
        facts: dict[str, str | int] = {"language": language}
        if len(question.options) != len(original.options):
            facts |= {"here": len(question.options), "zh": len(original.options)}
            line = file.line_of(("question", "options"))
            problems.append(Problem(file.path, line, "options_differ", facts))
        elif question.answer != original.answer:
            facts |= {"here": question.answer, "zh": original.answer}
            line = file.line_of(("question", "answer"))
            problems.append(Problem(file.path, line, "answer_differs", facts))
