"""The bot's own name and the links that lead to it; the bot as a command asks Telegram with it."""

import asyncio

from telegram import Bot
from telegram.error import InvalidToken, TelegramError

from bot.aiohttp_transport import AiohttpTransport
from bot.config import Config
from bot.telegram_request import TelegramRequest


def link(username: str, payload: str) -> str:
    """The deep link that opens the bot with a payload."""
    return f"https://t.me/{username}?start={payload}"


def short_lived(config: Config, token: str) -> Bot:
    """The bot for a command that asks Telegram a few things and ends."""
    proxy = config.telegram.proxy_url.get_secret_value() or None
    base_url = config.telegram.api_base_url
    return Bot(
        token,
        base_url=base_url,
        base_file_url=base_url.replace("/bot", "/file/bot"),
        # Not pyreqwest: its threads may still be at work when a command that took a moment
        # ends, and the interpreter then ends with a fatal error.
        request=TelegramRequest(transport=AiohttpTransport(proxy_url=proxy)),
        get_updates_request=TelegramRequest(transport=AiohttpTransport(proxy_url=proxy)),
    )


def username_of(config: Config, token: str) -> str | None:
    """Ask Telegram what the bot is called; None when it cannot be reached.

    Raises InvalidToken when it was reached and refuses the token.
    """

    async def ask() -> str:
        async with short_lived(config, token) as bot:
            return bot.username

    try:
        return asyncio.run(ask())
    except InvalidToken:
        raise
    except TelegramError:
        return None
