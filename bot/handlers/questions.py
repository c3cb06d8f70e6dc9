"""提问 in chat: by button, by /ask, or by typing something we took for no command."""

from sqlmodel import Session
from telegram import InlineKeyboardButton, Update

from bot import buttons, guarding
from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, begin, drop, show
from curriculum import lesson_answers, questions
from curriculum.errors import NotThere, QuestionEmpty, QuestionTooLong
from curriculum.people import Speaker
from curriculum.questions import Asked

QUESTION, MAYBE_QUESTION = "question", "maybe_question"
YES, NO = "yes", "no"


async def ask(update: Update, context: WuxueContext, forms: Forms) -> None:
    """/ask with words behind it stores them; without, and from a button, it asks for them."""
    speaker = await context.speaker(update)
    speaker.require("ask")
    lesson = ""
    if update.callback_query is not None:
        try:
            (lesson,) = buttons.read(update.callback_query.data, "ask", 1)
        except ValueError as error:
            raise NotThere from error
        await context.answer(update)
    words = _words_behind_command(update)
    answers: Answers = {"lesson": lesson, "language": speaker.language}
    if words:
        answers |= guarding.given(update, "text", questions.readable(words))
    await forms.start(update, context, QUESTION, answers)


def _words_behind_command(update: Update) -> str:
    message = update.message
    if update.callback_query is not None or message is None or not message.text:
        return ""
    _, _, words = message.text.partition(" ")
    return words.strip() if message.text.startswith("/") else ""


async def offer(update: Update, context: WuxueContext, forms: Forms) -> None:
    """Words that are no command: 您是想提问吗?, never an error."""
    speaker = await context.speaker(update)
    message = update.effective_message
    if message is None or not message.text:
        return
    if not speaker.may("ask"):
        await context.say(message.chat_id, context.text("not_understood", speaker.language))
        return
    answers: Answers = {"lesson": "", "language": speaker.language}
    answers |= guarding.given(update, "text", questions.readable(message.text))
    await forms.start(update, context, MAYBE_QUESTION, answers)


async def hold(
    update: Update, context: WuxueContext, speaker: Speaker, words: str, *, instead_of: str
) -> InlineKeyboardButton | None:
    """A 存为提问 button for another message: pressed, it stores the words held here meanwhile.

    Ends the form `instead_of`. None, with nothing held, when the words can be no question of hers.
    """
    try:
        words = questions.readable(words)
    except (QuestionEmpty, QuestionTooLong):
        words = ""
    if not words or not speaker.may("ask"):
        await context.in_session(drop, context, speaker.chat_id, instead_of)
        return None
    answers: Answers = {"lesson": "", "language": speaker.language}
    answers |= guarding.given(update, "text", words)
    form = next(form for form in FORMS if form.name == MAYBE_QUESTION)
    draft = await begin(update, context, form, answers, instead_of=instead_of)
    label = context.label("save_question", speaker.language)
    return buttons.press(label, "form", MAYBE_QUESTION, draft.version, YES)


async def _finish_question(update: Update, context: WuxueContext, answers: Answers) -> None:
    await _store(update, context, answers, QUESTION)


async def _finish_maybe(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)
    if answers["sure"] == NO:
        await context.in_session(drop, context, speaker.chat_id, MAYBE_QUESTION)
        await show(update, context, context.text("no_question", speaker.language))
        return
    await _store(update, context, answers, MAYBE_QUESTION)


async def _store(update: Update, context: WuxueContext, answers: Answers, form: str) -> None:
    speaker = await context.speaker(update)

    def store(session: Session) -> Asked:
        lesson_id = lesson_answers.lesson_of(session, speaker, answers["lesson"])
        asked = questions.add(
            session, speaker, answers["text"], lesson_id=lesson_id, now=context.now()
        )
        drop(session, context, speaker.chat_id, form)
        return asked

    asked = await context.in_session(store)
    erased = await guarding.erase(update, context, answers, "text")
    text = context.text("question_stored", speaker.language, asked=asked, erased=erased)
    await show(update, context, text)


def _is_meant(answers: Answers) -> bool:
    return answers.get("sure") != NO


TEXT = guarding.behind_guard(
    Step(
        "text",
        "question_ask",
        (),
        questions.readable,
        is_needed=lambda answers: _is_meant(answers) and guarding.is_asked(answers),
    )
)


FORMS = (
    Form(QUESTION, TEXT, _finish_question),
    Form(
        MAYBE_QUESTION,
        (Step("sure", "question_maybe", ((YES, "save_question"), (NO, "not_a_question"))), *TEXT),
        _finish_maybe,
        can_cancel=False,
    ),
)
