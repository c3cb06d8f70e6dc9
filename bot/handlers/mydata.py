"""我的资料 and 删除资料: her copy as files, and being forgotten, each in the private chat alone."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from sqlmodel import Session
from telegram import InlineKeyboardMarkup, InputFile, ReplyKeyboardRemove, Update
from telegram.constants import ChatAction
from telegram.error import TelegramError

from bot import buttons, menus, personal_data, preparing
from bot.context import WuxueContext
from bot.forms import show
from bot.handlers import forgetting
from bot.jobs import Arguments
from bot.reports.personal_data import as_json, as_workbook, copy_words
from bot.services import Services
from bot.taps import carried, number
from curriculum.errors import NotThere
from curriculum.people import Speaker

log = structlog.get_logger(__name__)
Act = Callable[[Update, WuxueContext], Coroutine[Any, Any, None]]
COPY = "personal_copy"
# A copy of so many rows is there in a moment.
ROWS_AT_ONCE = 2_000
SURE, KEEP = "sure", "keep"
# What a person wrote, by section of her copy, and by what `forget` counts.
WORDS = {
    "questions": "questions",
    "answers_given": "answers_given",
    "minutes_written": "minutes_written",
    "used_lessons": "used_sentences",
    "stories": "stories",
    "visit_logs": "visit_logs",
    "visit_returns": "visit_returns",
    "topic_words": "topic_words",
    "theme_answers": "theme_answers",
}


@dataclass(frozen=True, slots=True)
class _Files:
    """A copy as both its files, and how many rows it has."""

    table: bytes
    data: bytes
    rows: int


async def mydata(update: Update, context: WuxueContext) -> None:
    """/mydata: everything that is kept of her, as a workbook and as JSON."""
    speaker = await context.speaker(update)
    await context.bot.send_chat_action(speaker.chat_id, ChatAction.UPLOAD_DOCUMENT)
    arguments: dict[str, int | str] = {"chat_id": speaker.chat_id}
    rows = await context.read(personal_data.size, speaker.person_id)
    if context.services.jobs.is_queued or rows > ROWS_AT_ONCE:
        arguments |= await preparing.announce(context, speaker, rows=rows)
    await context.services.jobs.run(COPY, arguments)


async def send_copy(context: WuxueContext, arguments: Arguments) -> None:
    """Make both files and send them to the chat that asked, whoever speaks there now."""
    speaker = await context.speaker_in(int(arguments["chat_id"]))
    language, services = speaker.language, context.services
    made_at = context.now().astimezone(ZoneInfo(services.zone))
    async with preparing.shown(context, speaker, arguments):
        # In the database's thread: a workbook of years takes seconds.
        made = await context.read(_made, services, speaker, made_at)
        name = context.label("mydata_file_name", language).format(date=made_at.date())
        caption = context.text("mydata_caption", language, count=made.rows).text
        for kind, content, said in (("xlsx", made.table, caption), ("json", made.data, None)):
            await _send(context, speaker, InputFile(content, filename=f"{name}.{kind}"), said)


def _made(session: Session, services: Services, speaker: Speaker, made_at: datetime) -> _Files:
    found = personal_data.collect(session, speaker.person_id, note_key=services.note_key)
    table = as_workbook(found, language=speaker.language, made_at=made_at)
    rows = sum(len(section.rows) for section in found)
    return _Files(table, as_json(found, made_at=made_at), rows)


async def _send(
    context: WuxueContext, speaker: Speaker, file: InputFile, caption: str | None
) -> None:
    await context.patiently(
        lambda: context.bot.send_document(
            speaker.chat_id, file, caption=caption, disable_notification=caption is None
        )
    )


async def forget(update: Update, context: WuxueContext) -> None:
    """/forget: what goes, what stays and why; nothing is erased yet.

    With a name behind it: for somebody without a chat of her own.
    """
    speaker = await context.speaker(update)
    if context.args and speaker.may("manage_people"):
        await forgetting.find(update, context, speaker)
        return
    await _explain(update, context, speaker)


async def _explain(update: Update, context: WuxueContext, speaker: Speaker) -> None:
    language, now = speaker.language, context.now()
    found = await context.read(
        personal_data.collect, speaker.person_id, note_key=context.services.note_key
    )
    kept = {section.name: len(section.rows) for section in found}
    words = _named({WORDS[name]: count for name, count in kept.items() if name in WORDS}, language)
    minute = forgetting.minute_of(now)
    rows = [
        [buttons.press(context.label("mydata", language), "open", "mydata")],
        [buttons.press(context.label("forget_me", language), "forget", SURE, minute)],
        [buttons.press(context.label("forget_not", language), "forget", KEEP, minute)],
    ]
    text = context.text("forget_ask", language, words=words)
    await show(update, context, text, InlineKeyboardMarkup(rows), is_new=True)


async def pressed(update: Update, context: WuxueContext) -> None:
    """删除我的资料, 不删了."""
    act, minute = carried(update, "forget", 2)
    speaker = await context.speaker(update)
    if act == KEEP:
        await context.answer(update)
        await show(update, context, context.text("forget_kept", speaker.language))
    elif act == SURE and forgetting.holds(number(minute), context.now()):
        await _forget(update, context, speaker)
    elif act == SURE:
        await context.answer(update, context.label("step_passed", speaker.language))
        await _explain(update, context, speaker)
    else:
        raise NotThere


async def _forget(update: Update, context: WuxueContext, speaker: Speaker) -> None:
    erased = await context.in_session(personal_data.forget, speaker, now=context.now())
    await context.services.forgotten.keep()
    # Questions that are compared in memory hold what hers were about.
    context.services.likely.clear()
    await personal_data.clean_up(context.services.database, chat_id=speaker.chat_id)
    language = speaker.language
    await context.answer(update)
    await _take_away(update, context)
    text = context.text("forget_done", language, words=_named(erased, language))
    await context.say(speaker.chat_id, text, ReplyKeyboardRemove())
    await menus.offer(context, speaker.chat_id)


async def _take_away(update: Update, context: WuxueContext) -> None:
    """The explanation goes, since nothing under it can be pressed any more."""
    asked = update.effective_message
    if asked is None:
        return
    try:
        await context.bot.delete_message(asked.chat_id, asked.message_id)
    except TelegramError as error:
        log.info("not_taken_away", message=asked.message_id, error=type(error).__name__)


def _named(counts: Mapping[str, int], language: str) -> list[tuple[str, int]]:
    """What she wrote and how much of it, by the names the copy gives it."""
    names = copy_words(language)["sections"]
    found = [(names[section], counts.get(kind, 0)) for section, kind in WORDS.items()]
    return [(name, count) for name, count in found if count]


BUTTONS: dict[str, Act] = {"forget": pressed}
