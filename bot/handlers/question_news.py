"""What becomes of questions as it is sent, and what people say of an answer."""

from collections.abc import Sequence

from telegram import Update

from bot import buttons
from bot.context import WuxueContext
from bot.render import Renderer, entities
from bot.taps import Act, carried, number
from bot.telegram_channel import Edit, Text
from curriculum import answer_feedback
from curriculum.errors import NotThere
from curriculum.facts import Facts
from scheduler.channel import Part

HELPED, NOT_YET = "helped", "not_yet"


def parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """An answer with 有帮助 and 还没有 under it; a refusal and a correction without buttons."""
    text = renderer.text("question_news", facts.language, **facts.values)
    keyboard = None
    if "answer_id" in facts.values:
        keyboard = buttons.row(
            *(
                buttons.press(
                    renderer.label(word, facts.language), HELPED, facts.values["answer_id"], word
                )
                for word in (HELPED, NOT_YET)
            )
        )
    return [Part(Text(text.text, tuple(entities(text)), keyboard), silent=False)]


def urgent_parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """The urgent questions of a day that are her turn, with the way to them.

    A later one joins the message that stands already, without a sound.
    """
    text = renderer.text("urgent_question", facts.language, **facts.values)
    label = renderer.label("open_question", facts.language)
    one = ("urgent_one", facts.values["question_id"], 0)
    carries = one if facts.values["count"] == 1 else ("open", "waiting_questions")
    keyboard = buttons.row(buttons.press(label, *carries))
    said = Text(text.text, tuple(entities(text)), keyboard)
    message_id = facts.values["message_id"]
    if message_id is not None:
        return [Part(Edit(said, message_id), silent=True)]
    return [Part(said, silent=False)]


async def pressed(update: Update, context: WuxueContext) -> None:
    """有帮助 or 还没有 under an answer."""
    speaker = await context.speaker(update)
    which, word = carried(update, HELPED, 2)
    if word not in (HELPED, NOT_YET):
        raise NotThere
    await context.in_session(
        answer_feedback.say, speaker, number(which), helped=word == HELPED, now=context.now()
    )
    await context.answer(update, context.label(f"{word}_toast", speaker.language))


BUTTONS: dict[str, Act] = {HELPED: pressed}
