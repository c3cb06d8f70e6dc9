"""`wuxue training-file`: a training's file as zip, and which trainings there are."""

import asyncio
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.table import Table
from rich.text import Text
from sqlmodel import Session
from telegram.error import TelegramError

from bot import training_archive, training_paper_files
from bot.commands import ground
from bot.commands.database import opened
from bot.commands.ground import HERE, WRONG_USE, ConfigPath, fail, say, words
from bot.config import Config
from bot.render import Renderer
from bot.telegram_names import short_lived
from bot.training_archive import ZIP, Making, Packed
from curriculum import training_file
from curriculum.errors import NotThere
from curriculum.training_file import TrainingFile
from scheduler.clock import SystemClock
from storage.engine import Database


def training_archive_file(
    number: Annotated[int, typer.Argument(help="Which training; without, all are listed.")] = 0,
    target: Annotated[Path | None, typer.Argument(help="The .zip to write.")] = None,
    bot_name: Annotated[
        str,
        typer.Option(help="The bot's name for the certificates, where Telegram is not reached."),
    ] = "",
    *,
    config_path: ConfigPath = HERE,
) -> None:
    """整理一次培训的档案（一期一档）。 Put a training's file together.

    [bold]wuxue training-file[/bold]
    [bold]wuxue training-file 3 培训档案.zip[/bold]
    """
    config = ground.read_config(config_path)
    bot = ground.read_bot_id(config, config_path)
    with opened(config) as database:
        if not number:
            _list(database, config, bot)
            return
        if target is None or target.suffix.lower() != ZIP:
            fail("training_file_wrong_ending", code=WRONG_USE, file=target or "")
        found = _found(database, bot, number)
        try:
            # The same disk as the target: what is finished is only renamed.
            with TemporaryDirectory(dir=target.parent, prefix=".") as name:
                given = _from_telegram(config, config_path, found, Path(name), name=bot_name)
                packed, paths = _written(database, found, target, config, given)
        except OSError as error:
            fail("export_not_written", file=target, reason=error.strerror or type(error).__name__)
        database.write_now(
            training_file.note_taken_outside,
            number,
            bot=bot,
            files=packed.files,
            parts=len(paths),
            now=SystemClock().now(),
        )
    for path in paths:
        say("training_file_written", file=path, count=packed.files)
    if packed.missing:
        names = "、".join(packed.missing)
        say("training_file_missing", style="yellow", count=len(packed.missing), names=names)
    for note in packed.notes:
        ground.show(note, style="yellow")


def _found(database: Database, bot: int, number: int) -> TrainingFile:
    def read(session: Session) -> TrainingFile:
        event = training_file.by_id(session, number, bot=bot)
        return training_file.file_of(session, event, now=SystemClock().now())

    try:
        return database.read_now(read)
    except NotThere:
        fail("training_file_unknown", number=number)


@dataclass(frozen=True, slots=True)
class Given:
    """What Telegram gave: the bot's name, "" where it is not needed, and the papers by their id.

    They lie in `folder`, where all else is made.
    """

    folder: Path
    username: str
    papers: Mapping[int, Path]


def _from_telegram(
    config: Config, config_path: Path, found: TrainingFile, folder: Path, *, name: str
) -> Given:
    """The papers, and the name that the codes on the certificates open unless `name` is it.

    Where Telegram cannot be reached there are no papers, and certificates need `name`.
    """
    needs_name = bool(found.certificates) and not name
    if not needs_name and not found.papers:
        return Given(folder, name, {})
    token = ground.read_token(config, config_path)
    if found.papers:
        say("training_file_fetching", count=len(found.papers))

    async def ask() -> Given:
        async with short_lived(config, token) as bot:
            papers = await training_paper_files.fetch(bot, found.papers, folder)
            return Given(folder, name or bot.username, papers)

    try:
        return asyncio.run(ask())
    except TelegramError:
        if needs_name:
            fail("training_file_needs_name")
        return Given(folder, name, {})


def _written(
    database: Database,
    found: TrainingFile,
    target: Path,
    config: Config,
    given: Given,
) -> tuple[Packed, list[Path]]:
    """The file's parts, each appearing whole where they were asked for."""
    renderer, language = Renderer(zone=config.calendar.zone, wordings={}), ground.language()
    made_at = SystemClock().now().astimezone(ZoneInfo(config.calendar.zone))
    register, rows = database.read_now(
        training_archive.write_register,
        found,
        given.folder,
        renderer=renderer,
        language=language,
        made_at=made_at,
    )
    packed = training_archive.pack(
        Making(
            found=found,
            register=register,
            rows=rows,
            papers=given.papers,
            renderer=renderer,
            language=language,
            username=given.username,
            made_at=made_at,
        ),
        given.folder,
    )
    count = len(packed.parts)
    paths = [
        target.with_stem(f"{target.stem}_{place}of{count}") if count > 1 else target
        for place in range(1, count + 1)
    ]
    for made, path in zip(packed.parts, paths, strict=True):
        shutil.move(made, path)
    return packed, paths


def _list(database: Database, config: Config, bot: int) -> None:
    found = database.read_now(training_file.announced, bot=bot)
    if not found:
        say("training_file_none")
        return
    renderer, language = Renderer(zone=config.calendar.zone, wordings={}), ground.language()
    table = Table("", words("training_file_starts"), words("training_file_title"))
    for event in found:
        day = f"{event.starts_at:%Y} {renderer.moment(event.starts_at, language)}"
        table.add_row(str(event.event_id), day, Text(event.title))
    ground.console.print(table)
