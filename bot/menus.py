"""The menu beside the text field: what each person may do, in her language."""

from collections.abc import Iterable

import structlog
from telegram import Bot, BotCommand, BotCommandScopeChat, BotCommandScopeDefault
from telegram.error import TelegramError

from bot.context import WuxueContext
from bot.render import LANGUAGES, Renderer
from curriculum import people
from curriculum.people import ADMINISTRATOR, COORDINATOR, LEARNER, OBSERVER, SUPERVISOR, Speaker

log = structlog.get_logger(__name__)
EVERYBODY = ("help", "language", "privacy")
# Of whoever something is kept.
ENROLLED = (*EVERYBODY, "mydata")
# What a role's menu holds, most used first; somebody with two roles sees both.
BY_ROLE = {
    LEARNER: (
        "today",
        "ask",
        "me",
        "progress",
        "library",
        "stories",
        "recall",
        "catch_up",
        "study",
        "supervise",
        "training",
        "visit",
        "pause",
        "hour",
    ),
    SUPERVISOR: (
        *("todo", "supervise", "questions", "workers", "library", "stories", "training", "visit"),
        *("ask", "me", "away"),
    ),
    COORDINATOR: (
        "todo",
        "topics",
        "schedule",
        "calendar",
        "study",
        "supervise",
        "training",
        "visit",
        "roll",
        "questions",
        "delivery",
        "link",
        "duty",
        "people",
        "units",
        "records",
        "roster",
        "library",
        "stories",
        "ask",
        "away",
    ),
    ADMINISTRATOR: ("people", "units", "roster"),
    OBSERVER: (),
}


def commands_of(roles: Iterable[str]) -> tuple[str, ...]:
    """The commands for somebody with these roles, each once, in a fixed order."""
    held = set(roles)
    named = [name for role, names in BY_ROLE.items() if role in held for name in names]
    return tuple(dict.fromkeys((*named, *ENROLLED)))


def worded(renderer: Renderer, names: Iterable[str], language: str) -> list[BotCommand]:
    """Commands with what they do, in a language."""
    return [BotCommand(name, renderer.label(f"command_{name}", language)) for name in names]


async def offer(context: WuxueContext, chat_id: int) -> None:
    """Give one chat the menu of whoever speaks there now; a stranger gets the general one.

    A menu less is no reason to fail at anything else.
    """
    speaker: Speaker | None = await context.read(
        people.who, bot=context.services.bot_id, chat_id=chat_id, now=context.now()
    )
    scope = BotCommandScopeChat(chat_id)
    try:
        if speaker is None:
            await context.bot.delete_my_commands(scope)
            return
        names = commands_of(grant.role for grant in speaker.grants)
        commands = worded(context.services.renderer, names, speaker.language)
        await context.bot.set_my_commands(commands, scope)
    except TelegramError as error:
        log.warning("menu_not_set", chat=chat_id, error=type(error).__name__)


async def offer_to(context: WuxueContext, person_id: int) -> None:
    """Give somebody whose roles have changed the menu she has now."""
    chat_id = await context.read(people.chat_of, bot=context.services.bot_id, person_id=person_id)
    if chat_id is not None:
        await offer(context, chat_id)


async def offer_general(bot: Bot, renderer: Renderer) -> None:
    """The menu of whoever has none of her own: how to get help, in every interface language."""
    for language in LANGUAGES:
        code = None if language == LANGUAGES[0] else language
        try:
            await bot.set_my_commands(
                worded(renderer, EVERYBODY, language), BotCommandScopeDefault(), code
            )
        except TelegramError as error:
            log.warning("menu_not_set", error=type(error).__name__)
