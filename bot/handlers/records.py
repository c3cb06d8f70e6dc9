"""Learning records for a coordinator: choose a period, get the file in chat."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from sqlmodel import Session
from telegram import InlineKeyboardMarkup, Update
from telegram.constants import ChatAction

from bot import buttons, preparing
from bot.context import WuxueContext
from bot.jobs import Arguments
from bot.reports.learning_records import write_csv, write_xlsx
from bot.taps import Act, carried
from curriculum import records
from curriculum.errors import NotThere, PeriodNotUnderstood
from curriculum.people import Speaker
from curriculum.records import Period, Scope
from curriculum.rhythm import local_date
from curriculum.rich_text import RichText

PERIODS = (
    ("month", "this_month"),
    ("last month", "last_month"),
    ("quarter", "this_quarter"),
    ("year", "this_year"),
)
FORMATS = ("xlsx", "csv")
EXPORT = "export_records"
# A file of so many is there in a moment, and a word about it would only come between.
ROWS_AT_ONCE = 2_000


async def records_command(update: Update, context: WuxueContext) -> None:
    """/records, alone or with a period, a unit and a format behind it, in any order."""
    speaker = await context.speaker(update)
    speaker.require("read_records")
    words = list(context.args or [])
    file_format = next((word for word in words if word.lower() in FORMATS), "xlsx")
    words = [word for word in words if word != file_format]
    if not words:
        await _offer(context, speaker, file_format.lower())
        return
    today = local_date(context.now(), context.services.zone)
    try:
        period, unit = records.read_period(words[0], today=today), words[1:]
    except PeriodNotUnderstood:
        if len(words) == 1 or words[0][:1].isdecimal():
            raise
        period, unit = records.read_period(words[-1], today=today), words[:-1]
    scope = await context.read(records.scope_for, speaker, " ".join(unit) or None)
    await _send(context, speaker, scope, period, file_format.lower())


async def _offer(context: WuxueContext, speaker: Speaker, file_format: str) -> None:
    """The usual periods as buttons, for the coordinator's own unit."""
    scope = await context.read(records.scope_for, speaker, None)
    await context.say(speaker.chat_id, *_choice(context, speaker, scope, file_format))


def _choice(
    context: WuxueContext, speaker: Speaker, scope: Scope, file_format: str
) -> tuple[RichText, InlineKeyboardMarkup]:
    """Four periods and the statistics of questions; the other kind of file in the last row."""
    language = speaker.language
    keys = [
        buttons.press(context.label(label, language), "records", file_format, period)
        for period, label in PERIODS
    ]
    keys.append(buttons.press(context.label("item_statistics", language), "statistics", "own"))
    other = next(one for one in FORMATS if one != file_format)
    turn = buttons.press(context.label(f"as_{other}", language), "records_as", other)
    rows = buttons.rows(keys).inline_keyboard
    text = context.text("records_choose", language, unit=scope.unit_name, file_format=file_format)
    return text, InlineKeyboardMarkup([*rows, [turn]])


async def turned_format(update: Update, context: WuxueContext) -> None:
    """改用csv, 改用xlsx: the same periods for the other kind of file, in the same message."""
    speaker = await context.speaker(update)
    message = update.effective_message
    (file_format,) = carried(update, "records_as", 1)
    if file_format not in FORMATS:
        raise NotThere
    scope = await context.read(records.scope_for, speaker, None)
    await context.answer(update)
    if message is not None:
        text, keyboard = _choice(context, speaker, scope, file_format)
        await context.edit(message.chat_id, message.message_id, text, keyboard)


async def pressed_period(update: Update, context: WuxueContext) -> None:
    """A period's button."""
    speaker = await context.speaker(update)
    file_format, word = carried(update, "records", 2)
    if file_format not in FORMATS:
        raise NotThere
    today = local_date(context.now(), context.services.zone)
    scope = await context.read(records.scope_for, speaker, None)
    await context.answer(update, context.label("working", speaker.language))
    await _send(context, speaker, scope, records.read_period(word, today=today), file_format)


async def _send(
    context: WuxueContext, speaker: Speaker, scope: Scope, period: Period, file_format: str
) -> None:
    """Have the file made; of one that takes a while it is said how far it is."""
    await context.bot.send_chat_action(speaker.chat_id, ChatAction.UPLOAD_DOCUMENT)
    arguments: dict[str, int | str] = {
        "chat_id": speaker.chat_id,
        "unit_id": scope.unit_id,
        "since": period.since.isoformat(),
        "until": period.until.isoformat(),
        "file_format": file_format,
    }
    rows = await context.read(records.count, scope, period)
    if context.services.jobs.is_queued or rows > ROWS_AT_ONCE:
        arguments |= await preparing.announce(context, speaker, rows=rows)
    await context.services.jobs.run(EXPORT, arguments)


async def export(context: WuxueContext, arguments: Arguments) -> None:
    """Stream the rows into a file and the file into the chat, if she still may have it."""
    speaker = await context.speaker_in(int(arguments["chat_id"]))
    scope = await context.read(records.scope_of, speaker, int(arguments["unit_id"]))
    period = Period(
        date.fromisoformat(str(arguments["since"])), date.fromisoformat(str(arguments["until"]))
    )
    file_format, language = str(arguments["file_format"]), speaker.language
    made_at = context.now().astimezone(ZoneInfo(context.services.zone))
    async with preparing.shown(context, speaker, arguments) as on_row:
        with TemporaryDirectory(dir=context.services.temporary_folder) as folder:
            path = Path(folder) / f"records.{file_format}"
            count = await context.read(
                _write, path, scope, period, language=language, made_at=made_at, on_row=on_row
            )
            data = path.read_bytes()
        name = context.label("records_file_name", language).format(
            unit=scope.unit_name, since=period.since, until=period.until
        )
        caption = context.text("records_caption", language, scope=scope, period=period, count=count)
        await context.send_file(
            speaker.chat_id, data, f"{name}.{file_format}", caption=caption.text
        )


def _write(
    session: Session,
    path: Path,
    scope: Scope,
    period: Period,
    *,
    language: str,
    made_at: datetime,
    on_row: Callable[[int], None],
) -> int:
    rows = records.rows(session, scope, period)
    if path.suffix == ".csv":
        return write_csv(rows, path, language=language, made_at=made_at, on_row=on_row)
    return write_xlsx(
        rows,
        path,
        language=language,
        period=period,
        unit_name=scope.unit_name,
        made_at=made_at,
        on_row=on_row,
    )


BUTTONS: dict[str, Act] = {
    "records": pressed_period,
    "records_as": turned_format,
}
