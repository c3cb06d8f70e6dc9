"""What reads like present danger: contacts at once, an alert if it happens now, who takes it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import Answers, Step, current, show
from bot.render import Renderer, entities
from bot.taps import Act, carried, number
from bot.telegram_channel import Text
from curriculum import danger as signs
from curriculum import danger_alerts, duty
from curriculum.danger_alerts import Raised
from curriculum.facts import Facts
from curriculum.people import Speaker
from scheduler.channel import Part

DANGER = "danger"
NOW, STUDY = "now", "study"
# Carried by a button under another message: it leads to this step and answers nothing.
LOOK = "look"

Declined = Callable[[Update, WuxueContext, Answers], Awaitable[None]]


def is_in_danger(answers: Answers, words: str = "text") -> bool:
    """Whether a form's words, kept under this name, read like present danger."""
    return signs.danger(answers.get(words) or "")


async def _contacts(
    update: Update, context: WuxueContext, answers: Answers
) -> Mapping[str, object]:
    del answers
    speaker = await context.speaker(update)
    return {"contacts": await context.read(duty.contacts_of, speaker.unit_id)}


def step_for(words: str, name: str = DANGER) -> Step:
    """The step behind those words of a form: contacts first, wherever they read like danger.

    A form with several such texts names each step apart.
    """
    return Step(
        name,
        "danger",
        ((NOW, "happening_now"), (STUDY, "only_study")),
        is_needed=lambda answers: is_in_danger(answers, words),
        facts=_contacts,
        declines=NOW,
        returns={LOOK: name},
    )


STEP = step_for("text")


def declined(form: str, *, save: str = "go_on") -> Declined:
    """What 正在发生 does in a form: the alert, and `save` to go on with her words afterwards."""

    async def alert(update: Update, context: WuxueContext, answers: Answers) -> None:
        del answers
        await happening(update, context, form, save=save)

    return alert


async def happening(
    update: Update, context: WuxueContext, form: str, *, save: str = "save_question"
) -> None:
    """正在发生: alert whoever is on duty. Her words stay where they are, in her form."""
    speaker = await context.speaker(update)
    raised = await context.in_session(danger_alerts.raise_alert, speaker, now=context.now())
    draft = await context.read(current, context, speaker.chat_id, form)
    keys = [_save(context, speaker, form, draft.version, save)] if draft is not None else []
    await _show(update, context, speaker, raised, keys)
    context.send_what_is_due()


def _save(
    context: WuxueContext, speaker: Speaker, form: str, version: int, save: str
) -> InlineKeyboardButton:
    return buttons.press(context.label(save, speaker.language), "form", form, version, STUDY)


async def maybe(context: WuxueContext, speaker: Speaker, question_id: int) -> None:
    """Numbers after a question that no sign names, but whose meaning is near to danger."""
    contacts = await context.read(duty.contacts_of, speaker.unit_id)
    text = context.text("danger_maybe", speaker.language, contacts=contacts)
    label = context.label("happening_now", speaker.language)
    keyboard = buttons.row(buttons.press(label, "in_danger", question_id))
    await context.say(speaker.chat_id, text, keyboard)


async def _in_danger(update: Update, context: WuxueContext) -> None:
    """正在发生 under those numbers: her question is kept already, so only the alert is left."""
    speaker = await context.speaker(update)
    # The alert holds no question: whose it is is all that counts.
    carried(update, "in_danger", 1)
    raised = await context.in_session(danger_alerts.raise_alert, speaker, now=context.now())
    await context.answer(update)
    await _show(update, context, speaker, raised, ())
    context.send_what_is_due()


async def _show(
    update: Update,
    context: WuxueContext,
    speaker: Speaker,
    raised: Raised,
    more: Sequence[InlineKeyboardButton],
) -> None:
    language = speaker.language
    keys = list(more)
    if not raised.call_me:
        label = context.label("call_me", language)
        keys.insert(0, buttons.press(label, "call_me", raised.alert_id))
    contacts = await context.read(duty.contacts_of, speaker.unit_id)
    text = context.text("danger_now", language, raised=raised, contacts=contacts)
    rows = [[key] for key in keys]
    await show(update, context, text, InlineKeyboardMarkup(rows))


async def call_me(update: Update, context: WuxueContext) -> None:
    """请联系我: her name goes to whoever is on duty."""
    speaker = await context.speaker(update)
    (alert_id,) = map(number, carried(update, "call_me", 1))
    raised = await context.in_session(danger_alerts.call_me, speaker, alert_id, now=context.now())
    await context.answer(update)
    await _show(update, context, speaker, raised, ())
    context.send_what_is_due()


async def take(update: Update, context: WuxueContext) -> None:
    """我来处理 under an alert."""
    speaker = await context.speaker(update)
    (alert_id,) = map(number, carried(update, "take_alert", 1))
    taken = await context.in_session(danger_alerts.take, speaker, alert_id, now=context.now())
    await context.answer(update)
    await show(update, context, context.text("danger_taken", speaker.language, taken=taken))
    context.send_what_is_due()


def parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """An alert with 我来处理 under it, or the word to the asker that somebody has it."""
    text = renderer.text("danger_alert", facts.language, **facts.values)
    keyboard = None
    if "alert_id" in facts.values:
        label = renderer.label("take_alert", facts.language)
        keyboard = buttons.row(buttons.press(label, "take_alert", facts.values["alert_id"]))
    return [Part(Text(text.text, tuple(entities(text)), keyboard), silent=False)]


BUTTONS: dict[str, Act] = {"call_me": call_me, "take_alert": take, "in_danger": _in_danger}
