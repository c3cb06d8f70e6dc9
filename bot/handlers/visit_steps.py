"""第一步 in chat, 30 days after a visit: one tap, one sentence, the coordinator if she likes."""

from collections.abc import Sequence

from sqlmodel import Session
from telegram import InlineKeyboardMarkup, Update

from bot import buttons, guarding
from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, drop, show
from bot.handlers import danger
from bot.handlers.directory import with_navigation
from bot.handlers.numbered_pages import searching, turned_to
from bot.handlers.visit_log import back_key
from bot.render import Renderer, entities
from bot.taps import Act, carried, number
from bot.telegram_channel import Text
from curriculum import visit_followup
from curriculum.facts import Facts
from curriculum.rich_text import RichText
from curriculum.visit_followup import STEPS, Followed
from scheduler.channel import Part

STEP, SKIP = "visit_step", "skip"


def check_parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """Whether the first step was made, with its four answers; silent."""
    text = renderer.text("visit_check_ask", facts.language, **facts.values)
    visit_id = facts.values["visit_id"]
    keys = [
        buttons.press(renderer.label(f"visit_step_{step}", facts.language), STEP, visit_id, step)
        for step in STEPS
    ]
    return [Part(Text(text.text, tuple(entities(text)), buttons.row(*keys)), silent=True)]


async def step(update: Update, context: WuxueContext, forms: Forms) -> None:
    """做了, 在做, 还没有, 换了做法: kept at once; then one sentence, if she likes."""
    speaker = await context.speaker(update)
    visit_id, code = carried(update, STEP, 2)
    await context.in_session(
        visit_followup.note, speaker, number(visit_id), code, now=context.now()
    )
    await context.answer(update)
    answers: Answers = {"visit": number(visit_id), "step": code, "language": speaker.language}
    await forms.start(update, context, STEP, answers)


def _sentence(written: str) -> str:
    return SKIP if written == SKIP else visit_followup.readable(written)


async def _finish_step(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)
    text = "" if answers["text"] == SKIP else answers["text"]

    def store(session: Session) -> Followed:
        drop(session, context, speaker.chat_id, STEP)
        return visit_followup.note(
            session, speaker, answers["visit"], answers["step"], text, now=context.now()
        )

    found = await context.in_session(store)
    await guarding.erase(update, context, answers, "text")
    await show(update, context, *_noted(context, speaker.language, found))


def _noted(
    context: WuxueContext, language: str, found: Followed
) -> tuple[RichText, InlineKeyboardMarkup]:
    label, wish = ("visit_step_keep", "no") if found.is_shared else ("visit_step_show", "yes")
    keys = [buttons.press(context.label(label, language), "visit_step_share", found.visit_id, wish)]
    keyboard = with_navigation(keys, [back_key(context, language, found.visit_id)])
    return context.text("visit_step_noted", language, found=found), keyboard


async def share_step(update: Update, context: WuxueContext) -> None:
    """给协调员看, and 收回 of it."""
    speaker = await context.speaker(update)
    visit_id, wish = carried(update, "visit_step_share", 2)
    found = await context.in_session(
        visit_followup.share, speaker, number(visit_id), is_shared=wish == "yes", now=context.now()
    )
    await context.answer(update)
    await show(update, context, *_noted(context, speaker.language, found))


async def steps(update: Update, context: WuxueContext) -> None:
    """第一步: what travellers let whoever arranges the visit read."""
    (carries,) = carried(update, "visit_steps", 1)
    visit_id, _, rest = carries.partition(":")
    page, words = turned_to(rest)
    await show_list(update, context, number(visit_id), words, page)
    await context.answer(update)


async def show_list(
    update: Update, context: WuxueContext, visit_id: int, words: str = "", page: int = 0
) -> None:
    """One page of it, or of what holds these words."""
    speaker = await context.speaker(update)
    found = await context.read(visit_followup.shared, speaker, visit_id, words=words, page=page)
    navigation = searching(
        context,
        speaker.language,
        found,
        at=("visit_steps", visit_id),
        turn=lambda rest: buttons.data("visit_steps", visit_id, rest),
    )
    label = context.label("visit_summary", speaker.language)
    navigation.append(buttons.press(label, "visit_summary", visit_id))
    text = context.text("visit_steps", speaker.language, found=found)
    await show(update, context, text, with_navigation([], navigation))


BUTTONS: dict[str, Act] = {"visit_step_share": share_step, "visit_steps": steps}
FORM_BUTTONS = {STEP: step}
TEXT, GUARD = guarding.behind_guard(
    Step("text", "visit_step_sentence", ((SKIP, "write_nothing"),), _sentence, also_typed=True)
)
FORMS = (
    Form(
        STEP,
        (TEXT, danger.STEP, GUARD),
        _finish_step,
        declined=danger.declined(STEP),
        way_on=("visit_hub", "visit_hub", "{visit}"),
    ),
)
