"""前后测 of a training in chat: its questions chosen from lessons, asked before it and after it."""

from collections.abc import Sequence
from typing import Any

from sqlmodel import Session
from telegram import InlineKeyboardMarkup, Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, drop, show
from bot.handlers.directory import with_navigation
from bot.handlers.lesson_messages import LETTERS, lettered
from bot.render import Renderer, entities
from bot.taps import Act, carried, number
from bot.telegram_channel import Text
from curriculum import library, training_test_plans, training_tests
from curriculum.facts import Facts
from curriculum.people import Speaker
from curriculum.rich_text import RichText
from curriculum.training_test_plans import Plan
from curriculum.training_tests import Asked
from scheduler.channel import Part

ADD = "training_test_add"


def parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """One message without a sound, with one button."""
    text = renderer.text("training_test", facts.language, **facts.values)
    label = renderer.label("test_begin", facts.language)
    event = facts.values["event"]
    key = buttons.press(label, "training_test", event.event_id, facts.values["part"])
    return [Part(Text(text.text, tuple(entities(text)), buttons.row(key)), silent=True)]


async def asked(update: Update, context: WuxueContext) -> None:
    """做题: the next question, in a message of its own."""
    speaker = await context.speaker(update)
    event_id, part = carried(update, "training_test", 2)
    found = await context.read(
        training_tests.ask, speaker, number(event_id), part, now=context.now()
    )
    await context.answer(update)
    await show(update, context, *_worded(context, speaker, found), is_new=True)


async def chosen(update: Update, context: WuxueContext) -> None:
    """A letter: the first choice counts; the next question in the same message."""
    speaker = await context.speaker(update)
    event_id, part, version_id, option = carried(update, "test_option", 4)
    found = await context.in_session(
        training_tests.answer,
        speaker,
        number(event_id),
        part,
        number(version_id),
        chosen=number(option),
        now=context.now(),
    )
    await context.answer(update)
    await show(update, context, *_worded(context, speaker, found))


def _worded(
    context: WuxueContext, speaker: Speaker, found: Asked
) -> tuple[RichText, InlineKeyboardMarkup | None]:
    language = speaker.language
    if found.question is None:
        return context.text("test_done", language, found=found), None
    question = lettered(found.question)
    keys = [
        buttons.press(LETTERS[n], "test_option", found.event_id, found.part, found.version_id, n)
        for n in range(len(question["options"]))
    ]
    text = context.text("test_question", language, found=found, question=question)
    return text, buttons.rows(keys, width=4)


async def opened(update: Update, context: WuxueContext) -> None:
    """前后测, for whoever arranges the training."""
    speaker = await context.speaker(update)
    (event_id,) = map(number, carried(update, "training_test_plan", 1))
    found = await context.read(training_test_plans.plan, speaker, event_id, now=context.now())
    await context.answer(update)
    await show(update, context, *_planned(context, speaker, found))


def _planned(
    context: WuxueContext, speaker: Speaker, found: Plan
) -> tuple[RichText, InlineKeyboardMarkup]:
    language, event_id = speaker.language, found.event_id
    lines = list(enumerate(found.questions, start=1))
    keys, navigation = [], []
    if found.can_change:
        drop_label = context.label("test_drop", language)
        keys = [
            buttons.press(f"{drop_label}{n}", "training_test_drop", event_id, line.version_id)
            for n, line in lines
        ]
        if len(lines) < training_test_plans.MOST:
            navigation.append(buttons.press(context.label("test_add", language), ADD, event_id))
    back = context.label("training_back", language)
    navigation.append(buttons.press(back, "training_manage", event_id))
    means = {
        name: f"{mean:.1f}"
        for name, mean in (("before", found.before), ("after", found.after))
        if mean is not None
    }
    text = context.text("training_test_plan", language, found=found, lines=lines, means=means)
    return text, with_navigation(keys, navigation)


async def dropped(update: Update, context: WuxueContext) -> None:
    """去掉 one question."""
    speaker = await context.speaker(update)
    event_id, version_id = map(number, carried(update, "training_test_drop", 2))
    found = await context.in_session(
        training_test_plans.drop, speaker, event_id, version_id, now=context.now()
    )
    await context.answer(update)
    await show(update, context, *_planned(context, speaker, found))


async def begin(update: Update, context: WuxueContext, forms: Forms) -> None:
    """加题: which lesson's question."""
    speaker = await context.speaker(update)
    (event_id,) = map(number, carried(update, ADD, 1))
    found = await context.read(training_test_plans.plan, speaker, event_id, now=context.now())
    await context.answer(update)
    answers: Answers = {"event": event_id, "title": found.title, "language": speaker.language}
    await forms.start(update, context, ADD, answers)


async def _find(update: Update, context: WuxueContext, answers: Answers, came: str) -> Any:
    del answers
    speaker = await context.speaker(update)
    found = await context.read(library.find, speaker, came, now=context.now())
    return {
        "words": came,
        "lessons": [[one.lesson_id, f"{one.number} {one.title}"] for one in found.lessons],
    }


async def _offer(update: Update, context: WuxueContext, answers: Answers) -> list[tuple[str, str]]:
    del update, context
    return [(str(lesson_id), title) for lesson_id, title in answers["words"]["lessons"]]


async def _looked(update: Update, context: WuxueContext, answers: Answers) -> dict[str, Any]:
    del update, context
    found = answers["words"]
    return {"words": found["words"], "count": len(found["lessons"])}


async def _finish(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)

    def store(session: Session) -> Plan:
        drop(session, context, speaker.chat_id, ADD)
        return training_test_plans.add(
            session, speaker, answers["event"], int(answers["lesson"]), now=context.now()
        )

    found = await context.in_session(store)
    await show(update, context, *_planned(context, speaker, found))


BUTTONS: dict[str, Act] = {
    "training_test": asked,
    "test_option": chosen,
    "training_test_plan": opened,
    "training_test_drop": dropped,
}
FORM_BUTTONS = {ADD: begin}
FORMS = (
    Form(
        ADD,
        (
            Step("words", "test_find", settle=_find),
            Step(
                "lesson",
                "test_found",
                offer=_offer,
                facts=_looked,
                take=lambda came: str(number(came)),
            ),
        ),
        _finish,
        way_on=("training_test", "training_test_plan", "{event}"),
    ),
)
