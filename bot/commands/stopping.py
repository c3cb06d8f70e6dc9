"""Ending on Ctrl-C or SIGTERM, whatever is being waited for."""

import asyncio
import signal
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any


def stop_signal() -> asyncio.Event:
    """Set on Ctrl-C or SIGTERM."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # Windows has no such handlers; Ctrl-C still raises
            loop.add_signal_handler(number, stopping.set)
    return stopping


async def unless_stopped(work: Coroutine[Any, Any, Any], stopping: asyncio.Event) -> bool:
    """Wait for `work`; True when it ended by itself, False when it was broken off to stop.

    What `work` raises is raised here.
    """
    working = asyncio.ensure_future(work)
    waiting = asyncio.ensure_future(stopping.wait())
    try:
        await asyncio.wait({working, waiting}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()
        if not working.done():
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)
    if working.cancelled():
        return False
    working.result()
    return True
