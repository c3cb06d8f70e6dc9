"""A lesson as messages: its texts, its check question, its buttons; in chat and in a group."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot import buttons
from bot.handlers import media
from bot.render import Renderer, entities
from bot.telegram_channel import Quiz, Text
from curriculum.facts import Facts
from curriculum.lesson_pack import Lesson as PackLesson
from curriculum.rich_text import RichText, split
from scheduler.channel import Part

# Telegram's limits for a native quiz; a question beyond them is asked with buttons instead.
QUIZ_QUESTION, QUIZ_OPTION, QUIZ_EXPLANATION, QUIZ_LINE_FEEDS, QUIZ_OPTIONS = 300, 100, 200, 2, 10
LETTERS = "ABCDEFGHIJ"
# What the button 再来一题 carries instead of a question's id.
ANOTHER = "another"


def fits_quiz(question: Mapping[str, Any]) -> bool:
    """Whether Telegram's native quiz can hold a check question."""
    explanation = question["explanation"]
    return (
        _units(question["text"]) <= QUIZ_QUESTION
        and 2 <= len(question["options"]) <= QUIZ_OPTIONS
        and all(_units(option) <= QUIZ_OPTION for option in question["options"])
        and _units(explanation) <= QUIZ_EXPLANATION
        and explanation.count("\n") <= QUIZ_LINE_FEEDS
    )


def _units(text: str) -> int:
    """A text's length as Telegram counts it, in UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """At most two messages: the lesson with a sound, its question without.

    A work group gets the lesson text only, with the way into the private chat.
    """
    values = facts.values
    lines = _lines(renderer, facts.language, values["footers"])
    texts = lesson_texts(renderer, facts.language, values, lines=lines)
    if values["is_group"]:
        into_private = InlineKeyboardButton(
            renderer.label("answer_in_private", facts.language),
            url=f"https://t.me/{renderer.bot_username}?start=today",
        )
        keyboard = InlineKeyboardMarkup([[into_private]])
    else:
        keyboard = lesson_keyboard(renderer, facts.language, values)
    sent = [
        Part(
            Text(text.text, tuple(entities(text)), keyboard if is_last else None),
            silent=number > 0,
            lines=lines if is_last else (),
        )
        for number, (text, is_last) in enumerate(with_last(texts))
    ]
    if not values["is_group"]:
        sent.append(Part(_question(renderer, facts.language, values), silent=True))
    return sent


def lesson_texts(
    renderer: Renderer,
    language: str,
    values: Mapping[str, Any],
    *,
    recorded: int | None = None,
    lines: tuple[RichText, ...] = (),
) -> list[RichText]:
    """The lesson's message, or messages where it is longer than Telegram allows.

    `lines` are the notices it says at its end, worded.
    """
    shown = dict(values) | {"footers": lines}
    return renderer.once(
        (
            "daily_lesson",
            values["key"],
            values["is_group"],
            values["is_asked"],
            values["is_review"],
            values["is_must"],
            language,
            recorded,
            lines,
        ),
        lambda: split(renderer.text("daily_lesson", language, **shown, recorded=recorded)),
    )


def _lines(renderer: Renderer, language: str, footers: Sequence[Facts]) -> tuple[RichText, ...]:
    """The lines of the notices that were folded into a lesson."""
    return tuple(renderer.text(f"line_{line.kind}", language, **line.values) for line in footers)


def with_last(texts: Sequence[RichText]) -> list[tuple[RichText, bool]]:
    """Each text, and whether it is the last, which has the buttons."""
    return [(text, number == len(texts) - 1) for number, text in enumerate(texts)]


def lesson_keyboard(
    renderer: Renderer,
    language: str,
    values: Mapping[str, Any],
    *,
    is_learned: bool = False,
    may_recall: bool = False,
    may_say_used: bool = False,
) -> InlineKeyboardMarkup:
    """What can be done with a lesson from the message that brought it."""
    occasion = values["occasion"]
    keys = [buttons.press(renderer.label("ask", language), "ask", occasion)]
    if not is_learned:
        keys.insert(0, buttons.press(renderer.label("learned", language), "learned", occasion))
    if may_recall:
        keys.append(recall_button(renderer, language))
    if may_say_used:
        keys.append(buttons.press(renderer.label("say_used", language), "used", occasion))
    return media.below(buttons.row(*keys), renderer, language, values["media"])


def recall_button(renderer: Renderer, language: str) -> InlineKeyboardButton:
    """再来一题: the way to a question about an earlier lesson."""
    return buttons.press(renderer.label("recall", language), "recall", ANOTHER)


def _question(renderer: Renderer, language: str, values: Mapping[str, Any]) -> Quiz | Text:
    question = values["question"]
    if fits_quiz(question):
        return Quiz(
            question["text"],
            tuple(question["options"]),
            question["answer"],
            question["explanation"],
        )
    text, keyboard = question_with_buttons(renderer, language, values)
    return Text(text.text, tuple(entities(text)), keyboard)


def question_with_buttons(
    renderer: Renderer, language: str, values: Mapping[str, Any]
) -> tuple[RichText, InlineKeyboardMarkup]:
    """The check question as a message with a lettered button per option."""
    question = values["question"]
    text = renderer.text("daily_question", language, question=lettered(question), chosen=None)
    keys = [
        buttons.press(LETTERS[number], "option", number, values["occasion"])
        for number in range(len(question["options"]))
    ]
    return text, buttons.rows(keys, width=4)


def lettered(question: Mapping[str, Any]) -> dict[str, Any]:
    """A check question with a letter to every option, as its message shows it."""
    return dict(question) | {"lettered": list(zip(LETTERS, question["options"], strict=False))}


def preview_messages(
    renderer: Renderer, language: str, lesson: PackLesson, content_language: str
) -> list[tuple[str, str]]:
    """A lesson of a pack as the (label, text) of its messages, for its author."""
    words = lesson.texts[content_language]
    values = {
        "key": (lesson.content_hash, lesson.status, content_language),
        "number": lesson.code.lstrip("0"),
        "title": words.title,
        "body": words.body,
        "minutes": lesson.minutes,
        "is_draft": lesson.status == "draft",
        "is_group": False,
        "is_asked": False,
        "is_review": False,
        "is_must": False,
        "occasion": "",
        "footers": (),
        "question": asdict(words.question) | {"options": list(words.question.options)},
    }
    shown = [
        (str(number + 1), text.text)
        for number, text in enumerate(lesson_texts(renderer, language, values))
    ]
    question, _ = question_with_buttons(renderer, language, values)
    return [*shown, (str(len(shown) + 1), question.text)]
