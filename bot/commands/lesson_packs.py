"""Lesson packs from the command line: check, import, preview."""

from pathlib import Path
from typing import Annotated

import typer
from rich.panel import Panel
from rich.text import Text

from bot.commands import ground
from bot.commands.database import opened
from bot.commands.ground import HERE, ConfigPath, console, errors, fail, say, show
from bot.render import Renderer, read_toml
from curriculum import lesson_index, lessons
from curriculum.lesson_pack import LANGUAGES, LessonPack, PackRefused, read_pack
from scheduler.clock import SystemClock

PREVIEW_WIDTH = 60
app = typer.Typer(
    no_args_is_help=True,
    help="课程包：检查、导入、预览。 Lesson packs: check, import, preview.",
)
PackPath = Annotated[Path, typer.Argument(help="A folder or a zip file.", exists=True)]


def read_checked(path: Path) -> LessonPack:
    """The pack; every problem of it as file:line and what to do, exit code 1."""
    try:
        return read_pack(path)
    except PackRefused as refused:
        wording = read_toml(ground.language(), "lesson_problems.toml")
        for problem in refused.problems:
            place = f"{problem.path}:{problem.line}" if problem.line else problem.path
            show(f"{place}  {wording[problem.code].format(**problem.facts)}", to=errors)
        fail("pack_refused", count=len(refused.problems))


@app.command()
def check(path: PackPath) -> None:
    """检查课程包，逐行告诉您哪里要改。 Report every problem as file:line.

    [bold]wuxue lessons check my_lessons/[/bold]
    """
    pack = read_checked(path)
    say("pack_all_right", title=pack.title, count=len(pack.lessons))


@app.command("import")
def import_(path: PackPath, config_path: ConfigPath = HERE) -> None:
    """检查并导入；内容相同就什么都不改。 Check and import; equal content changes nothing.

    [bold]wuxue lessons import my_lessons.zip[/bold]
    """
    pack = read_checked(path)
    config = ground.read_config(config_path)
    with opened(config) as database:
        result = database.write_now(lessons.import_pack, pack, now=SystemClock().now())
    if not (result.added or result.changed or result.withdrawn):
        say("import_nothing_new", title=pack.title, count=result.unchanged)
        return
    say(
        "imported",
        added=len(result.added),
        changed=len(result.changed),
        withdrawn=len(result.withdrawn),
        unchanged=result.unchanged,
    )


@app.command()
def index(config_path: ConfigPath = HERE) -> None:
    """把所有课重新编进找课的索引。 Build the search index of all lessons anew.

    导入时会自动编；升级到能找课的版本以后，运行一次。
    An import does it by itself; run this once after upgrading from a release without search.

    [bold]wuxue lessons index[/bold]
    """
    with opened(ground.read_config(config_path)) as database:
        count = database.write_now(lesson_index.refresh, anew=True)
    say("lessons_indexed", count=count)


@app.command()
def preview(
    path: PackPath,
    code: Annotated[str, typer.Argument(help="The lesson's code, for instance 003.")],
    language: Annotated[str, typer.Option(help="zh, bo or en.")] = "zh",
) -> None:
    """看看一课发出去的样子。 A lesson as its messages will read.

    [bold]wuxue lessons preview my_lessons/ 003[/bold]
    [bold]wuxue lessons preview my_lessons/ 001 --language bo[/bold]
    """
    from bot.app import WORDINGS
    from bot.handlers.daily_lesson import preview_messages

    if language not in LANGUAGES:
        fail("language_unknown", code=ground.WRONG_USE, known=", ".join(LANGUAGES))
    pack = read_checked(path)
    lesson = next((lesson for lesson in pack.lessons if lesson.code == code), None)
    if lesson is None:
        fail("lesson_unknown", lesson=code, first=pack.lessons[0].code, last=pack.lessons[-1].code)
    if language not in lesson.texts:
        fail("lesson_not_in_language", lesson=code, have=", ".join(sorted(lesson.texts)))
    renderer = Renderer(zone="Asia/Shanghai", wordings=WORDINGS)
    for title, text in preview_messages(renderer, ground.language(), lesson, language):
        # A lesson's square brackets are its own words.
        console.print(Panel(Text(text), title=Text(title), width=PREVIEW_WIDTH))
