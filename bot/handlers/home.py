"""The way around: 我的, 更多, help, privacy, words typed instead of buttons."""

import tomllib
from collections.abc import Callable, Coroutine, Mapping
from functools import cache
from typing import Any

from telegram import InlineKeyboardMarkup, Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import Forms
from bot.handlers import asked_elsewhere, consent, enrolment, enrolment_forms, questions
from bot.render import LANGUAGES, LOCALES, read_toml
from bot.taps import carried
from curriculum import certificates_seen
from curriculum import questions as asked
from curriculum import records as ledger
from curriculum.errors import NotThere
from curriculum.people import RIGHTS, Speaker

Act = Callable[[Update, WuxueContext], Coroutine[Any, Any, None]]
# The pages of 更多: acts and the right each asks for; six at most on a page (EXPERIENCE 2).
PAGES: dict[str, tuple[tuple[str, str | None], ...]] = {
    "learning": (
        ("library", "learn"),
        ("catch_up", "learn"),
        ("recall", "learn"),
        ("progress", "learn"),
        ("own_questions", "learn"),
        ("answered_questions", "learn"),
    ),
    "work": (
        ("todo", "see_todo"),
        ("schedule", "schedule"),
        ("workers", "see_workers"),
        ("library", "read_unit_library"),
        ("records", "read_records"),
        ("waiting_questions", "answer_questions"),
    ),
    "together": (
        ("topics", "ask"),
        ("stories", "share_story"),
        ("training", "join_training"),
        ("visits", "join_visit"),
        ("study", "learn"),
        ("study", "schedule"),
        ("supervise", "be_supervised"),
        ("supervise", "supervise"),
        ("supervise", "assign_supervision"),
    ),
    "people": (
        ("arrivals", "schedule"),
        ("people", "manage_people"),
        ("units", "manage_people"),
        ("import_people", "import_people"),
        ("work_groups", "link_group"),
        ("duty", "set_duty"),
    ),
    "settings": (
        ("pause", "learn"),
        ("hour", "learn"),
        ("away", "name_deputy"),
        ("language", None),
        ("privacy", None),
        ("mydata", None),
    ),
}


@cache
def read_words() -> Mapping[str, str]:
    """What people type, lower case, to what it means; every button's own word included."""
    path = LOCALES / "typed_words.toml"
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
    text = context.text("me", speaker.language, speaker=speaker, totals=totals, questions=own)
    label = context.label("own_questions", speaker.language)
    keys = [buttons.press(label, "own_questions", 0)] if own else []
    if (await context.read(certificates_seen.own, speaker)).lines:
        label = context.label("own_certificates", speaker.language)
        keys.append(buttons.press(label, "own_certificates", 0))
    keyboard = buttons.rows(keys) if keys else None
    await context.say(speaker.chat_id, text, keyboard)


async def more(update: Update, context: WuxueContext) -> None:
    """更多: what else there is, as buttons for what this person may do."""
    speaker = await context.speaker(update)
    keyboard = more_keyboard(context, speaker, _first_page(speaker))
    await context.say(speaker.chat_id, context.text("more", speaker.language), keyboard)


async def turn_page(update: Update, context: WuxueContext) -> None:
    """Another page of 更多, in the same message."""
    speaker = await context.speaker(update)
    message = update.effective_message
    (page,) = carried(update, "more", 1)
    if page not in PAGES:
        raise NotThere
    keyboard = more_keyboard(context, speaker, page)
    await context.answer(update)
    if message is not None:
        text = context.text("more", speaker.language)
        await context.edit(message.chat_id, message.message_id, text, keyboard)


def _first_page(speaker: Speaker) -> str:
    return next(page for page in PAGES if _open_to(speaker, page))


def _open_to(speaker: Speaker, page: str) -> list[str]:
    """The acts of a page that she may do, so that no button ends in a refusal."""
    open_to = (name for name, right in PAGES[page] if right is None or speaker.may(right))
    return list(dict.fromkeys(open_to))


def more_keyboard(context: WuxueContext, speaker: Speaker, page: str) -> InlineKeyboardMarkup:
    """One page of 更多 and, in the last row, the other pages and the help."""
    keys = [
        buttons.press(context.label(name, speaker.language), "open", name)
        for name in _open_to(speaker, page)
    ]
    others = [
        buttons.press(context.label(f"page_{other}", speaker.language), "more", other)
        for other in PAGES
        if other != page and _open_to(speaker, other)
    ]
    others.append(buttons.press(context.label("help", speaker.language), "open", "help"))
    rows = buttons.rows(keys, width=2).inline_keyboard
    return InlineKeyboardMarkup([*rows, others])


async def help_(update: Update, context: WuxueContext) -> None:
    """/help: what this person can do; a stranger hears how to get in."""
    speaker = await context.speaker(update)
    can = {right for right in RIGHTS if speaker.may(right)}
    text = context.text("help", speaker.language, can=can)
    await context.say(speaker.chat_id, text, enrolment_forms.keyboard(context, speaker.language))


async def privacy(update: Update, context: WuxueContext) -> None:
    """/privacy: the notice that was agreed to."""
    speaker = await context.speaker(update)
    text = context.text("privacy", speaker.language, version=context.services.privacy_version)
    await context.say(speaker.chat_id, text, consent.way_out(context, speaker.language))


async def open_(update: Update, context: WuxueContext, *, acts: dict[str, Act]) -> None:
    """A button of 更多."""
    (name,) = carried(update, "open", 1)
    if name not in acts:
        raise NotThere
    await acts[name](update, context)
    await context.answer(update)


async def typed(
    update: Update,
    context: WuxueContext,
    *,
    words: Mapping[str, str],
    acts: dict[str, Act],
    forms: Forms,
) -> None:
    """A text that is no command: a usual word, an answer a form waits for, or maybe a question."""
    message = update.effective_message
    if message is None or message.text is None:
        return
    act = words.get(message.text.strip().lower())
    if act in acts:
        await acts[act](update, context)
        return
    if await asked_elsewhere.replied(update, context, forms):
        return
    if not (
        await forms.typed(update, context) or await enrolment.typed_code(update, context, forms)
    ):
        await questions.offer(update, context, forms)


async def not_text(update: Update, context: WuxueContext, *, forms: Forms) -> None:
    """A picture, a voice, a file that nothing here takes: nothing is kept of it.

    Where a form waits for another kind of file, it says again for which.
    """
    speaker = await context.speaker(update)
    if await forms.shown_again(update, context):
        return
    await context.say(speaker.chat_id, context.text("only_text", speaker.language))


async def old_button(update: Update, context: WuxueContext) -> None:
    """A button nobody knows any more, or a forged one."""
    await context.answer(update, context.label("old_button", await context.language(update)))


BUTTONS: dict[str, Act] = {
    "more": turn_page,
}
