"""参观学习总结 in chat: fetched as Word or PDF, sent back edited, published after a look."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from sqlmodel import Session
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, InputFile, Update
from telegram.error import TelegramError

from bot import buttons
from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, current, drop, show
from bot.handlers.directory import with_navigation
from bot.handlers.visit_log import back_key
from bot.render import Renderer, entities
from bot.reports import documents, docx_blocks
from bot.reports.docx_text import NoDocument
from bot.reports.visit_summaries import summary_document
from bot.taps import Act, carried, number
from bot.telegram_channel import Text
from curriculum import visit_summary
from curriculum.facts import Facts
from curriculum.people import Speaker
from curriculum.rich_text import RichText, plain
from curriculum.visit_log_errors import VisitSummaryGone, VisitSummaryNotRead
from curriculum.visit_summary import Paper, Summary, SummaryPage
from scheduler.channel import Part

BACK, DONE = "visit_give_back", "done"
Key = InlineKeyboardButton


def told_parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """That there is a summary, silent, with the way to it."""
    text = renderer.text("visit_summary_told", facts.language, **facts.values)
    label = renderer.label("visit_see_summary", facts.language)
    key = buttons.press(label, "visit_paper", facts.values["visit_id"])
    return [Part(Text(text.text, tuple(entities(text)), buttons.row(key)), silent=True)]


async def opened(update: Update, context: WuxueContext) -> None:
    """参观总结: how it stands."""
    speaker = await context.speaker(update)
    (visit_id,) = map(number, carried(update, "visit_summary", 1))
    found = await context.read(visit_summary.page, speaker, visit_id, now=context.now())
    await context.answer(update)
    await show(update, context, *_page(context, speaker, found))


def _page(
    context: WuxueContext, speaker: Speaker, found: SummaryPage
) -> tuple[RichText, InlineKeyboardMarkup]:
    language, visit_id = speaker.language, found.visit_id

    def key(label: str, verb: str) -> Key:
        return buttons.press(context.label(label, language), verb, visit_id)

    is_out = found.published_at is not None
    wanted = (
        (True, key("visit_docx", "visit_docx")),
        (True, key("visit_pdf", "visit_pdf")),
        (True, key("visit_give_back", BACK)),
        (found.is_edited, key("visit_built", "visit_built")),
        (not is_out and not found.is_stale, key("visit_publish", "visit_publish")),
        (found.can_take_back, key("take_back", "visit_unpublish")),
        (found.can_undo, key("undo", "visit_unpublish")),
        (True, key("visit_steps", "visit_steps")),
    )
    keys = [one for is_there, one in wanted if is_there]
    text = context.text("visit_summary", language, found=found)
    return text, with_navigation(keys, [back_key(context, language, visit_id)])


async def fetch_docx(update: Update, context: WuxueContext) -> None:
    """看Word: built anew, to be looked at and edited."""
    speaker = await context.speaker(update)
    (visit_id,) = map(number, carried(update, "visit_docx", 1))
    found = await context.in_session(visit_summary.fetch, speaker, visit_id, now=context.now())
    await context.answer(update, context.label("working", speaker.language))
    await _send_docx(context, speaker, found)


async def fetch_pdf(update: Update, context: WuxueContext) -> None:
    """看PDF: what counts now to print, the edited document where there is one."""
    speaker = await context.speaker(update)
    (visit_id,) = map(number, carried(update, "visit_pdf", 1))
    found = await context.read(visit_summary.in_force, speaker, visit_id, now=context.now())
    await _send_pdf(update, context, speaker, found)


async def paper_pdf(update: Update, context: WuxueContext) -> None:
    """看PDF under a published summary: a phone without Word reads it too."""
    speaker = await context.speaker(update)
    (visit_id,) = map(number, carried(update, "visit_paper_pdf", 1))
    found = await context.read(visit_summary.paper, speaker, visit_id)
    await _send_pdf(update, context, speaker, found)


async def _send_pdf(update: Update, context: WuxueContext, speaker: Speaker, found: Paper) -> None:
    language, caption = speaker.language, None
    # A tap is answered once: that the file is not to be had is said in that answer.
    edited = await _edited(context, found.file_id) if found.file_id else None
    await context.answer(update, context.label("working", language))
    document = summary_document(found.summary, context.services.renderer, language)
    if edited is not None:
        try:
            read = await asyncio.to_thread(docx_blocks.read, edited)
        except NoDocument:
            # One that was taken in before its words were looked at.
            sentence = context.services.renderer.refusal(VisitSummaryNotRead(), language)
            await context.say(speaker.chat_id, plain(sentence))
            return
        document = replace(document, blocks=read.blocks)
        if read.left_out:
            caption = context.text("visit_pdf_caption", language, left_out=read.left_out).text
    data = await asyncio.to_thread(documents.pdf, document)
    file = InputFile(data, filename=_file_name(context, language, found.title, "pdf"))
    await context.patiently(
        lambda: context.bot.send_document(
            speaker.chat_id, file, caption=caption, disable_notification=True
        )
    )


async def _edited(context: WuxueContext, file_id: str) -> bytes:
    """The document that was sent back, read once already; raises VisitSummaryGone."""
    try:
        sent = await context.bot.get_file(file_id)
        return bytes(await sent.download_as_bytearray())
    except TelegramError as error:
        raise VisitSummaryGone from error


async def _send_docx(
    context: WuxueContext,
    speaker: Speaker,
    found: Summary,
    keyboard: InlineKeyboardMarkup | None = None,
) -> None:
    language = speaker.language
    document = summary_document(found, context.services.renderer, language)
    data = await asyncio.to_thread(documents.docx, document)
    file = InputFile(data, filename=_file_name(context, language, found.title, "docx"))
    await context.patiently(
        lambda: context.bot.send_document(
            speaker.chat_id, file, disable_notification=True, reply_markup=keyboard
        )
    )


def _file_name(context: WuxueContext, language: str, title: str, ending: str) -> str:
    name = f"{context.label('visit_summary', language)}_{title}.{ending}"
    return "".join("-" if sign in '/\\:*?"<>|' else sign for sign in name)


async def give_back(update: Update, context: WuxueContext, forms: Forms) -> None:
    """交回: the edited document is taken while this stands open."""
    speaker = await context.speaker(update)
    (visit_id,) = map(number, carried(update, BACK, 1))
    found = await context.read(visit_summary.page, speaker, visit_id, now=context.now())
    await context.answer(update)
    answers: Answers = {"visit": visit_id, "title": found.title, "language": speaker.language}
    await forms.start(update, context, BACK, answers)


async def received(update: Update, context: WuxueContext, *, otherwise: Act) -> None:
    """The edited summary that is waited for; `otherwise` takes any other file."""
    speaker, message = await context.who(update), update.effective_message
    document = message.document if message is not None else None
    draft = None
    if speaker is not None and speaker.has_agreed and document is not None:
        draft = await context.read(current, context, speaker.chat_id)
    if speaker is None or document is None or draft is None or draft.form != BACK:
        await otherwise(update, context)
        return
    visit_summary.check_size(document.file_size or 0)
    sent = await context.bot.get_file(document.file_id)
    data = bytes(await sent.download_as_bytearray())
    try:
        await asyncio.to_thread(docx_blocks.read, data)
    except NoDocument as error:
        raise VisitSummaryNotRead from error
    visit_id, file_id = int(draft.answers["visit"]), document.file_id

    def store(session: Session) -> SummaryPage:
        kept = visit_summary.keep(session, speaker, visit_id, file_id, now=context.now())
        drop(session, context, speaker.chat_id, BACK)
        return kept

    found = await context.in_session(store)
    await show(update, context, *_page(context, speaker, found), is_new=True)


async def _stop(update: Update, context: WuxueContext, answers: Answers) -> None:
    """不交了: as it stood."""
    speaker = await context.speaker(update)

    def store(session: Session) -> SummaryPage:
        drop(session, context, speaker.chat_id, BACK)
        return visit_summary.page(session, speaker, answers["visit"], now=context.now())

    found = await context.in_session(store)
    await show(update, context, *_page(context, speaker, found))


def _changing(verb: str, change: Callable[..., SummaryPage]) -> Act:
    """A button that does one thing to the summary and shows how it stands."""

    async def act(update: Update, context: WuxueContext) -> None:
        speaker = await context.speaker(update)
        (visit_id,) = map(number, carried(update, verb, 1))
        found = await context.in_session(change, speaker, visit_id, now=context.now())
        await context.answer(update, context.label("changed_toast", speaker.language))
        await show(update, context, *_page(context, speaker, found))

    return act


async def preview(update: Update, context: WuxueContext) -> None:
    """发给同行: to how many; sent only after another press."""
    speaker = await context.speaker(update)
    (visit_id,) = map(number, carried(update, "visit_publish", 1))
    found = await context.read(visit_summary.page, speaker, visit_id, now=context.now())
    await context.answer(update)
    language = speaker.language
    send = buttons.press(
        context.label("visit_publish_yes", language), "visit_summary_send", visit_id, found.version
    )
    back = buttons.press(context.label("back", language), "visit_summary", visit_id)
    text = context.text("visit_summary_preview", language, found=found)
    await show(update, context, text, with_navigation([send], [back]))


async def publish(update: Update, context: WuxueContext) -> None:
    """确认发出: it goes out in a minute, with 撤回 until then and 撤销 for ten."""
    speaker = await context.speaker(update)
    visit_id, seen = map(number, carried(update, "visit_summary_send", 2))
    found = await context.in_session(
        visit_summary.publish, speaker, visit_id, seen=seen, now=context.now()
    )
    await context.answer(update)
    await show(update, context, *_page(context, speaker, found))


async def paper(update: Update, context: WuxueContext) -> None:
    """看总结: the edited document as it was sent back, else the built one."""
    speaker = await context.speaker(update)
    (visit_id,) = map(number, carried(update, "visit_paper", 1))
    found = await context.read(visit_summary.paper, speaker, visit_id)
    await context.answer(update, context.label("working", speaker.language))
    as_pdf = context.label("visit_pdf", speaker.language)
    keyboard = buttons.row(buttons.press(as_pdf, "visit_paper_pdf", visit_id))
    if not found.file_id:
        await _send_docx(context, speaker, found.summary, keyboard)
        return
    file: Any = found.file_id
    await context.patiently(
        lambda: context.bot.send_document(
            speaker.chat_id, file, disable_notification=True, reply_markup=keyboard
        )
    )


BUTTONS: dict[str, Act] = {
    "visit_summary": opened,
    "visit_docx": fetch_docx,
    "visit_pdf": fetch_pdf,
    "visit_built": _changing("visit_built", visit_summary.drop_edited),
    "visit_unpublish": _changing("visit_unpublish", visit_summary.take_back),
    "visit_publish": preview,
    "visit_summary_send": publish,
    "visit_paper": paper,
    "visit_paper_pdf": paper_pdf,
}
FORM_BUTTONS = {BACK: give_back}
FORMS = (
    Form(
        BACK,
        (Step("file", "visit_summary_back", ((DONE, "back"),)),),
        _stop,
        can_cancel=False,
        asks_again=True,
    ),
)
