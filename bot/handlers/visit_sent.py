"""What is sent for a visit's log: into the entry being written, or offered to it unasked."""

from typing import Any

from sqlmodel import Session
from telegram import Message, Update

from bot import albums, guarding
from bot.context import WuxueContext
from bot.forms import TYPED, Answers, Forms, current, drop, show
from bot.handlers import visit_writing
from bot.handlers.visit_log import WRITE, entry_page
from bot.taps import Act
from curriculum import visit_hub, visit_log
from curriculum.errors import NotThere
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.visit_access import usable
from curriculum.visit_log import LIMITS, PICTURE, TEXT, VOICE, EntryView, Words
from curriculum.visit_log_errors import VisitLogTakesOther, VisitWordsFirst, VisitWordsNotUsable

# What is shown or heard, and no log takes.
OTHER = "other"
# The steps at which what is sent belongs to the entry being written.
OPEN_STEPS = ("maybe", "day", "text")


async def received(update: Update, context: WuxueContext, *, otherwise: Act) -> None:
    """A picture or recording for the entry being written; `otherwise` takes others.

    Its words are asked for, unless they came with it. On the way a picture that nothing asked for
    is offered to the log.
    """
    found, message = await context.who(update), update.effective_message
    kind = _kind_of(message) if message is not None else None
    begun = None
    if found is not None and found.has_agreed and kind is not None:
        begun = await _begun(context, found, kind)
    if message is None or kind is None or begun is None:
        await otherwise(update, context)
        return
    if kind == OTHER:
        raise VisitLogTakesOther
    sent = await _with_files(context, message, begun, kind)
    if sent is not None:
        await _ask(update, context, *sent)


def _kind_of(message: Message) -> str | None:
    """What a message brings that may be meant for a log; None for words and for papers."""
    if message.photo:
        return PICTURE
    if message.voice is not None:
        return VOICE
    shown = (message.video, message.video_note, message.animation, message.audio, message.sticker)
    document = message.document
    is_shown = document is not None and (document.mime_type or "").startswith(("image/", "video/"))
    return OTHER if is_shown or any(one is not None for one in shown) else None


async def _begun(context: WuxueContext, speaker: Speaker, kind: str) -> Answers | None:
    """The entry that is being written, or that a picture on the way may become; None for none.

    Raises VisitWordsFirst where the entry waits for an answer that no file gives.
    """
    draft = await context.read(current, context, speaker.chat_id)
    if draft is not None:
        if draft.form != WRITE:
            return None
        if draft.step not in OPEN_STEPS:
            raise VisitWordsFirst
        return dict(draft.answers)
    now = context.now()
    journey = await context.read(visit_hub.under_way, speaker, now=now)
    if kind != PICTURE or journey is None:
        return None
    visit_id, title = journey
    days = await context.read(visit_log.days_to_write, speaker, visit_id, now=now)
    answers = visit_writing.begun(speaker, visit_id, days, local_date(now, ZONE))
    return answers | {"unasked": True, "title": title}


async def _with_files(
    context: WuxueContext, message: Message, begun: Answers, kind: str
) -> tuple[Answers, str, list[int]] | None:
    """The entry with what came now, its caption and messages; None while more is on its way.

    Raises VisitWordsFirst for a recording beside pictures or another one, and what too much raises.
    """
    files, seconds = [tuple(one) for one in begun.get("files", ())], 0
    if files and (kind, begun["kind"]) != (PICTURE, PICTURE):
        raise VisitWordsFirst
    if message.voice is not None:
        files.append((message.voice.file_id, message.voice.file_size or 0))
        duration: Any = message.voice.duration
        seconds = int(duration.total_seconds() if hasattr(duration, "total_seconds") else duration)
        caption, message_ids = message.caption or "", [message.message_id]
    else:
        pictures = await albums.whole(context, message)
        if pictures is None:
            return None
        files += [(one.file_id, one.size) for one in pictures]
        captions = [one.caption for one in pictures if one.caption.strip()]
        caption, message_ids = "\n".join(captions), [one.message_id for one in pictures]
    answers = begun | {"kind": kind, "files": files, "seconds": seconds}
    visit_log.check_files(visit_writing.words_of(answers, ""))
    return answers, caption, message_ids


async def _ask(
    update: Update,
    context: WuxueContext,
    answers: Answers,
    caption: str,
    message_ids: list[int],
) -> None:
    """Ask for the words, unless the caption has them; too long a caption loses no picture."""
    forms = Forms(*visit_writing.FORMS)
    if caption.strip():
        try:
            words = usable(caption, LIMITS[answers["kind"]])
        except VisitWordsNotUsable:
            await forms.start(update, context, WRITE, answers)
            raise
        answers |= guarding.given(update, "text", words)
        answers[TYPED] = message_ids
    await forms.start(update, context, WRITE, answers)


async def keep_words(update: Update, context: WuxueContext, answers: Answers, *, form: str) -> None:
    """Keep what was typed without a press as an entry of today; `form` asked what it is."""
    speaker = await context.speaker(update)
    journey = await context.read(visit_hub.under_way, speaker, now=context.now())
    if journey is None:
        raise NotThere
    words = Words(TEXT, answers["text"])

    def store(session: Session) -> EntryView:
        drop(session, context, speaker.chat_id, form)
        today = local_date(context.now(), ZONE)
        return visit_log.write(session, speaker, journey[0], today, words, now=context.now())

    entry = await context.in_session(store)
    erased = await guarding.erase(update, context, answers, "text")
    await show(update, context, *entry_page(context, speaker, entry, is_new=True, erased=erased))
