"""Lesson packs from the command line: check, import, preview."""

from pathlib import Path
from typing import Annotated

import typer
from rich.panel import Panel
from rich.text import Text

from bot.commands import ground
from bot.commands.database import opened
from bot.commands.ground import HERE, ConfigPath, console, errors, fail, say, show, words
from bot.render import Renderer, read_toml
from bot.reports.lesson_picture import PictureTooLarge, lesson_picture, of_lesson
from curriculum import lesson_index, lessons
from curriculum.lesson_pack import LANGUAGES, Lesson, LessonPack, PackRefused, read_pack
from scheduler.clock import SystemClock

PREVIEW_WIDTH = 60
# What learners who chose both languages read: Tibetan first.
BOTH = ("bo", "zh")
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
    language: Annotated[str, typer.Option(help="zh, bo, en, or both: bo above zh.")] = "zh",
    picture: Annotated[
        Path | None, typer.Option(help="Write it as a picture, ending in .png.", dir_okay=False)
    ] = None,
) -> None:
    """看看一课发出去的样子。 A lesson as its messages will read, or as a picture.

    [bold]wuxue lessons preview my_lessons/ 003[/bold]
    [bold]wuxue lessons preview my_lessons/ 001 --language both --picture 001.png[/bold]
    """
    wished = BOTH if language == "both" else (language,)
    if not set(wished) <= set(LANGUAGES):
        fail("language_unknown", code=ground.WRONG_USE, known=", ".join((*LANGUAGES, "both")))
    if picture is not None and picture.suffix.lower() != ".png":
        fail("picture_wrong_ending", code=ground.WRONG_USE, file=picture)
    pack = read_checked(path)
    lesson = next((lesson for lesson in pack.lessons if lesson.code == code), None)
    if lesson is None:
        fail("lesson_unknown", lesson=code, first=pack.lessons[0].code, last=pack.lessons[-1].code)
    if not set(wished) <= set(lesson.texts):
        fail("lesson_not_in_language", lesson=code, have=", ".join(sorted(lesson.texts)))
    if picture is None:
        _show_messages(lesson, wished)
    else:
        _write_picture(lesson, wished, picture)


def _show_messages(lesson: Lesson, languages: tuple[str, ...]) -> None:
    from bot.handlers.lesson_messages import preview_messages
    from bot.wordings import WORDINGS

    renderer = Renderer(zone="Asia/Shanghai", wordings=WORDINGS)
    for language in languages:
        for title, text in preview_messages(renderer, ground.language(), lesson, language):
            # A lesson's square brackets are its own words.
            console.print(Panel(Text(text), title=Text(title), width=PREVIEW_WIDTH))


def _write_picture(lesson: Lesson, languages: tuple[str, ...], file: Path) -> None:
    heading = words("picture_heading", number=lesson.code.lstrip("0"), minutes=lesson.minutes)
    try:
        drawn = lesson_picture(of_lesson(lesson.texts, languages), heading=heading)
        file.write_bytes(drawn)
    except PictureTooLarge:
        fail("picture_too_large", lesson=lesson.code)
    except OSError as error:
        fail("export_not_written", file=file, reason=error.strerror or type(error).__name__)
    say("picture_written", file=file, size=-(-len(drawn) // 1000))
