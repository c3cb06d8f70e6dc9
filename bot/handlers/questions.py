"""提问 in chat: by button, by /ask, or by typing something we took for no command."""

from typing import Any

from sqlmodel import Session
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update

from bot import buttons, guarding
from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, begin, drop, show
from bot.handlers import danger, similar_questions, visit_sent
from bot.taps import carried, number
from curriculum import lesson_answers, question_voices, questions, visit_hub
from curriculum.errors import NotThere
from curriculum.people import Speaker
from curriculum.question_errors import QuestionEmpty, QuestionTooLong
from curriculum.questions import Asked

QUESTION, MAYBE_QUESTION, CONTEXT = "question", "maybe_question", "question_context"
YES, NO = "yes", "no"
# What was typed on a journey may be meant for its log.
INTO_LOG = "log"
# Where a question is begun unless it is under a lesson, which still stands above.
MORE = ("more", "open", "more")


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
    answers: Answers = {"lesson": lesson, "voice": "", "language": speaker.language}
    if words:
        answers |= guarding.given(update, "text", _readable(words))
    await forms.start(update, context, QUESTION, answers)


def _readable(text: str) -> str:
    """A question's words; what reads like danger is never turned away for its length."""
    try:
        return questions.readable(text)
    except QuestionTooLong:
        limit = questions.QUESTION_LIMIT
        for part in (text[:limit], text[-limit:]):
            if danger.is_in_danger({"text": part}):
                return questions.readable(part)
        raise


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
    answers: Answers = {"lesson": "", "voice": "", "language": speaker.language}
    answers |= guarding.given(update, "text", _readable(message.text))
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
    answers: Answers = {"lesson": "", "voice": "", "language": speaker.language}
    answers |= guarding.given(update, "text", words)
    form = next(form for form in FORMS if form.name == MAYBE_QUESTION)
    draft = await begin(update, context, form, answers, instead_of=instead_of)
    label = context.label("save_question", speaker.language)
    # Where the words read like danger, the contacts come first.
    value = YES if draft.step == "sure" else danger.LOOK
    return buttons.press(label, "form", MAYBE_QUESTION, draft.version, value)


async def _finish_question(update: Update, context: WuxueContext, answers: Answers) -> None:
    await _store(update, context, answers, QUESTION)


async def _finish_maybe(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)
    if answers.get("sure") == NO:
        await context.in_session(drop, context, speaker.chat_id, MAYBE_QUESTION)
        await show(update, context, context.text("no_question", speaker.language))
        return
    if answers.get("sure") == INTO_LOG:
        await visit_sent.keep_words(update, context, answers, form=MAYBE_QUESTION)
        return
    await _store(update, context, answers, MAYBE_QUESTION)


async def _offer_log(
    update: Update, context: WuxueContext, answers: Answers
) -> list[tuple[str, str]]:
    """放进日志, for whoever is on a journey today."""
    del answers
    speaker = await context.speaker(update)
    if await context.read(visit_hub.under_way, speaker, now=context.now()) is None:
        return []
    return [(INTO_LOG, context.label("visit_into_log", speaker.language))]


async def _on_journey(update: Update, context: WuxueContext, answers: Answers) -> dict[str, bool]:
    return {"on_journey": bool(await _offer_log(update, context, answers))}


async def _store(update: Update, context: WuxueContext, answers: Answers, form: str) -> None:
    speaker = await context.speaker(update)
    recording = await _recording(context, answers["voice"])

    def store(session: Session) -> Asked:
        now = context.now()
        asked = questions.add(
            session,
            speaker,
            answers["text"],
            lesson_id=lesson_answers.lesson_of(session, speaker, answers["lesson"]),
            media_id=question_voices.keep(session, recording, now=now) if recording else None,
            now=now,
        )
        drop(session, context, speaker.chat_id, form)
        return asked

    asked = await context.in_session(store)
    erased = await guarding.erase(update, context, answers, "text")
    await show(update, context, *worded(context, speaker, asked, erased=erased))
    similar_questions.offer_later(context, speaker, asked.question_id)


async def _recording(context: WuxueContext, file_id: str) -> bytes:
    """A spoken question as Telegram holds it; nothing for a written one."""
    if not file_id:
        return b""
    file = await context.bot.get_file(file_id)
    return bytes(await file.download_as_bytearray())


def worded(
    context: WuxueContext, speaker: Speaker, asked: Asked, *, erased: str = ""
) -> tuple[Any, InlineKeyboardMarkup]:
    """A question as it was stored: by when an answer comes, and what may still be changed."""
    language = speaker.language
    acts = [
        "be_named" if asked.is_anonymous else "be_anonymous",
        "can_wait" if asked.is_urgent else "make_urgent",
    ]
    keys = [
        buttons.press(context.label(act, language), "set_question", asked.question_id, act)
        for act in acts
    ]
    if not asked.has_context:
        label = context.label("add_context", language)
        keys.append(buttons.press(label, CONTEXT, asked.question_id))
    text = context.text("question_stored", language, asked=asked, erased=erased)
    return text, buttons.rows(keys)


async def changed(update: Update, context: WuxueContext) -> None:
    """匿名, 署名, 急用 or 可以等专题 under a question of one's own."""
    speaker = await context.speaker(update)
    which, act = carried(update, "set_question", 2)
    question_id, now = number(which), context.now()
    if act in ("be_anonymous", "be_named"):
        asked = await context.in_session(
            questions.set_anonymous,
            speaker,
            question_id,
            is_anonymous=act == "be_anonymous",
            now=now,
        )
    elif act in ("make_urgent", "can_wait"):
        asked = await context.in_session(
            questions.set_urgent, speaker, question_id, is_urgent=act == "make_urgent", now=now
        )
    else:
        raise NotThere
    await context.answer(update, context.label("changed_toast", speaker.language))
    await show(update, context, *worded(context, speaker, asked))
    context.send_what_is_due()


async def add_context(update: Update, context: WuxueContext, forms: Forms) -> None:
    """补一句: one sentence about the situation."""
    speaker = await context.speaker(update)
    (question_id,) = map(number, carried(update, CONTEXT, 1))
    await context.read(questions.own_open, speaker, question_id)
    await context.answer(update)
    answers: Answers = {"question": question_id, "language": speaker.language}
    await forms.start(update, context, CONTEXT, answers)


async def _finish_context(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)

    def store(session: Session) -> Asked:
        asked = questions.set_context(
            session, speaker, answers["question"], answers["context"], now=context.now()
        )
        drop(session, context, speaker.chat_id, CONTEXT)
        return asked

    asked = await context.in_session(store)
    erased = await guarding.erase(update, context, answers, "context")
    await show(update, context, *worded(context, speaker, asked, erased=erased))


def _is_meant(answers: Answers) -> bool:
    return answers.get("sure") != NO


WORDS, GUARD = guarding.behind_guard(
    Step(
        "text",
        "question_ask",
        (),
        _readable,
        is_needed=lambda answers: _is_meant(answers) and guarding.is_asked(answers),
    )
)
SITUATION, SITUATION_GUARD = guarding.behind_guard(
    Step("context", "question_context", (), questions.readable_context)
)
BUTTONS = {"set_question": changed}
FORM_BUTTONS = {"ask": ask, CONTEXT: add_context}
FORMS = (
    Form(
        QUESTION,
        (WORDS, danger.STEP, GUARD),
        _finish_question,
        declined=danger.declined(QUESTION, save="save_question"),
        way_on=MORE,
    ),
    Form(
        MAYBE_QUESTION,
        # In danger the contacts come before anything is asked.
        (
            danger.STEP,
            Step(
                "sure",
                "question_maybe",
                ((YES, "save_question"), (NO, "not_a_question")),
                is_needed=lambda answers: not danger.is_in_danger(answers),
                offer=_offer_log,
                facts=_on_journey,
            ),
            WORDS,
            GUARD,
        ),
        _finish_maybe,
        can_cancel=False,
        declined=danger.declined(MAYBE_QUESTION, save="save_question"),
        way_on=MORE,
    ),
    Form(
        CONTEXT,
        (SITUATION, danger.step_for("context"), SITUATION_GUARD),
        _finish_context,
        declined=danger.declined(CONTEXT),
        way_on=("own_questions", "own_question", "{question}", "0"),
    ),
)
