"""写答复 for a theme after its session, and the answer as each asker reads it: 有帮助 / 还没有."""

from collections.abc import Sequence

from sqlmodel import Session
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update

from bot import buttons, guarding, topic_pages
from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, drop, show
from bot.handlers import danger
from bot.handlers.topics import read_theme, show_theme
from bot.render import Renderer, entities
from bot.taps import carried, number
from bot.telegram_channel import Text
from curriculum import topic_answers, topic_texts, topic_themes
from curriculum.errors import NotThere
from curriculum.facts import Facts
from curriculum.topic_errors import AnswerTold
from scheduler.channel import Part

ANSWER = "theme_answer"
HELPED, NOT_YET = "helped", "not_yet"
TOASTS = {HELPED: "helped_toast", NOT_YET: "put_back_toast"}


async def ask(update: Update, context: WuxueContext, forms: Forms) -> None:
    """写答复: asks for what the session said."""
    speaker = await context.speaker(update)
    (theme_id,) = map(number, carried(update, "theme_answer", 1))
    _, found, _ = await read_theme(context, speaker, theme_id)
    if not await context.read(topic_texts.may_answer, speaker, theme_id, now=context.now()):
        if found.answer:
            raise AnswerTold
        raise NotThere
    await context.answer(update)
    answers: Answers = {"theme": theme_id, "title": found.title, "language": speaker.language}
    await forms.start(update, context, ANSWER, answers)


async def _finish(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)

    def store(session: Session) -> int:
        told = topic_answers.answer(
            session, speaker, answers["theme"], answers["text"], now=context.now()
        )
        drop(session, context, speaker.chat_id, ANSWER)
        return told

    told = await context.in_session(store)
    erased = await guarding.erase(update, context, answers, "text")
    text = context.text("theme_answer_kept", speaker.language, told=told, erased=erased)
    await show(update, context, text)
    await show_theme(update, context, speaker, answers["theme"], is_new=True)


async def unsay(update: Update, context: WuxueContext) -> None:
    """撤回 of an answer that nobody was told yet."""
    speaker = await context.speaker(update)
    (theme_id,) = map(number, carried(update, "theme_unsay", 1))
    await context.in_session(topic_answers.take_back, speaker, theme_id, now=context.now())
    await context.answer(update, context.label("undone_toast", speaker.language))
    await show_theme(update, context, speaker, theme_id)


async def said(update: Update, context: WuxueContext) -> None:
    """有帮助 or 还没有 under an answer; the message says from then on what she said."""
    speaker = await context.speaker(update)
    word, theme = carried(update, "topic_said", 2)
    if word not in (HELPED, NOT_YET):
        raise NotThere
    told = await context.in_session(
        topic_answers.say_helped,
        speaker,
        number(theme),
        helped=word == HELPED,
        now=context.now(),
    )
    language = speaker.language
    await context.answer(update, context.label(TOASTS[word], language))
    other = NOT_YET if word == HELPED else HELPED
    text = context.text("topic_answer", language, told=told, said=word)
    keys = [_button(context.services.renderer, language, other, told.theme_id)]
    await show(update, context, text, InlineKeyboardMarkup([keys]))


def _button(renderer: Renderer, language: str, word: str, theme_id: int) -> InlineKeyboardButton:
    return buttons.press(renderer.label(word, language), "topic_said", word, theme_id)


def parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """An answer as one message, with both buttons under it."""
    told = facts.values["told"]
    text = renderer.text("topic_answer", facts.language, told=told, said="")
    keys = [_button(renderer, facts.language, w, told.theme_id) for w in (HELPED, NOT_YET)]
    keyboard = InlineKeyboardMarkup([keys])
    return [Part(Text(text.text, tuple(entities(text)), keyboard), silent=True)]


def page_parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """The page for who was absent: its themes, each to be opened."""
    page = facts.values["page"]
    title = topic_pages.title(renderer, facts.language, page)
    text = renderer.text("topic_page", facts.language, page=page, title=title)
    label = renderer.label("read_all", facts.language)
    keyboard = InlineKeyboardMarkup([[buttons.press(label, "topic", page.topic_id, 0)]])
    return [Part(Text(text.text, tuple(entities(text)), keyboard), silent=True)]


def note_parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """月末一句, silent."""
    text = renderer.text("topic_thanks", facts.language, **facts.values)
    return [Part(Text(text.text, tuple(entities(text))), silent=True)]


BUTTONS = {"topic_said": said, "theme_unsay": unsay}
FORM_BUTTONS = {"theme_answer": ask}
TEXT, GUARD = guarding.behind_guard(Step("text", "theme_answer_ask", take=topic_themes.usable_text))
FORMS = (
    Form(
        ANSWER,
        (TEXT, danger.STEP, GUARD),
        _finish,
        declined=danger.declined(ANSWER),
        way_on=("back_to_theme", "theme", "{theme}"),
    ),
)
