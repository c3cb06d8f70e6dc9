"""Which lesson gets which question of a file, shown before anything is written."""

import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pydantic import ValidationError
from ruamel.yaml.error import YAMLError

from curriculum.clean_text import clean
from curriculum.drafted_questions import FileQuestion, Reading
from curriculum.front_matter import split_front_matter
from curriculum.lesson_files import gather_lessons, name_of
from curriculum.lesson_pack import CheckQuestion
from curriculum.lesson_problems import Problem
from curriculum.pack_files import SETTINGS, read_folder
from curriculum.pack_schema import QuestionFacts
from curriculum.pack_settings import read_settings
from curriculum.question_writing import with_question


@dataclass(frozen=True, slots=True)
class Change:
    """One lesson's question before and after; `text` is its whole file as it will be.

    `path` is inside the pack; `old` is None where the lesson has no usable question yet.
    """

    lesson: str
    title: str
    path: str
    old: CheckQuestion | None
    new: CheckQuestion
    text: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import would do; `unchanged` counts the questions that stand there already.

    `refused` are problems in the lessons as they would be: nothing may be written while there
    are any. `left` is what must be mended elsewhere afterwards, such as the translations.
    """

    changes: tuple[Change, ...]
    unchanged: int
    refused: tuple[Problem, ...]
    left: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    """A lesson's file in the language asked for."""

    path: str
    title: str
    question: CheckQuestion | None


def read_texts(folder: Path) -> dict[str, str]:
    """A pack's files as they lie on disk, by path; PackRefused like a pack that is read."""
    return {path: (folder / path).read_bytes().decode() for path in read_folder(folder).texts}


def plan(
    reading: Reading, files: Mapping[str, str], *, language: str = "zh", start: str | None = None
) -> Plan:
    """Match a file's questions to lessons: by the code in the title, else in order from `start`.

    Problems and notes are added to `reading`; while it has problems, nothing may be written.
    """
    places = _places(files, language, reading)
    chosen = _chosen(reading, places, language=language, start=start)
    changes = []
    for code, question in chosen.items():
        change = _change(code, question, places[code], files, reading)
        if change is not None and change.new != change.old:
            changes.append(change)
    refused, left = _checked(files, changes)
    return Plan(tuple(changes), len(chosen) - len(changes), tuple(refused), tuple(left))


def write(folder: Path, changes: Iterable[Change]) -> None:
    """Put the changed files in place, each whole or not at all; OSError when one cannot be."""
    waiting = []
    for change in changes:
        path = folder / change.path
        beside = path.with_name(f".{path.name}.new")
        beside.write_bytes(change.text.encode())
        shutil.copymode(path, beside)
        waiting.append((beside, path))
    for beside, path in waiting:
        os.replace(beside, path)  # noqa: PTH105  the same as Path.replace, and says what it does


def _places(files: Mapping[str, str], language: str, reading: Reading) -> dict[str, _Place]:
    """The lessons of this language by code, in teaching order."""
    found: dict[str, str] = {}
    for path in files:
        name = name_of(path)
        if name is not None and name[1] == language:
            found[name[0]] = path
    ignored: list[Problem] = []
    settings = read_settings(files.get(SETTINGS), ignored)
    order = settings.facts.order if settings is not None else None
    codes = [code for code in order or () if code in found]
    codes += sorted(set(found) - set(codes))
    places = {}
    for code in codes:
        place = _place(found[code], clean(files[found[code]]))
        if place is None:
            reading.note(0, "lesson_file_unclear", path=found[code])
        else:
            places[code] = place
    return places


def _place(path: str, text: str) -> _Place | None:
    ignored: list[Problem] = []
    head = split_front_matter(path, text, ignored)
    if head is None:
        return None
    try:
        facts = QuestionFacts.model_validate(head.values.get("question"))
    except ValidationError:
        question = None
    else:
        question = CheckQuestion(
            facts.text, tuple(facts.options), facts.answer - 1, facts.explanation
        )
    return _Place(path, str(head.values.get("title") or ""), question)


def _chosen(
    reading: Reading, places: Mapping[str, _Place], *, language: str, start: str | None
) -> dict[str, FileQuestion]:
    """The question of each lesson that gets one."""
    waiting = iter(_from(list(places), start, language, reading))
    chosen: dict[str, FileQuestion] = {}
    for question in reading.questions:
        code = question.code
        if code is None and start is not None:
            code = next(waiting, None)
            if code is None:
                reading.refuse(question.line, "lessons_used_up", first=start)
                continue
        if code is None:
            reading.refuse(question.line, "lesson_unnamed")
        elif code not in places:
            reading.refuse(question.line, "lesson_unknown", lesson=code, language=language)
        elif code in chosen:
            line = chosen[code].line
            reading.refuse(question.line, "lesson_twice", lesson=code, line=line)
        else:
            chosen[code] = question
    return chosen


def _from(codes: Sequence[str], start: str | None, language: str, reading: Reading) -> list[str]:
    """The lessons from `start` on that no title of the file names."""
    if start is None:
        return []
    if start not in codes:
        reading.refuse(0, "lesson_unknown", lesson=start, language=language)
        return []
    named = {question.code for question in reading.questions}
    return [code for code in codes[codes.index(start) :] if code not in named]


def _change(
    code: str, question: FileQuestion, place: _Place, files: Mapping[str, str], reading: Reading
) -> Change | None:
    explanation = question.explanation
    if explanation is None:
        if place.question is None:
            reading.refuse(question.line, "explanation_missing", lesson=code)
            return None
        explanation = place.question.explanation
        reading.note(question.line, "explanation_kept", lesson=code)
    new = CheckQuestion(question.text, question.options, question.answer, explanation)
    put = partial(
        with_question,
        asks=new.text,
        options=new.options,
        answer=new.answer,
        explanation=question.explanation,
    )
    try:
        text = put(files[place.path])
    except (ValueError, YAMLError):
        # Line ends or hidden signs that only a pack's reader copes with: the file is cleaned.
        text = put(clean(files[place.path]))
    return Change(code, place.title, place.path, place.question, new, text)


def _checked(
    files: Mapping[str, str], changes: Sequence[Change]
) -> tuple[list[Problem], list[Problem]]:
    """What the changes break in their own files, and what they leave to mend in others."""
    before = {_known(problem) for problem in _problems(files, changes)}
    written = {change.path: change.text for change in changes}
    new = [
        problem
        for problem in _problems({**files, **written}, changes)
        if _known(problem) not in before
    ]
    refused = [problem for problem in new if problem.path in written]
    return refused, [problem for problem in new if problem.path not in written]


def _known(problem: Problem) -> tuple[str, str, str]:
    """A problem by what it is; its line may move."""
    return problem.path, problem.code, repr(sorted(problem.facts.items()))


def _problems(files: Mapping[str, str], changes: Sequence[Change]) -> list[Problem]:
    """What is wrong with the lessons that change, in all their languages."""
    codes = {change.lesson for change in changes}
    found: list[Problem] = []
    lessons = {
        path: clean(text)
        for path, text in files.items()
        if (name := name_of(path)) is not None and name[0] in codes
    }
    gather_lessons(lessons, found)
    return found
