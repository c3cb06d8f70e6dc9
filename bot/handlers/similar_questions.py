"""这个可能有用, 我也想问 and 大家问答 in chat: what others asked, and what they were answered."""

import asyncio
from typing import TYPE_CHECKING

import structlog
from telegram import InlineKeyboardMarkup, Update

from bot import buttons
from bot.context import WuxueContext
from bot.handlers import danger
from bot.handlers.question_pages import pressed, show_page
from bot.services import Services
from bot.taps import Act, carried, number
from curriculum import answer_feedback, similar_questions, story_library, story_sources
from curriculum.people import Speaker

if TYPE_CHECKING:
    from curriculum.likely_questions import Likely

log = structlog.get_logger(__name__)


def offer_later(context: WuxueContext, speaker: Speaker, question_id: int) -> None:
    """Look for earlier questions like this one beside everything else, and show what is found.

    The question is stored and answered for already; a failure costs the hint and nothing more.
    """
    errand = asyncio.create_task(_offer(context, speaker, question_id))
    context.services.errands.add(errand)
    errand.add_done_callback(context.services.errands.discard)


async def _offer(context: WuxueContext, speaker: Speaker, question_id: int) -> int:
    try:
        shown = await _found(context, speaker, question_id)
        return shown + await _stories(context, speaker, question_id)
    except Exception:
        log.exception("nothing_similar_shown", question=question_id)
        return 0


def _likely(services: Services) -> "Likely":
    """The one that this process has; what it compares with is loaded with it."""
    from curriculum.likely_questions import Likely

    if not services.likely:
        services.likely.append(Likely())
    return services.likely[0]


async def _found(context: WuxueContext, speaker: Speaker, question_id: int) -> int:
    """How many were shown."""
    services = context.services
    likely = await asyncio.to_thread(_likely, services)
    after = likely.last
    rows = await context.read(similar_questions.rows_since, after, bot=services.bot_id)
    found = await asyncio.to_thread(likely.find, rows, question_id, after=after)
    if found.means_danger:
        await danger.maybe(context, speaker, question_id)
    if found.made:
        await services.database.write(similar_questions.keep, found.made)
    offers = await context.read(similar_questions.offers, speaker, found.similar)
    if not offers:
        return 0
    language = speaker.language
    keys = []
    for place, one in enumerate(offers, start=1):
        verb, label = ("read_answer", "see_answer") if one.answer else ("vote", "me_too")
        if one.answer or not one.has_voted:
            words = f"{place} {context.label(label, language)}"
            keys.append([buttons.press(words, verb, one.question_id)])
    text = context.text("similar_questions", language, offers=offers)
    await context.say(speaker.chat_id, text, InlineKeyboardMarkup(keys), silent=True)
    return len(offers)


async def _stories(context: WuxueContext, speaker: Speaker, question_id: int) -> int:
    """How many colleagues' stories were shown that may have to do with her question."""
    found = await context.read(story_library.like_question, question_id, speaker)
    if found:
        keys = [buttons.press(str(n), "story", line.story_id) for n, line in enumerate(found, 1)]
        text = context.text("stories_like", speaker.language, stories=found)
        await context.say(speaker.chat_id, text, InlineKeyboardMarkup([keys]), silent=True)
    return len(found)


async def vote(update: Update, context: WuxueContext) -> None:
    """我也想问: counted once; the answer comes to her too."""
    speaker = await context.speaker(update)
    (question_id,) = map(number, carried(update, "vote", 1))
    is_new = await context.in_session(answer_feedback.vote, speaker, question_id, now=context.now())
    word = "voted_toast" if is_new else "voted_before_toast"
    await context.answer(update, context.label(word, speaker.language))


async def read(update: Update, context: WuxueContext) -> None:
    """看答复 under a similar question, or a number of 大家问答."""
    speaker = await context.speaker(update)
    (question_id,) = map(number, carried(update, "read_answer", 1))
    found = await context.read(similar_questions.read, speaker, question_id)
    helped = await context.read(
        story_sources.may_propose, speaker, story_sources.ANSWER, question_id
    )
    await context.answer(update)
    text = context.text("answered_question", speaker.language, offer=found)
    label = context.label("answered_questions", speaker.language)
    keys = [buttons.press(label, "answered", 0)]
    if helped:
        label = context.label("nominate_story", speaker.language)
        keys.insert(0, buttons.press(label, "nominate_from", story_sources.ANSWER, question_id))
    await context.say(speaker.chat_id, text, buttons.row(*keys), silent=True)


async def overview(update: Update, context: WuxueContext) -> None:
    """大家问答: the first page."""
    await _show_page(update, context, 0)


async def turned(update: Update, context: WuxueContext) -> None:
    """Another page, in the same message."""
    (page,) = map(number, carried(update, "answered", 1))
    await _show_page(update, context, page)
    await context.answer(update)


async def _show_page(update: Update, context: WuxueContext, page: int) -> None:
    speaker = await context.speaker(update)
    found = await context.read(similar_questions.answered, speaker, page=page)
    await show_page(
        update,
        context,
        speaker.language,
        found,
        template="answered_questions",
        turn="answered",
        opening=("read_answer", False),
        is_new=not pressed(update, "answered:"),
    )


BUTTONS: dict[str, Act] = {"vote": vote, "read_answer": read, "answered": turned}
