"""Lesson packs from the command line: check, import, preview."""

import tomllib
from pathlib import Path
from typing import Annotated

import typer
from rich.panel import Panel

from bot.commands import ground
from bot.commands.ground import HERE, ConfigPath, both, console, errors, fail
from bot.render import LOCALES
from curriculum import lessons
from curriculum.lesson_pack import LANGUAGES, LessonPack, PackRefused, read_pack
from curriculum.lesson_problems import Problem
from scheduler.clock import SystemClock

app = typer.Typer(no_args_is_help=True, help="Lesson packs: check, import, preview.")
PackPath = Annotated[Path, typer.Argument(help="A folder or a zip file.", exists=True)]


def print_problems(refused: PackRefused) -> None:
    """Every problem as file:line and what to do."""
    wording = tomllib.loads(
        (LOCALES / ground.language() / "lesson_problems.toml").read_text(encoding="utf-8")
    )
    for problem in refused.problems:
        place = f"{problem.path}:{problem.line}" if problem.line else problem.path
        errors.print(f"{place}  {_worded(wording, problem)}", markup=False, highlight=False, soft_wrap=True)
    count = len(refused.problems)
    errors.print(both(f"{count} 处要改，什么都没有导入。", f"{count} to mend; nothing was imported."), style="red")


def _worded(wording: dict[str, str], problem: Problem) -> str:
    return wording[problem.code].format(**problem.facts)


def _read(path: Path) -> LessonPack:
    try:
        return read_pack(path)
    except PackRefused as refused:
        print_problems(refused)
        raise typer.Exit(ground.FAILED) from refused


@app.command()
def check(path: PackPath) -> None:
    """Report every problem as file:line. Example: wuxue lessons check my_lessons/"""
    pack = _read(path)
    console.print(both(f"没有问题：{pack.title}，{len(pack.lessons)} 课。", f"All right: {pack.title}, {len(pack.lessons)} lessons."))


@app.command("import")
def import_(
    path: PackPath, config_path: ConfigPath = HERE
) -> None:
    """Check and import; the same content again changes nothing. Example: wuxue lessons import my.zip"""
    pack = _read(path)
    config = ground.read_config(config_path)
    with ground.opened(config) as database:
        result = database.write_now(lessons.import_pack, pack, now=SystemClock().now())
    console.print(
        both(
            f"新增 {len(result.added)} 课，改动 {len(result.changed)} 课，撤下 {len(result.withdrawn)} 课，没变 {result.unchanged} 课。",
            f"{len(result.added)} added, {len(result.changed)} changed, {len(result.withdrawn)} withdrawn, {result.unchanged} unchanged.",
        )
    )


@app.command()
def preview(
    path: PackPath,
    code: Annotated[str, typer.Argument(help="The lesson's code, for instance 003.")],
    language: Annotated[str, typer.Option(help="zh, bo or en.")] = "zh",
) -> None:
    """A lesson as its messages will read. Example: wuxue lessons preview my_lessons/ 003"""
    from bot.app import WORDINGS
    from bot.handlers.daily_lesson import preview_messages
    from bot.render import Renderer

    pack = _read(path)
    lesson = next((lesson for lesson in pack.lessons if lesson.code == code), None)
    if lesson is None:
        fail(both(f"没有第 {code} 课。", f"There is no lesson {code}."))
    if language not in LANGUAGES or language not in lesson.texts:
        have = ", ".join(sorted(lesson.texts))
        fail(both(f"这一课只有：{have}", f"This lesson has only: {have}"))
    renderer = Renderer(zone="Asia/Shanghai", wordings=WORDINGS)
    for title, text in preview_messages(renderer, ground.language(), lesson, language):
        console.print(Panel(text, title=title, width=60), markup=False)
