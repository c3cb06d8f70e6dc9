"""The one error handler: a refusal gets its friendly sentence, a bug is logged and admitted."""

from datetime import timedelta

import structlog
from telegram import Update
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError

from bot.answering import is_harmless
from bot.context import Stranger, WuxueContext
from bot.handlers import consent, enrolment_forms
from bot.in_hand import IN_HAND
from bot.jobs import JobStopped
from curriculum.errors import NotThere, Refusal
from curriculum.joining_errors import CodeNotReadable, CodeNotValid, ConsentNeeded, InviteNotValid
from curriculum.rich_text import plain
from storage.drafts import StaleDraft
from storage.inbox import TakenOver

log = structlog.get_logger(__name__)
# Refusals after which a code to type may let a stranger in.
CODE_HELPS = (Stranger, InviteNotValid, CodeNotReadable, CodeNotValid)


async def on_error(update: object, context: WuxueContext) -> None:
    """Called by python-telegram-bot for whatever a handler raised."""
    error = context.error
    if error is None or not isinstance(update, Update):
        log.error("error_outside_update", error=type(error).__name__)
        return
    if isinstance(error, TakenOver):
        # Another receiver processes it, or has: whatever she needs to hear she hears from there.
        log.info("taken_over", update=update.update_id)
        return
    if isinstance(error, StaleDraft):
        error = NotThere()
    if isinstance(error, Refusal):
        try:
            await _refuse(update, context, error)
        except TelegramError as unsaid:
            # Whoever never began a chat with the bot, or ended it, cannot be told.
            log.info("refusal_not_said", update=update.update_id, error=type(unsaid).__name__)
        return
    if isinstance(error, Forbidden) or (isinstance(error, BadRequest) and is_harmless(error)):
        # She blocked the bot while we answered, or there was nothing left to change.
        log.info("answer_not_wanted", update=update.update_id)
        return
    in_hand = IN_HAND.get()
    if isinstance(error, JobStopped):
        # It is done again after the start, from the update that asked for it.
        if in_hand is not None:
            in_hand.postponed = timedelta()
        return
    if in_hand is not None:
        in_hand.failure = type(error).__name__
    if isinstance(error, NetworkError | RetryAfter) and not isinstance(error, BadRequest):
        # The network's fault, not ours; what was committed stays, only the words are lost.
        log.warning("answer_not_sent", update=update.update_id, error=type(error).__name__)
        return
    log.error("bug", update=update.update_id, exc_info=error)
    await _admit(update, context)


async def _refuse(update: Update, context: WuxueContext, error: Refusal) -> None:
    if isinstance(error, ConsentNeeded) and await consent.ask_again(update, context):
        return
    language = await context.language(update)
    sentence = context.services.renderer.refusal(error, language)
    if update.callback_query is not None:
        await context.answer(update, sentence, alert=True)
    elif update.effective_chat is not None and update.effective_chat.type == "private":
        is_outside = isinstance(error, CODE_HELPS) and await context.who(update) is None
        way_in = enrolment_forms.code_keyboard(context, language) if is_outside else None
        await context.say(update.effective_chat.id, plain(sentence), way_in)


async def _admit(update: Update, context: WuxueContext) -> None:
    """Say that something went wrong on our side and was noticed; never fail over it."""
    try:
        language = await context.language(update)
        if update.callback_query is not None:
            await context.answer(update, context.label("bug", language), alert=True)
        elif update.effective_chat is not None and update.effective_chat.type == "private":
            await context.say(update.effective_chat.id, context.text("bug", language))
    except TelegramError:
        log.warning("bug_not_admitted", update=update.update_id)


async def refuse_job(context: WuxueContext, error: Exception, *, chat_id: int) -> None:
    """What `on_error` does, for a job that nobody waits for in a handler."""
    if isinstance(error, Refusal):
        language = await context.language_of(chat_id)
        await context.say(chat_id, plain(context.services.renderer.refusal(error, language)))
    else:
        log.info("job_not_wanted", error=type(error).__name__)


async def give_up_job(context: WuxueContext, *, chat_id: int) -> None:
    """Say that a job failed for the last time and was noticed; never fail over it."""
    try:
        await context.say(chat_id, context.text("bug", await context.language_of(chat_id)))
    except TelegramError:
        log.warning("bug_not_admitted")
