"""改期限: until when a pair holds, asked of a coordinator, told to both, taken back."""

from collections.abc import Sequence
from datetime import date

from sqlmodel import Session
from telegram import Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, drop
from bot.handlers.supervision_pairing import OPEN_END, settle_last_day
from bot.handlers.supervision_pairs import show_pair
from bot.render import Renderer, entities
from bot.taps import Act, carried, number
from bot.telegram_channel import Text
from curriculum import supervision_last_day as last_days
from curriculum import supervision_lists as lists
from curriculum.facts import Facts
from scheduler.channel import Part

FORM, UNDO = "pair_until", "pair_until_undo"


async def ask(update: Update, context: WuxueContext, forms: Forms) -> None:
    """改期限: the last day, or none."""
    speaker = await context.speaker(update)
    seen, pair_id = map(number, carried(update, FORM, 2))
    row = await context.read(lists.pair_of, speaker, pair_id)
    await context.answer(update)
    answers = {"language": speaker.language, "seen": seen, "pair": row.pair_id}
    await forms.start(update, context, FORM, answers)


async def _finish(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)
    pair_id, written = answers["pair"], answers["last_day"]
    day = date.fromisoformat(written) if written else None

    def store(session: Session) -> None:
        last_days.set_last_day(
            session, speaker, pair_id, day, seen=answers["seen"], now=context.now()
        )
        drop(session, context, speaker.chat_id, FORM)

    await context.in_session(store)
    await show_pair(update, context, speaker, pair_id, undo=UNDO)


async def take_back(update: Update, context: WuxueContext) -> None:
    """撤销."""
    speaker = await context.speaker(update)
    seen, pair_id = map(number, carried(update, UNDO, 2))
    await context.in_session(last_days.take_back, speaker, pair_id, seen=seen, now=context.now())
    await context.answer(update, context.label("taken_back_toast", speaker.language))
    await show_pair(update, context, speaker, pair_id)


def parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """Until when it holds now: silent, and not to be passed on."""
    text = renderer.text("supervision_until", facts.language, **facts.values)
    label = renderer.label("open_question", facts.language)
    keyboard = buttons.row(buttons.press(label, "own_pair", facts.values["pair_id"]))
    return [Part(Text(text.text, tuple(entities(text)), keyboard, protected=True), silent=True)]


BUTTONS: dict[str, Act] = {UNDO: take_back}
FORM_BUTTONS = {FORM: ask}
FORMS = (
    Form(
        FORM,
        (
            Step(
                "last_day",
                "supervision_last_day",
                ((OPEN_END, "no_end"),),
                settle=settle_last_day,
                also_typed=True,
            ),
        ),
        _finish,
        way_on=("back_to_pairs", "pairs", "0", ""),
    ),
)
