"""正在准备: what is said while a long job makes a file, and how far it is."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import structlog
from telegram.error import TelegramError

from bot.context import WuxueContext
from bot.jobs import Arguments, JobStopped
from curriculum.people import Speaker

log = structlog.get_logger(__name__)
STEP_SECONDS = 3.0


async def announce(
    context: WuxueContext, speaker: Speaker, *, rows: int, said: str = "preparing"
) -> dict[str, int | str]:
    """Say without a sound that a file of `rows` is coming; returns what `shown` needs of it.

    `said` is the template of the message, for what is counted in something else than rows.
    """
    text = context.text(said, speaker.language, done=0, total=rows)
    message = await context.say(speaker.chat_id, text, silent=True)
    return {"message_id": message.message_id, "rows": rows, "said": said}


@asynccontextmanager
async def shown(
    context: WuxueContext, speaker: Speaker, arguments: Arguments
) -> AsyncIterator[Callable[[int], None]]:
    """Within it a file is made and sent; yields what counts its rows, from any thread.

    The message that `announce` sent, if it did, follows the count, and goes when the file is there.
    The counting raises JobStopped when the process is about to end.
    """
    stopping = context.services.jobs.stopping
    said, done = str(arguments.get("said", "preparing")), 0

    def on_row(count: int) -> None:
        nonlocal done
        done = count
        if stopping.is_set():
            raise JobStopped

    async def follow(message_id: int, rows: int) -> None:
        while True:
            await context.services.clock.sleep(STEP_SECONDS)
            text = context.text(said, speaker.language, done=done, total=rows)
            try:
                await context.edit(speaker.chat_id, message_id, text)
            except TelegramError as error:
                log.info("progress_not_shown", error=type(error).__name__)

    if "message_id" not in arguments:
        yield on_row
        return
    message_id = int(arguments["message_id"])
    following = asyncio.create_task(follow(message_id, int(arguments["rows"])))
    try:
        yield on_row
    except JobStopped:
        # Whoever does it again goes on in the same message.
        raise
    except Exception:
        await _remove(context, speaker, message_id)
        raise
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
    await _remove(context, speaker, message_id)


async def _remove(context: WuxueContext, speaker: Speaker, message_id: int) -> None:
    try:
        await context.bot.delete_message(speaker.chat_id, message_id)
    except TelegramError as error:
        # It stays and is out of date; the file is there.
        log.info("progress_not_removed", error=type(error).__name__)
