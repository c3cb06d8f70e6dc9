"""督导记录 in chat, for its writer: begun, looked at, handed on, taken back, dropped."""

from collections.abc import Callable
from typing import Any

from telegram import Update

from bot import buttons, supervision_record_pages
from bot.context import WuxueContext
from bot.forms import show
from bot.handlers.directory import with_navigation
from bot.taps import Act, carried, number
from curriculum import (
    supervision_confirming,
    supervision_record_view,
    supervision_records,
    supervision_sealing,
    supervision_submitting,
)
from curriculum.people import Speaker
from curriculum.supervision_record_view import RecordView


async def read(context: WuxueContext, speaker: Speaker, record_id: int) -> RecordView:
    """A record as she sees it now; raises NotThere."""
    return await context.read(
        supervision_record_view.view,
        speaker,
        record_id,
        note_key=context.services.note_key,
        now=context.now(),
        confirm_within=context.services.confirm_within,
    )


async def show_record(
    update: Update,
    context: WuxueContext,
    speaker: Speaker,
    record_id: int,
    *,
    is_new: bool = False,
    erased: str = "",
) -> None:
    """A record, in a message that can be neither forwarded nor saved."""
    view = await read(context, speaker, record_id)
    text, keyboard = supervision_record_pages.page(context.services.renderer, view, erased=erased)
    is_new = is_new or not is_protected(update)
    await show(update, context, text, keyboard, is_new=is_new, protected=True)


def is_protected(update: Update) -> bool:
    """Whether the message that was pressed may neither be forwarded nor saved."""
    message = update.effective_message
    return bool(message is not None and message.has_protected_content)


async def opened(update: Update, context: WuxueContext) -> None:
    """One record."""
    speaker = await context.speaker(update)
    (record_id,) = map(number, carried(update, "sup_rec", 1))
    await show_record(update, context, speaker, record_id)
    await context.answer(update)


async def begin(update: Update, context: WuxueContext) -> None:
    """写记录: of a booked session, or of one that was not booked (0)."""
    speaker = await context.speaker(update)
    pair_id, booking_id = map(number, carried(update, "sup_rec_new", 2))
    record_id = await context.in_session(
        supervision_records.begin,
        speaker,
        pair_id,
        booking_id or None,
        note_key=context.services.note_key,
        now=context.now(),
    )
    await context.answer(update)
    await show_record(update, context, speaker, record_id)


async def submit(update: Update, context: WuxueContext) -> None:
    """提交."""
    speaker = await context.speaker(update)
    seen, record_id = map(number, carried(update, "sup_rec_submit", 2))
    await context.in_session(
        supervision_submitting.submit,
        speaker,
        record_id,
        seen=seen,
        note_key=context.services.note_key,
        now=context.now(),
    )
    await _changed(update, context, speaker, record_id, "changed_toast")


async def _changed(
    update: Update, context: WuxueContext, speaker: Speaker, record_id: int, toast: str
) -> None:
    await context.answer(update, context.label(toast, speaker.language))
    await show_record(update, context, speaker, record_id)
    context.send_what_is_due()


async def confirm(update: Update, context: WuxueContext) -> None:
    """确认."""
    speaker = await context.speaker(update)
    seen, record_id = map(number, carried(update, "sup_rec_confirm", 2))
    await context.in_session(
        supervision_confirming.confirm, speaker, record_id, seen=seen, now=context.now()
    )
    await _changed(update, context, speaker, record_id, "changed_toast")


def _undoing(what: str, act: Callable[..., None], *, opens: bool = True) -> Act:
    """撤销 of one kind of change."""
    verb = f"sup_rec_undo_{what}"

    async def undo(update: Update, context: WuxueContext) -> None:
        speaker = await context.speaker(update)
        seen, record_id = map(number, carried(update, verb, 2))
        key: dict[str, Any] = {"note_key": context.services.note_key} if opens else {}
        await context.in_session(act, speaker, record_id, seen=seen, now=context.now(), **key)
        await _changed(update, context, speaker, record_id, "taken_back_toast")

    return undo


async def ask_drop(update: Update, context: WuxueContext) -> None:
    """删掉草稿: asks once."""
    speaker = await context.speaker(update)
    (record_id,) = map(number, carried(update, "sup_rec_drop", 1))
    view = await read(context, speaker, record_id)
    language = speaker.language
    await context.answer(update)
    drop = buttons.press(context.label("drop_draft", language), "sup_rec_dropped", record_id)
    back = buttons.press(context.label("back_to_record", language), "sup_rec", record_id)
    text = context.text("supervision_record_drop", language, view=view, is_done=False)
    await show(update, context, text, with_navigation([drop], [back]), protected=True)


async def drop(update: Update, context: WuxueContext) -> None:
    """删掉草稿 a second time."""
    speaker = await context.speaker(update)
    (record_id,) = map(number, carried(update, "sup_rec_dropped", 1))
    pair_id = await context.in_session(
        supervision_records.drop, speaker, record_id, now=context.now()
    )
    language = speaker.language
    await context.answer(update, context.label("changed_toast", language))
    back = buttons.press(context.label("to_records", language), "sup_recs", pair_id or 0, 0, "")
    text = context.text("supervision_record_drop", language, view=None, is_done=True)
    await show(update, context, text, buttons.row(back), protected=True)


BUTTONS: dict[str, Act] = {
    "sup_rec": opened,
    "sup_rec_new": begin,
    "sup_rec_submit": submit,
    "sup_rec_confirm": confirm,
    "sup_rec_undo_submit": _undoing("submit", supervision_submitting.take_back),
    "sup_rec_undo_confirm": _undoing("confirm", supervision_confirming.take_back),
    "sup_rec_undo_return": _undoing("return", supervision_confirming.take_back),
    "sup_rec_undo_add": _undoing("add", supervision_sealing.take_back_addition, opens=False),
    "sup_rec_drop": ask_drop,
    "sup_rec_dropped": drop,
}
