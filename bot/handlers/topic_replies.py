"""A reply to a paragraph of a topic: other words in its place, also where they come in several."""

from datetime import datetime

from telegram import Update

from bot import guarding, split_texts
from bot.context import WuxueContext
from bot.forms import PROMPTS, TYPED, Answers, Forms, current
from bot.handlers.topic_forms import TEXT
from curriculum import topic_texts, topic_themes
from curriculum.people import Speaker
from curriculum.topic_texts import Shown


async def replied(update: Update, context: WuxueContext, forms: Forms) -> bool:
    """A reply to a paragraph of a draft puts other words in its place; False for any other."""
    message = update.effective_message
    if message is None or message.reply_to_message is None or not message.text:
        return False
    speaker = await context.who(update)
    if speaker is None or not speaker.may("lead_topic"):
        return False
    shown = await context.read(topic_texts.shown_in, speaker, message.reply_to_message.message_id)
    if shown is None:
        return False
    written = await split_texts.whole(context, message)
    if written is None:
        return True
    await split_texts.say_joined(context, speaker.chat_id, speaker.language, written)
    so_far, version, seen = await _so_far(context, speaker, shown)
    text = topic_themes.usable_text("\n".join((*so_far, written.text)))
    answers: Answers = {
        "topic": shown.topic_id,
        "paragraph": shown.paragraph,
        "version": version,
        "goes_on": bool(so_far),
        "at": context.now().isoformat(),
        "language": speaker.language,
    }
    answers |= guarding.given(update, "text", text)
    answers[TYPED] = [*seen.get(TYPED, ()), *written.message_ids]
    answers[PROMPTS] = seen.get(PROMPTS, [])
    await forms.start(update, context, TEXT, answers)
    return True


async def _so_far(
    context: WuxueContext, speaker: Speaker, shown: Shown
) -> tuple[list[str], int, Answers]:
    """What a reply goes on with, the version it is of, and the answers of a form it takes over.

    That is a text the guard has not let through yet, or one that she has just put in place.
    """
    draft = await context.read(current, context, speaker.chat_id, TEXT)
    # At the step of the text itself she is about to write another one.
    seen = draft.answers if draft is not None and draft.step != "text" else {}
    if (seen.get("topic"), seen.get("paragraph")) == (shown.topic_id, shown.paragraph):
        at = datetime.fromisoformat(seen["at"]) if "at" in seen else None
        if at is not None and context.now() - at <= topic_texts.GOES_ON:
            return [seen["text"]], seen["version"], seen
    begun = await context.read(topic_texts.begun, speaker, shown, now=context.now())
    return ([begun.text], begun.version, {}) if begun else ([], shown.version, {})
