"""The way around: 我的, 更多, help, privacy, words typed instead of buttons."""

import tomllib
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from telegram import InlineKeyboardMarkup, Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import Forms
from bot.handlers import daily_lesson, enrolment, questions, records
from bot.render import LANGUAGES, LOCALES, read_toml
from curriculum import questions as asked
from curriculum import records as ledger
from curriculum.errors import NotThere
from curriculum.people import PRIVACY_VERSION, Speaker

Act = Callable[[Update, WuxueContext], Coroutine[Any, Any, None]]


def read_words(path: Path = LOCALES / "typed_words.toml") -> dict[str, str]:
    """What people type, lower case, to what it means; every button's own word included."""
    table: dict[str, list[str]] = tomllib.loads(path.read_text(encoding="utf-8"))
    labels = [read_toml(language, "labels.toml") for language in LANGUAGES]
    return {
        word.lower(): act
        for act, words in table.items()
        for word in (*words, *(label[act] for label in labels))
    }


async def me(update: Update, context: WuxueContext) -> None:
    """我的: what stands in the ledger for her, and her own questions."""
    speaker = await context.speaker(update)
    totals = await context.read(ledger.own_totals, speaker.person_id)
    own = await context.read(asked.own, speaker)
    await context.say(
        speaker.chat_id,
        context.text("me", speaker.language, speaker=speaker, totals=totals, questions=own),
    )


async def more(update: Update, context: WuxueContext) -> None:
    """更多: what else there is, as buttons for what this person may do."""
    speaker = await context.speaker(update)
    keyboard = more_keyboard(context, speaker)
    await context.say(speaker.chat_id, context.text("more", speaker.language), keyboard)


def more_keyboard(context: WuxueContext, speaker: Speaker) -> InlineKeyboardMarkup:
    """Only what she may do, so that no button ends in a refusal."""
    names = ["help", "privacy"]
    if speaker.may("read_records"):
        names.insert(0, "records")
    return buttons.rows(
        [buttons.press(context.label(name, speaker.language), "open", name) for name in names],
        width=2,
    )


async def help_(update: Update, context: WuxueContext) -> None:
    """/help: what this person can do; a stranger hears how to get in."""
    speaker = await context.speaker(update)
    text = context.text(
        "help",
        speaker.language,
        speaker=speaker,
        can_learn=speaker.may("learn"),
        can_ask=speaker.may("ask"),
        can_read_records=speaker.may("read_records"),
    )
    await context.say(speaker.chat_id, text, enrolment.keyboard(context, speaker.language))


async def privacy(update: Update, context: WuxueContext) -> None:
    """/privacy: the notice that was agreed to."""
    speaker = await context.speaker(update)
    text = context.text("privacy", speaker.language, version=PRIVACY_VERSION)
    await context.say(speaker.chat_id, text)


async def open_(update: Update, context: WuxueContext) -> None:
    """A button of 更多."""
    query = update.callback_query
    try:
        (name,) = buttons.read(query.data if query else None, "open", 1)
    except ValueError as error:
        raise NotThere from error
    acts: dict[str, Act] = {
        "help": help_,
        "privacy": privacy,
        "records": records.records_command,
    }
    if name not in acts:
        raise NotThere
    await acts[name](update, context)
    await context.answer(update)


async def typed(
    update: Update, context: WuxueContext, *, words: dict[str, str], forms: Forms
) -> None:
    """A text that is no command: a usual word, an answer a form waits for, or maybe a question."""
    message = update.effective_message
    if message is None or message.text is None:
        return
    act = words.get(message.text.strip().lower())
    acts: dict[str, Act] = {
        "today": daily_lesson.today,
        "me": me,
        "more": more,
        "help": help_,
        "privacy": privacy,
        "records": records.records_command,
    }
    if act == "ask":
        await questions.ask(update, context, forms)
    elif act in acts:
        await acts[act](update, context)
    elif not await forms.typed(update, context):
        await questions.offer(update, context, forms)


async def not_text(update: Update, context: WuxueContext) -> None:
    """A picture, a voice, a file: nothing here takes one yet, and nothing is kept of it."""
    speaker = await context.speaker(update)
    await context.say(speaker.chat_id, context.text("only_text", speaker.language))


async def old_button(update: Update, context: WuxueContext) -> None:
    """A button nobody knows any more, or a forged one."""
    await context.answer(update, context.label("old_button", await context.language(update)))
