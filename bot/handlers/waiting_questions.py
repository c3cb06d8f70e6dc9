"""待答提问 in chat: what waits, an answer, a refusal with its reason, the way to supervision."""

import structlog
from sqlmodel import Session
from telegram import InlineKeyboardMarkup, Update
from telegram.error import TelegramError

from bot import buttons, guarding
from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, drop, show
from bot.handlers import danger
from bot.handlers.question_pages import pressed, show_page
from bot.taps import Act, carried, number
from curriculum import answering, waiting_questions
from curriculum.answering import Done
from curriculum.errors import ChangedMeanwhile
from curriculum.people import Speaker

log = structlog.get_logger(__name__)
ANSWER, DECLINE = "answer_question", "decline_question"


async def overview(update: Update, context: WuxueContext) -> None:
    """待答提问: the first page."""
    await _show_page(update, context, 0)


async def turned(update: Update, context: WuxueContext) -> None:
    """Another page, in the same message."""
    (page,) = map(number, carried(update, "waiting", 1))
    await _show_page(update, context, page)
    await context.answer(update)


async def _show_page(update: Update, context: WuxueContext, page: int) -> None:
    speaker = await context.speaker(update)
    found = await context.read(waiting_questions.waiting, speaker, page=page, now=context.now())
    await show_page(
        update,
        context,
        speaker.language,
        found,
        template="waiting_questions",
        turn="waiting",
        opening=("waiting_one", True),
        is_new=not pressed(update, "waiting:"),
    )


async def opened(update: Update, context: WuxueContext) -> None:
    """One question and what can be done with it."""
    await _open_one(update, context, "waiting_one")


async def opened_urgent(update: Update, context: WuxueContext) -> None:
    """The same from the message that it is her turn, which stays: others may join it."""
    await _open_one(update, context, "urgent_one", is_new=True)


async def _open_one(
    update: Update, context: WuxueContext, verb: str, *, is_new: bool = False
) -> None:
    speaker = await context.speaker(update)
    question_id, page = map(number, carried(update, verb, 2))
    view = await context.read(waiting_questions.view, speaker, question_id, now=context.now())
    language = speaker.language
    acts = [(ANSWER, "write_answer"), (DECLINE, "decline_question")]
    if view.line.state != "to_supervision":
        acts.append(("to_supervision", "take_to_supervision"))
    keys = [
        buttons.press(context.label(label, language), verb, question_id)
        for verb, label in acts
        if view.is_open
    ]
    if view.line.has_voice:
        hear = context.label("hear_voice", language)
        keys.append(buttons.press(hear, "question_voice", question_id))
    back = buttons.press(context.label("waiting_questions", language), "waiting", page)
    await context.answer(update)
    text = context.text("waiting_question", language, view=view)
    rows = [row for row in (keys, [back]) if row]
    await show(update, context, text, InlineKeyboardMarkup(rows), is_new=is_new)


async def write_answer(update: Update, context: WuxueContext, forms: Forms) -> None:
    """答复: asks for the words."""
    await _begin(update, context, forms, ANSWER)


async def decline(update: Update, context: WuxueContext, forms: Forms) -> None:
    """不采用: asks for the reason."""
    await _begin(update, context, forms, DECLINE)


async def _begin(update: Update, context: WuxueContext, forms: Forms, form: str) -> None:
    speaker = await context.speaker(update)
    (question_id,) = map(number, carried(update, form, 1))
    view = await context.read(waiting_questions.view, speaker, question_id, now=context.now())
    if not view.is_open:
        raise ChangedMeanwhile
    await context.answer(update)
    answers: Answers = {"question": question_id, "language": speaker.language}
    await forms.start(update, context, form, answers)


async def _finish_answer(update: Update, context: WuxueContext, answers: Answers) -> None:
    await _finish(update, context, answers, ANSWER)


async def _finish_decline(update: Update, context: WuxueContext, answers: Answers) -> None:
    await _finish(update, context, answers, DECLINE)


async def _finish(update: Update, context: WuxueContext, answers: Answers, form: str) -> None:
    speaker = await context.speaker(update)
    act = answering.answer if form == ANSWER else answering.decline

    def store(session: Session) -> Done:
        done = act(session, speaker, answers["question"], answers["words"], now=context.now())
        drop(session, context, speaker.chat_id, form)
        return done

    done = await context.in_session(store)
    erased = await guarding.erase(update, context, answers, "words")
    await _show_done(update, context, speaker, done, erased=erased)


async def to_supervision(update: Update, context: WuxueContext) -> None:
    """转给督导."""
    speaker = await context.speaker(update)
    (question_id,) = map(number, carried(update, "to_supervision", 1))
    done = await context.in_session(
        answering.to_supervision, speaker, question_id, now=context.now()
    )
    await context.answer(update)
    await _show_done(update, context, speaker, done)


async def _show_done(
    update: Update, context: WuxueContext, speaker: Speaker, done: Done, *, erased: str = ""
) -> None:
    language = speaker.language
    undo = buttons.press(context.label("undo", language), "undo_question", done.question_id)
    back = buttons.press(context.label("waiting_questions", language), "waiting", 0)
    text = context.text("question_done", language, done=done, erased=erased)
    await show(update, context, text, InlineKeyboardMarkup([[undo], [back]]))
    context.send_what_is_due()


async def undone(update: Update, context: WuxueContext) -> None:
    """撤销 under what was just done."""
    speaker = await context.speaker(update)
    (question_id,) = map(number, carried(update, "undo_question", 1))
    undone = await context.in_session(answering.take_back, speaker, question_id, now=context.now())
    language = speaker.language
    back = buttons.press(context.label("waiting_questions", language), "waiting", 0)
    await context.answer(update, context.label("taken_back_toast", language))
    text = context.text("question_undone", language, told=undone.told)
    await show(update, context, text, InlineKeyboardMarkup([[back]]))
    for chat_id, message_id, read_in in undone.messages:
        await _withdraw(context, chat_id, message_id, read_in)
    context.send_what_is_due()


async def _withdraw(context: WuxueContext, chat_id: int, message_id: int, language: str) -> None:
    """Turn what was said into a word that it does not hold; the correction comes below it."""
    try:
        await context.edit(chat_id, message_id, context.text("question_withdrawn", language))
    except TelegramError as error:
        log.info("not_withdrawn", message=message_id, error=type(error).__name__)


BUTTONS: dict[str, Act] = {
    "waiting": turned,
    "waiting_one": opened,
    "urgent_one": opened_urgent,
    "to_supervision": to_supervision,
    "undo_question": undone,
}
WORDS, GUARD = guarding.behind_guard(Step("words", "answer_write", (), answering.readable_answer))
TO_QUESTION = ("back_to_question", "waiting_one", "{question}", "0")
FORM_BUTTONS = {ANSWER: write_answer, DECLINE: decline}
FORMS = (
    Form(
        ANSWER,
        (WORDS, danger.step_for("words"), GUARD),
        _finish_answer,
        declined=danger.declined(ANSWER),
        way_on=TO_QUESTION,
    ),
    Form(
        DECLINE,
        guarding.behind_guard(Step("words", "decline_write", (), answering.readable_answer)),
        _finish_decline,
        way_on=TO_QUESTION,
    ),
)
