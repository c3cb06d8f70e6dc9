"""Filling in a record: one message copied and sent back, a Word document, or field by field."""

import asyncio
from collections.abc import Sequence

from sqlmodel import Session
from telegram import Update

from bot import guarding, supervision_record_pages
from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, drop
from bot.handlers.supervision_records import read, show_record
from bot.reports.docx_text import NoDocument
from bot.taps import Act, carried, number
from curriculum import supervision_records
from curriculum.errors import NotThere
from curriculum.people import Speaker
from curriculum.supervision_errors import RecordNotRead, RecordTextTooLong
from curriculum.supervision_record_form import (
    CASE_LIMIT,
    DATE,
    FIELDS,
    FORM_LIMIT,
    FUNCTIONS,
    LIMIT,
    MINUTES,
    MODE,
    NEEDED,
    split_fields,
)
from curriculum.supervision_record_view import RecordView
from curriculum.supervision_texts import TEXTS

TEXT, FIELD = "sup_rec_text", "sup_rec_field"
MAX_FILE = 5_000_000
KEEP = "#keep"
# What is offered beside typing, as it would be typed.
MINUTES_OFFERED = ("30", "60", "90")


async def begin_text(update: Update, context: WuxueContext, forms: Forms) -> None:
    """一次写完: the form to copy, filled in as far as it is known."""
    speaker = await context.speaker(update)
    (record_id,) = map(number, carried(update, TEXT, 1))
    view = await _own(context, speaker, record_id)
    form = supervision_record_pages.form(context.services.renderer, view)
    if len(form) > FORM_LIMIT:
        # One message does not hold it; a document does.
        await _send_docx(update, context, speaker, view)
        return
    await context.answer(update)
    answers: Answers = {
        "record": record_id,
        "form": form,
        "language": speaker.language,
    }
    # Not protected: what may not be copied cannot be filled in. It goes when it was sent back.
    await forms.start(update, context, TEXT, answers)


async def _own(context: WuxueContext, speaker: Speaker, record_id: int) -> RecordView:
    view = await read(context, speaker, record_id)
    if not view.is_writer or view.state != "draft":
        raise NotThere
    return view


async def _has_fields(update: Update, context: WuxueContext, answers: Answers, came: str) -> str:
    """The message as it came, if it has fields; raises RecordNotRead, RecordTextTooLong."""
    del update, context, answers
    if len(came) > FORM_LIMIT:
        raise RecordTextTooLong(limit=FORM_LIMIT)
    if not any(split_fields(came).values()):
        raise RecordNotRead
    return came


async def _finish_text(update: Update, context: WuxueContext, answers: Answers) -> None:
    await _store(update, context, answers, TEXT, "")


async def _store(
    update: Update, context: WuxueContext, answers: Answers, form: str, code: str
) -> None:
    """Keep what was written, and take it out of the chat; the record shows what was understood."""
    speaker = await context.speaker(update)
    record_id = int(answers["record"])

    def store(session: Session) -> None:
        supervision_records.save_written(
            session,
            speaker,
            record_id,
            answers["text"],
            code,
            note_key=context.services.note_key,
            now=context.now(),
        )
        drop(session, context, speaker.chat_id, form)

    await context.in_session(store)
    erased = await guarding.erase(update, context, answers, "text", is_private=True)
    following = _following(code) if code else ""
    if following:
        await _ask(update, context, speaker, record_id, following)
    else:
        await show_record(update, context, speaker, record_id, is_new=True, erased=erased)


async def give_docx(update: Update, context: WuxueContext) -> None:
    """用Word: the form as a document, to be filled in and sent back."""
    speaker = await context.speaker(update)
    (record_id,) = map(number, carried(update, "sup_rec_docx", 1))
    await _send_docx(update, context, speaker, await _own(context, speaker, record_id))


async def _send_docx(
    update: Update, context: WuxueContext, speaker: Speaker, view: RecordView
) -> None:
    renderer = context.services.renderer
    await context.answer(update, context.label("working", speaker.language))
    data = await asyncio.to_thread(supervision_record_pages.form_docx, renderer, view)
    name = context.label("supervision_paper", speaker.language)
    caption = context.text("supervision_record_docx", speaker.language).text
    await context.send_file(speaker.chat_id, data, f"{name}.docx", caption=caption)


async def received(update: Update, context: WuxueContext, forms: Forms) -> bool:
    """A record's document sent back; False for any other file."""
    message = update.effective_message
    document = message.document if message is not None else None
    is_word = document is not None and (document.file_name or "").lower().endswith(".docx")
    if document is None or not is_word or (document.file_size or 0) > MAX_FILE:
        return False
    speaker = await context.speaker(update)
    sent = await context.bot.get_file(document.file_id)
    data = bytes(await sent.download_as_bytearray())
    try:
        found = await asyncio.to_thread(supervision_record_pages.read_docx, data)
    except NoDocument:
        # Whoever takes files next says what is wrong with it.
        return False
    if found is None:
        return False
    record_id, written = found
    await _own(context, speaker, record_id)
    answers = guarding.given(update, "text", await _has_fields(update, context, {}, written))
    answers |= {"record": record_id, "language": speaker.language}
    await forms.start(update, context, TEXT, answers)
    return True


async def steps(update: Update, context: WuxueContext) -> None:
    """逐项写: on with the first field that is empty, else from the beginning."""
    speaker = await context.speaker(update)
    (record_id,) = map(number, carried(update, "sup_rec_steps", 1))
    view = await _own(context, speaker, record_id)
    known = supervision_record_pages.values(context.services.renderer, view)
    begun = any(known.get(code) for code in TEXTS)
    first = next((code for code in FIELDS if not known.get(code)), FIELDS[0])
    await context.answer(update)
    await _ask(update, context, speaker, record_id, first if begun else FIELDS[0])


def _following(code: str) -> str:
    """The field after this one, "" after the last."""
    place = FIELDS.index(code) + 1
    return FIELDS[place] if place < len(FIELDS) else ""


async def _ask(
    update: Update, context: WuxueContext, speaker: Speaker, record_id: int, code: str
) -> None:
    view = await _own(context, speaker, record_id)
    known = supervision_record_pages.values(context.services.renderer, view).get(code) or ""
    if code in (DATE, "next_on") and known and not isinstance(known, str):
        known = context.services.renderer.day(known, speaker.language)
    answers: Answers = {
        "record": record_id,
        "field": code,
        "old": known if isinstance(known, str) else "\n".join(known),
        "limit": LIMIT if code in TEXTS else CASE_LIMIT,
        "left": len(FIELDS) - FIELDS.index(code) - 1,
        "language": speaker.language,
    }
    await Forms(*FORMS).start(update, context, FIELD, answers)


async def _offer(
    update: Update, context: WuxueContext, answers: Answers
) -> Sequence[tuple[str, str]]:
    """The usual answers of a field, and leaving it as it is where that is possible."""
    del update
    language, code = answers["language"], answers["field"]
    words = {
        DATE: [context.label("today_word", language)],
        MINUTES: list(MINUTES_OFFERED),
        MODE: [context.label(f"supervision_{mode}", language) for mode in ("online", "offline")],
        FUNCTIONS: [
            context.label(f"supervision_{name}", language)
            for name in ("administrative", "educational", "supportive")
        ],
    }.get(code, [])
    offered = [(word, word) for word in words]
    if answers["old"] or code not in NEEDED:
        offered.append((KEEP, context.label("keep_field" if answers["old"] else "skip", language)))
    return offered


async def _settle(update: Update, context: WuxueContext, answers: Answers, came: str) -> str:
    """What was written for a field, where it is understood; its refusal otherwise."""
    if came == KEEP:
        return ""
    speaker = await context.speaker(update)
    await context.read(
        supervision_records.understood,
        speaker,
        int(answers["record"]),
        came,
        answers["field"],
        now=context.now(),
    )
    return came


async def _finish_field(update: Update, context: WuxueContext, answers: Answers) -> None:
    if answers["text"]:
        await _store(update, context, answers, FIELD, answers["field"])
        return
    speaker = await context.speaker(update)
    record_id = int(answers["record"])
    await context.in_session(drop, context, speaker.chat_id, FIELD)
    following = _following(answers["field"])
    if following:
        await _ask(update, context, speaker, record_id, following)
    else:
        await show_record(update, context, speaker, record_id)


BUTTONS: dict[str, Act] = {"sup_rec_docx": give_docx, "sup_rec_steps": steps}
FORM_BUTTONS = {TEXT: begin_text}
WAY_ON = ("back_to_record", "sup_rec", "{record}")
FORMS = (
    Form(
        TEXT,
        guarding.behind_guard(
            Step("text", "supervision_record_text", settle=_has_fields, is_needed=guarding.is_asked)
        ),
        _finish_text,
        way_out="stop_here",
        left="supervision_record_stopped",
        way_on=WAY_ON,
    ),
    Form(
        FIELD,
        guarding.behind_guard(
            Step("text", "supervision_record_field", settle=_settle, offer=_offer)
        ),
        _finish_field,
        protected=True,
        way_out="stop_here",
        left="supervision_record_stopped",
        way_on=WAY_ON,
    ),
)
