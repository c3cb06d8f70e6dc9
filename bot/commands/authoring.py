"""For whoever writes lessons: a pack to begin with, questions from files, how questions fare."""

import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.table import Table
from rich.text import Text

from bot.commands import ground
from bot.commands.ground import WRONG_USE, console, errors, fail, say, show, words
from bot.render import read_toml
from curriculum import question_changes
from curriculum.drafted_questions import Reading
from curriculum.lesson_pack import LANGUAGES, CheckQuestion
from curriculum.lesson_problems import PackRefused, Problem
from curriculum.question_changes import Change, Plan
from curriculum.question_files import MAX_FILE, read_questions

TEMPLATE = Path(__file__).parents[2] / "curriculum" / "packs" / "template"
LETTERS = "ABCDEFGHIJ"


def new(
    folder: Annotated[Path, typer.Argument(help="A new or empty folder.", file_okay=False)],
) -> None:
    """新建一个课程包，带两课样例。 Begin a lesson pack with two sample lessons.

    [bold]wuxue lessons new my_lessons[/bold]
    """
    try:
        if folder.exists() and any(folder.iterdir()):
            fail("pack_folder_full", code=WRONG_USE, folder=folder)
        shutil.copytree(TEMPLATE, folder, dirs_exist_ok=True)
        if re.fullmatch(r"[0-9A-Za-z_-]{1,40}", folder.resolve().name):
            _name_pack(folder / "pack.toml", folder.resolve().name)
    except OSError as error:
        fail("export_not_written", file=folder, reason=error.strerror or type(error).__name__)
    say("pack_begun", folder=folder)


def _name_pack(settings: Path, code: str) -> None:
    """A pack of its own code, or importing it would replace another's lessons."""
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace('"my_lessons"', f'"{code}"', 1), encoding="utf-8")


def questions(
    file: Annotated[Path, typer.Argument(help="A GIFT or Aiken file.", exists=True)],
    pack: Annotated[Path, typer.Option(help="The pack's folder.", exists=True, file_okay=False)],
    language: Annotated[str, typer.Option(help="The lessons' language: zh, bo or en.")] = "zh",
    start: Annotated[
        str | None,
        typer.Option("--from", help="Questions without a code go in order from this lesson on."),
    ] = None,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show, and write nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Write without asking.")] = False,
) -> None:
    """把 GIFT、Aiken 题目放进课里，先看再写。 Put questions from a file into lessons.

    [bold]wuxue lessons questions 题目.gift --pack my_lessons --dry-run[/bold]
    [bold]wuxue lessons questions quiz.txt --pack my_lessons --from 012[/bold]
    """
    if language not in LANGUAGES:
        fail("language_unknown", code=WRONG_USE, known=", ".join(LANGUAGES))
    reading, plan = _planned(file, pack, language, start)
    for note in reading.notes:
        show(_worded(note, "question_problems.toml"))
    if not plan.changes:
        say("questions_nothing_new", count=plan.unchanged)
        return
    console.print(_table(plan.changes))
    for problem in plan.left:
        show(_worded(problem, "lesson_problems.toml"))
    if dry_run:
        say("questions_dry_run", count=len(plan.changes), unchanged=plan.unchanged)
        return
    if not yes and not _agreed(len(plan.changes)):
        say("questions_not_written")
        return
    try:
        question_changes.write(pack, plan.changes)
    except OSError as error:
        fail("export_not_written", file=pack, reason=error.strerror or type(error).__name__)
    say("questions_written", count=len(plan.changes), unchanged=plan.unchanged)


def _planned(file: Path, pack: Path, language: str, start: str | None) -> tuple[Reading, Plan]:
    """What the file would change; every problem with its line, exit code 1."""
    try:
        with file.open("rb") as stream:
            reading = read_questions(stream.read(MAX_FILE + 1), file.name)
        files = question_changes.read_texts(pack)
    except OSError as error:
        fail("file_not_read", file=file, reason=error.strerror or type(error).__name__)
    except PackRefused as refused:
        _refuse(refused.problems, "lesson_problems.toml")
    plan = question_changes.plan(reading, files, language=language, start=start)
    if reading.problems:
        _refuse(sorted(reading.problems, key=lambda each: each.line), "question_problems.toml")
    if plan.refused:
        _refuse(plan.refused, "lesson_problems.toml")
    return reading, plan


def _refuse(problems: Sequence[Problem], table: str) -> NoReturn:
    for problem in problems:
        show(_worded(problem, table), to=errors)
    fail("questions_refused", count=len(problems))


def _worded(problem: Problem, table: str) -> str:
    place = f"{problem.path}:{problem.line}" if problem.line else problem.path
    sentence = read_toml(ground.language(), table)[problem.code].format(**problem.facts)
    return f"{place}  {sentence}"


def _agreed(count: int) -> bool:
    """Ask at the keyboard; without one the command says what to add."""
    try:
        return typer.confirm(words("questions_ask", count=count))
    except typer.Abort:
        fail("init_needs", code=WRONG_USE, option="--yes")


def _table(changes: tuple[Change, ...]) -> Table:
    """Each lesson with its question as it is and as it would be."""
    table = Table(show_lines=True)
    for heading in (words("questions_lesson"), words("questions_old"), words("questions_new")):
        table.add_column(heading, overflow="fold")
    for change in changes:
        old = _shown(change.old) if change.old is not None else words("questions_none")
        # A question's square brackets are its own words.
        table.add_row(Text(f"{change.lesson} {change.title}"), Text(old), Text(_shown(change.new)))
    return table


def _shown(question: CheckQuestion) -> str:
    lines = [question.text]
    for number, (letter, option) in enumerate(zip(LETTERS, question.options, strict=False)):
        # Without a blank, or a narrow column would part the letter from its option.
        lines.append(f"{letter}{'✓' if number == question.answer else '．'}{option}")
    return "\n".join([*lines, question.explanation])
