"""说说感受 after a training: four scores and a sentence, anonymous; what came, for its arranger."""

from collections.abc import Sequence

from sqlmodel import Session
from telegram import Update

from bot import buttons, guarding
from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, drop, show
from bot.handlers import danger
from bot.handlers.directory import turning, with_navigation
from bot.render import Renderer, entities
from bot.taps import Act, carried, number
from bot.telegram_channel import Text
from curriculum import training_feedback
from curriculum.errors import NotThere
from curriculum.facts import Facts
from curriculum.training_feedback import ASPECTS, SCORES
from scheduler.channel import Part

FEEDBACK, SKIP = "training_feedback", "skip"
CHOICES = tuple((str(score), f"score_{score}") for score in SCORES)


def parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """One message without a sound, with one button."""
    text = renderer.text("training_feedback", facts.language, **facts.values)
    label = renderer.label("feedback_begin", facts.language)
    key = buttons.press(label, FEEDBACK, facts.values["event"].event_id)
    return [Part(Text(text.text, tuple(entities(text)), buttons.row(key)), silent=True)]


async def begin(update: Update, context: WuxueContext, forms: Forms) -> None:
    """说说感受."""
    speaker = await context.speaker(update)
    (event_id,) = map(number, carried(update, FEEDBACK, 1))
    title = await context.read(
        training_feedback.title_to_answer, speaker, event_id, now=context.now()
    )
    await context.answer(update)
    answers: Answers = {"event": event_id, "title": title, "language": speaker.language}
    await forms.start(update, context, FEEDBACK, answers)


def _score(came: str) -> str:
    if came not in dict(CHOICES):
        raise NotThere
    return came


def _sentence(came: str) -> str:
    return SKIP if came == SKIP else training_feedback.readable(came)


def _aspect(name: str) -> Step:
    async def facts(update: Update, context: WuxueContext, answers: Answers) -> Answers:
        del update, context, answers
        return {"aspect": name, "place": ASPECTS.index(name) + 1, "places": len(ASPECTS) + 1}

    return Step(name, "feedback_aspect", CHOICES, _score, facts=facts)


async def _finish(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)
    text = "" if answers["text"] == SKIP else answers["text"]
    scores = {name: int(answers[name]) for name in ASPECTS}

    def store(session: Session) -> None:
        drop(session, context, speaker.chat_id, FEEDBACK)
        training_feedback.answer(
            session, speaker, answers["event"], scores, text, now=context.now()
        )

    await context.in_session(store)
    await guarding.erase(update, context, answers, "text")
    key = buttons.press(
        context.label("training_open", speaker.language), "training", answers["event"]
    )
    kept = context.text("feedback_kept", speaker.language)
    await show(update, context, kept, buttons.row(key))


async def results(update: Update, context: WuxueContext) -> None:
    """培训评价, for whoever arranges the training."""
    speaker = await context.speaker(update)
    event_id, page = map(number, carried(update, "feedback_results", 2))
    found = await context.read(
        training_feedback.results, speaker, event_id, page=page, now=context.now()
    )
    await context.answer(update)
    language = speaker.language
    navigation = turning(
        context,
        language,
        found.page,
        found.pages,
        lambda other: buttons.data("feedback_results", event_id, other),
    )
    back = context.label("training_back", language)
    navigation.append(buttons.press(back, "training_manage", event_id))
    means = {name: f"{mean:.1f}" for name, mean in (found.means or {}).items()}
    text = context.text("feedback_results", language, found=found, means=means)
    await show(update, context, text, with_navigation([], navigation))


BUTTONS: dict[str, Act] = {"feedback_results": results}
FORM_BUTTONS = {FEEDBACK: begin}
TEXT, GUARD = guarding.behind_guard(
    Step("text", "feedback_text", ((SKIP, "write_nothing"),), _sentence, also_typed=True)
)
FORMS = (
    Form(
        FEEDBACK,
        (*map(_aspect, ASPECTS), TEXT, danger.STEP, GUARD),
        _finish,
        declined=danger.declined(FEEDBACK),
        way_on=("training_back", "training", "{event}"),
    ),
)
