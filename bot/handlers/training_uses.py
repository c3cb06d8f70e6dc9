"""培训用上了没有, 30 and 60 days after: one tap, and one sentence that stays her own."""

from collections.abc import Sequence

from sqlmodel import Session
from telegram import Update

from bot import buttons, guarding
from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, drop, show
from bot.handlers import danger
from bot.render import Renderer, entities
from bot.taps import Act, carried, number
from bot.telegram_channel import Text
from curriculum import training_uses, used_lessons
from curriculum.facts import Facts
from scheduler.channel import Part

USED, SKIP = "training_used", "skip"


def parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """One message without a sound, with both answers."""
    text = renderer.text("training_use", facts.language, **facts.values)
    ids = (facts.values["event"].event_id, facts.values["days"])
    keys = [
        buttons.press(renderer.label("training_used", facts.language), USED, *ids),
        buttons.press(renderer.label("no_chance_yet", facts.language), "training_unused", *ids),
    ]
    return [Part(Text(text.text, tuple(entities(text)), buttons.row(*keys)), silent=True)]


async def not_yet(update: Update, context: WuxueContext) -> None:
    """还没机会: that is an answer too."""
    speaker = await context.speaker(update)
    event_id, days = map(number, carried(update, "training_unused", 2))
    await context.in_session(
        training_uses.note, speaker, event_id, days, is_used=False, now=context.now()
    )
    await context.answer(update)
    text = context.text("training_use_noted", speaker.language, said="none")
    await show(update, context, text, is_new=True)


async def used(update: Update, context: WuxueContext, forms: Forms) -> None:
    """用上了: kept at once; then one sentence on how, if she likes."""
    speaker = await context.speaker(update)
    event_id, days = map(number, carried(update, USED, 2))
    await context.in_session(
        training_uses.note, speaker, event_id, days, is_used=True, now=context.now()
    )
    await context.answer(update)
    answers: Answers = {"event": event_id, "days": days, "language": speaker.language}
    await forms.start(update, context, USED, answers)


def _sentence(written: str) -> str:
    return SKIP if written == SKIP else used_lessons.readable(written)


async def _finish(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)
    text = "" if answers["text"] == SKIP else answers["text"]

    def store(session: Session) -> None:
        drop(session, context, speaker.chat_id, USED)
        training_uses.note(
            session,
            speaker,
            answers["event"],
            answers["days"],
            is_used=True,
            text=text,
            now=context.now(),
        )

    await context.in_session(store)
    await guarding.erase(update, context, answers, "text")
    said = "sentence" if text else "used"
    await show(update, context, context.text("training_use_noted", speaker.language, said=said))


BUTTONS: dict[str, Act] = {"training_unused": not_yet}
FORM_BUTTONS = {USED: used}
TEXT, GUARD = guarding.behind_guard(
    Step("text", "used_sentence", ((SKIP, "write_nothing"),), _sentence, also_typed=True)
)
FORMS = (
    Form(
        USED,
        (TEXT, danger.STEP, GUARD),
        _finish,
        declined=danger.declined(USED),
        way_on=("training_back", "training", "{event}"),
    ),
)
