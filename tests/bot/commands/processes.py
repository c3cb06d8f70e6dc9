"""The wuxue command as real processes of its own folder, ended with the test."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bot.rehearsal.stored import Event
from bot.rehearsal.world import World
from tests.bot.commands import forked

REPOSITORY = Path(__file__).parents[3]
PATIENCE_SECONDS = 45.0
STOP_SECONDS = 5.0
# Nothing listens there, so whatever asks for Telegram is refused at once.
NOWHERE = "http://127.0.0.1:9/bot"
TOKEN = "123456789:AAabcdefghijklmnopqrstuvwxyz0123456789"


@dataclass(frozen=True)
class Finished:
    """How a command ended, what it said on stdout and stderr, and how long ending took."""

    code: int
    out: str
    err: str
    seconds: float = 0.0


class Running:
    """A command under way."""

    def __init__(self, process: asyncio.subprocess.Process | forked.Forked) -> None:
        self.process = process
        self.out, self.err = "", ""
        self._news = asyncio.Event()
        assert process.stdout is not None
        assert process.stderr is not None
        self._pumps = (
            asyncio.create_task(self._pump(process.stdout, "out")),
            asyncio.create_task(self._pump(process.stderr, "err")),
        )

    async def _pump(self, stream: asyncio.StreamReader, name: str) -> None:
        while line := await stream.readline():
            setattr(self, name, getattr(self, name) + line.decode())
            self._news.set()
        self._news.set()

    async def said(self, *texts: str) -> None:
        """Return when every text was said on stdout or stderr."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while any(text not in self.out + self.err for text in texts):
                assert not all(pump.done() for pump in self._pumps), self.out + self.err
                self._news.clear()
                await self._news.wait()

    async def end(self, number: int = signal.SIGTERM) -> Finished:
        """Send a signal and wait for the end, which must come within 5 seconds."""
        began = time.perf_counter()
        self.process.send_signal(number)
        async with asyncio.timeout(STOP_SECONDS):
            return await self.finished(began)

    async def finished(self, began: float | None = None) -> Finished:
        """How it ended, when it has."""
        began = time.perf_counter() if began is None else began
        async with asyncio.timeout(PATIENCE_SECONDS):
            await asyncio.gather(*self._pumps)
            code = await self.process.wait()
        return Finished(code, self.out, self.err, time.perf_counter() - began)

    async def kill(self) -> None:
        """What `kill -9` or a power cut does."""
        with suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()
        await asyncio.gather(*self._pumps)


class Machine:
    """A folder in which wuxue is used, and the processes started there."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        # Whether each process begins with nothing imported, as in an installation.
        self.is_cold = False
        kept = {name: value for name, value in os.environ.items() if "WUXUE" not in name}
        self.environment = kept | {
            "LANG": "zh_CN.UTF-8",
            "LC_ALL": "zh_CN.UTF-8",
            "PYTHONPATH": str(REPOSITORY),
            "PYTHONUTF8": "1",
            "PYTHONSAFEPATH": "1",
            "COLUMNS": "200",
            "WUXUE_TELEGRAM__API_BASE_URL": NOWHERE,
            **environment,
        }
        self._started: list[Running] = []

    async def start(self, *arguments: str) -> Running:
        """Start `wuxue ...` in the folder; nobody is at its keyboard."""
        if self.is_cold:
            running = Running(await self._cold(arguments))
        else:
            running = Running(await forked.start(arguments, self.folder, self.environment))
        self._started.append(running)
        return running

    async def _cold(self, arguments: tuple[str, ...]) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            *arguments,
            cwd=self.folder,
            env=self.environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )

    async def wuxue(self, *arguments: str) -> Finished:
        """Run `wuxue ...` to its end."""
        return await (await self.start(*arguments)).finished()

    async def done(self, *arguments: str) -> str:
        """Run `wuxue ...`, which must succeed; what it said on stdout."""
        finished = await self.wuxue(*arguments)
        assert finished.code == 0, finished
        return finished.out

    async def leave(self) -> None:
        """End whatever is still running."""
        for running in self._started:
            await running.kill()


@asynccontextmanager
async def machine(folder: Path, **environment: str) -> AsyncIterator[Machine]:
    """A machine whose processes end with the test."""
    made = Machine(folder, **environment)
    try:
        yield made
    finally:
        await made.leave()


async def until(world: World, condition: Callable[[], bool]) -> None:
    """Return when something that happened in the world made the condition true."""
    news = asyncio.Event()

    def tell(_: Event) -> None:
        news.set()

    world.listeners.append(tell)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not condition():
                news.clear()
                await news.wait()
    finally:
        world.listeners.remove(tell)
