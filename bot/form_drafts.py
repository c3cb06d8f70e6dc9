"""A form's draft row: begun, kept step by step, read again, forgotten."""

import secrets
from datetime import timedelta

from sqlmodel import Session
from telegram import Update

from bot.context import WuxueContext
from bot.form_steps import Answers, Form
from curriculum.errors import NotThere
from curriculum.people import Speaker
from storage import drafts
from storage.drafts import OpenDraft

KEPT = timedelta(days=7)
FIRST_VERSIONS = 1_000_000


def chat_of(update: Update) -> int:
    """The private chat of whoever fills in a form; raises NotThere."""
    if update.effective_user is None:
        raise NotThere
    return update.effective_user.id


async def begin(
    update: Update,
    context: WuxueContext,
    form: Form,
    answers: Answers,
    *,
    instead_of: str | None = None,
) -> OpenDraft:
    """Begin a form whose first step the caller shows, with buttons that carry its version.

    `instead_of` is a form that ends with it.
    """
    # A random first version, so that buttons of an earlier, dropped form fit nothing now.
    first = form.first(answers) or form.steps[-1]
    draft = OpenDraft(form.name, first.name, answers, secrets.randbelow(FIRST_VERSIONS))
    return await context.in_session(_begin, context, chat_of(update), draft, instead_of)


async def waiting(update: Update, context: WuxueContext) -> tuple[Speaker, OpenDraft] | None:
    """Who sent this, and the form that waits for something from her; None for anybody else."""
    speaker = await context.who(update)
    if speaker is None or not speaker.has_agreed or update.effective_message is None:
        return None
    draft = await context.read(current, context, speaker.chat_id)
    return None if draft is None else (speaker, draft)


def _begin(
    session: Session, context: WuxueContext, chat_id: int, draft: OpenDraft, instead_of: str | None
) -> OpenDraft:
    for form in {draft.form, instead_of or draft.form}:
        drop(session, context, chat_id, form)
    return save(session, context, chat_id, draft)


def save(session: Session, context: WuxueContext, chat_id: int, draft: OpenDraft) -> OpenDraft:
    """Keep a step; raises StaleDraft where the form went on in the meantime."""
    services, now = context.services, context.now()
    return drafts.save(
        session,
        draft,
        bot=services.bot_id,
        chat_id=chat_id,
        note_key=services.note_key,
        now=now,
        expires_at=now + KEPT,
    )


def note(session: Session, context: WuxueContext, chat_id: int, draft: OpenDraft) -> None:
    """Keep more beside the answers of a step that is shown already."""
    services = context.services
    drafts.note(session, draft, bot=services.bot_id, chat_id=chat_id, note_key=services.note_key)


def current(
    session: Session, context: WuxueContext, chat_id: int, form: str | None = None
) -> OpenDraft | None:
    """The form a chat is in the middle of, or the named one; None where it is gone."""
    services = context.services
    return drafts.current(
        session,
        bot=services.bot_id,
        chat_id=chat_id,
        form=form,
        note_key=services.note_key,
        now=context.now(),
    )


def drop(session: Session, context: WuxueContext, chat_id: int, form: str) -> None:
    """Forget a form with its answers, in the transaction that finishes it."""
    drafts.drop(session, bot=context.services.bot_id, chat_id=chat_id, form=form)
