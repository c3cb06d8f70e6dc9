"""题目统计: how a coordinator's questions fare, as a file in chat."""

from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from sqlmodel import Session
from telegram import Update
from telegram.constants import ChatAction

from bot.context import WuxueContext
from bot.reports.item_statistics import write_item_statistics
from bot.taps import Act
from curriculum import item_statistics
from curriculum.people import Speaker


async def statistics(update: Update, context: WuxueContext) -> None:
    """The command, the typed words and the button: a workbook of her own unit's questions."""
    speaker = await context.speaker(update)
    speaker.require("read_records")
    await context.answer(update, context.label("working", speaker.language))
    await context.bot.send_chat_action(speaker.chat_id, ChatAction.UPLOAD_DOCUMENT)
    made_at = context.now().astimezone(ZoneInfo(context.services.zone))
    with TemporaryDirectory(dir=context.services.temporary_folder) as folder:
        path = Path(folder) / "statistics.xlsx"
        unit, count = await context.read(_write, path, speaker, made_at=made_at)
        name = context.label("item_statistics_file_name", speaker.language).format(
            unit=unit, day=made_at.date()
        )
        caption = context.text("item_statistics_caption", speaker.language, unit=unit, count=count)
        if not count:
            await context.say(speaker.chat_id, caption)
            return
        await context.send_file(
            speaker.chat_id, path.read_bytes(), f"{name}.xlsx", caption=caption.text
        )


def _write(session: Session, path: Path, speaker: Speaker, *, made_at: datetime) -> tuple[str, int]:
    scope = item_statistics.scope_of(session, speaker)
    items = item_statistics.figures(session, unit_path=scope.unit_path)
    count = write_item_statistics(
        items, path, language=speaker.language, unit_name=scope.unit_name, made_at=made_at
    )
    return scope.unit_name, count


BUTTONS: dict[str, Act] = {
    "statistics": statistics,
}
