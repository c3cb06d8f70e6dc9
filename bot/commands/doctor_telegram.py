"""What one call to Telegram tells: is it reachable, whose token this is, is our clock right."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import aiohttp
from telegram import Bot

from bot.commands import ground
from bot.commands.finding import ACT, FINE, LOOK, Finding
from bot.commands.ground import words
from bot.config import Config, ConfigRefused, bot_token, word_problem
from scheduler.clock import Clock

TIMEOUT_SECONDS = 10.0
SLOW_SECONDS = 3.0
SKEW = timedelta(seconds=5)
UNAUTHORIZED, NOT_FOUND = 401, 404


@dataclass(frozen=True, slots=True)
class Answer:
    """How Telegram answered getMe; `username` is None when it refused the token."""

    username: str | None
    seconds: float
    # Its clock ahead of ours, or behind when negative; None when it did not say.
    ahead: timedelta | None


async def look_at_telegram(config: Config, path: Path, clock: Clock) -> list[Finding]:
    """Token, Telegram and clock, from one call."""
    try:
        token = bot_token(config, path)
    except ConfigRefused as refused:
        said = word_problem(refused.problems[0], ground.language())
        return [Finding(ACT, words("doctor_token"), said)]
    try:
        answer = await _ask(config, token, clock)
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        # The address holds the token, so only the error's name is shown.
        said = words("doctor_not_reached", reason=type(error).__name__)
        return [Finding(ACT, "Telegram", said)]
    return [_token(answer), _reach(answer), _clock(answer)]


async def _ask(config: Config, token: str, clock: Clock) -> Answer:
    address = f"{Bot(token, base_url=config.telegram.api_base_url).base_url}/getMe"
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
    proxy = config.telegram.proxy_url.get_secret_value() or None
    async with aiohttp.ClientSession(timeout=timeout) as session:
        began = clock.real()
        async with session.get(address, proxy=proxy) as response:
            ended = clock.real()
            body = {} if response.status in (UNAUTHORIZED, NOT_FOUND) else await response.json()
    if response.status not in (UNAUTHORIZED, NOT_FOUND) and not body.get("ok"):
        raise ValueError("no answer of the Bot API")
    username = body["result"]["username"] if body else None
    middle = began + (ended - began) / 2
    return Answer(
        username, (ended - began).total_seconds(), _ahead(response.headers.get("Date"), middle)
    )


def _ahead(said: str | None, ours: datetime) -> timedelta | None:
    """How far the Date header is ahead; it counts whole seconds, so half a second is added."""
    if said is None:
        return None
    theirs = parsedate_to_datetime(said)
    return theirs.replace(tzinfo=theirs.tzinfo or UTC) + timedelta(seconds=0.5) - ours


def _token(answer: Answer) -> Finding:
    if answer.username is None:
        return Finding(ACT, words("doctor_token"), words("token_refused"))
    return Finding(FINE, words("doctor_token"), f"@{answer.username}")


def _reach(answer: Answer) -> Finding:
    said = words("doctor_reached", seconds=f"{answer.seconds:.2f}")
    return Finding(LOOK if answer.seconds > SLOW_SECONDS else FINE, "Telegram", said)


def _clock(answer: Answer) -> Finding:
    about = words("doctor_clock")
    if answer.ahead is None:
        return Finding(LOOK, about, words("doctor_clock_unknown"))
    seconds = round(abs(answer.ahead).total_seconds())
    if abs(answer.ahead) <= SKEW:
        return Finding(FINE, about, words("doctor_clock_right", seconds=seconds))
    if answer.ahead > timedelta(0):
        return Finding(ACT, about, words("doctor_clock_slow", seconds=seconds))
    return Finding(ACT, about, words("doctor_clock_fast", seconds=seconds))
