"""一期一档 in chat: a training's file as one zip, or several, with a word while it is made."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import structlog
from telegram import InputFile, Message, Update
from telegram.error import TelegramError

from bot import preparing, training_archive, training_paper_files
from bot.context import WuxueContext
from bot.jobs import Arguments
from bot.taps import Act, carried, number
from bot.training_archive import Making, Packed
from curriculum import training_file
from curriculum.event_papers import Paper
from curriculum.people import Speaker
from curriculum.training_file import TrainingFile

log = structlog.get_logger(__name__)
ARCHIVE = "training_archive"


async def asked(update: Update, context: WuxueContext) -> None:
    """培训档案: has it made, and says how far it is."""
    speaker = await context.speaker(update)
    (event_id,) = map(number, carried(update, ARCHIVE, 1))
    found = await context.read(training_file.collect, speaker, event_id, now=context.now())
    await context.answer(update, context.label("working", speaker.language))
    told = await preparing.announce(context, speaker, rows=found.pieces, said="preparing_file")
    arguments: dict[str, int | str] = {"chat_id": speaker.chat_id, "event_id": event_id, **told}
    await context.services.jobs.run(ARCHIVE, arguments)


async def send_archive(context: WuxueContext, arguments: Arguments) -> None:
    """Make it on disk and send it, part by part, if she still may have it; then note that."""
    speaker = await context.speaker_in(int(arguments["chat_id"]))
    event_id, services = int(arguments["event_id"]), context.services
    found = await context.read(training_file.collect, speaker, event_id, now=context.now())
    async with preparing.shown(context, speaker, arguments) as on_piece:
        with TemporaryDirectory(dir=services.temporary_folder) as kept:
            making = await _gathered(context, speaker, found, Path(kept))
            packed = await asyncio.to_thread(
                training_archive.pack, making, Path(kept), on_piece=on_piece
            )
            await _send(context, speaker, making, packed)
    await context.in_session(
        training_file.note_taken,
        speaker,
        event_id,
        files=packed.files,
        parts=len(packed.parts),
        now=context.now(),
    )


async def _gathered(
    context: WuxueContext, speaker: Speaker, found: TrainingFile, folder: Path
) -> Making:
    """The register from the ledger and the papers from Telegram, both on disk."""
    renderer, language = context.services.renderer, speaker.language
    made_at = context.now().astimezone(ZoneInfo(context.services.zone))
    register, rows = await context.read(
        training_archive.write_register,
        found,
        folder,
        renderer=renderer,
        language=language,
        made_at=made_at,
    )
    return Making(
        found=found,
        register=register,
        rows=rows,
        papers=await training_paper_files.fetch(
            context.bot, found.papers, folder, on_failure=_note_failure
        ),
        renderer=renderer,
        language=language,
        username=renderer.bot_username,
        made_at=made_at,
    )


def _note_failure(paper: Paper, error: TelegramError) -> None:
    log.info("paper_not_fetched", paper=paper.paper_id, error=type(error).__name__)


async def _send(context: WuxueContext, speaker: Speaker, making: Making, packed: Packed) -> None:
    """Each part as a document; what it holds is said with the first."""
    parts = len(packed.parts)
    for place, path in enumerate(packed.parts, start=1):
        name = training_archive.archive_name(making, place, parts)
        caption = context.text(
            "training_archive",
            speaker.language,
            title=making.found.event.title,
            files=packed.files,
            certificates=len(making.found.certificates),
            missing=len(packed.missing) + len(packed.notes),
            part=place,
            parts=parts,
        ).text
        await context.patiently(_sending(context, speaker, path, name, caption))


def _sending(
    context: WuxueContext, speaker: Speaker, path: Path, name: str, caption: str
) -> Callable[[], Awaitable[Message]]:
    """One part is in memory while it is sent, and no more than one."""
    return lambda: context.bot.send_document(
        speaker.chat_id, InputFile(path.read_bytes(), filename=name), caption=caption
    )


BUTTONS: dict[str, Act] = {ARCHIVE: asked}
JOBS = {ARCHIVE: send_archive}
