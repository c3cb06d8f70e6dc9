"""The wuxue command as a process forked from one that has imported everything.

Importing costs 1.5 s of each process and is the same for all; what a test of a process is about
begins after it: the folder, the environment, signals, locks, two at once, the exit code.
"""

import asyncio
import multiprocessing
import os
import sys
from collections.abc import Mapping
from multiprocessing.process import BaseProcess
from multiprocessing.reduction import DupFd  # type: ignore[attr-defined]  # known on Unix only
from pathlib import Path
from typing import Any

from bot import app  # noqa: F401  what `wuxue run` imports later is imported here already
from bot.cli import main
from bot.commands import ground
from bot.rehearsal import rehearse  # noqa: F401  and so is what `wuxue rehearse` imports

NAME = str(Path(__file__).parents[3] / "bot" / "__main__.py")


class Forked:
    """What asyncio's own processes offer, as far as tests use it."""

    def __init__(
        self, process: BaseProcess, stdout: asyncio.StreamReader, stderr: asyncio.StreamReader
    ) -> None:
        self.stdout, self.stderr = stdout, stderr
        self._process = process
        self._ended = asyncio.Event()
        asyncio.get_running_loop().add_reader(process.sentinel, self._end)

    def _end(self) -> None:
        asyncio.get_running_loop().remove_reader(self._process.sentinel)
        self._process.join()
        self._ended.set()

    async def wait(self) -> int:
        """The exit code, or the negative number of the signal that ended it."""
        await self._ended.wait()
        code = self._process.exitcode
        assert code is not None
        return code

    def send_signal(self, number: int) -> None:
        """Raises ProcessLookupError when it has ended."""
        assert self._process.pid is not None
        if self._ended.is_set():
            raise ProcessLookupError
        os.kill(self._process.pid, number)

    def kill(self) -> None:
        """What `kill -9` does."""
        if self._ended.is_set():
            raise ProcessLookupError
        self._process.kill()


async def start(arguments: tuple[str, ...], folder: Path, environment: Mapping[str, str]) -> Forked:
    """Start `wuxue` with these arguments and nothing but this environment, in that folder."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, "tests.proofs.sender"])
    (out, to_out), (err, to_err) = os.pipe(), os.pipe()
    process = context.Process(
        target=_Wuxue(arguments, str(folder), dict(environment), to_out, to_err), daemon=True
    )
    process.start()
    os.close(to_out)
    os.close(to_err)
    return Forked(process, await _reader(out), await _reader(err))


async def _reader(pipe: int) -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(pipe, "rb")
    )
    return reader


class _Wuxue:
    """The process's life; its pipes are handed over with it."""

    def __init__(
        self,
        arguments: tuple[str, ...],
        folder: str,
        environment: dict[str, str],
        to_out: int,
        to_err: int,
    ) -> None:
        self._life = (arguments, folder, environment)
        self._pipes = (to_out, to_err)

    def __getstate__(self) -> tuple[Any, list[Any]]:
        return self._life, [DupFd(pipe) for pipe in self._pipes]

    def __setstate__(self, state: tuple[Any, list[Any]]) -> None:
        self._life = state[0]
        self._pipes = tuple(pipe.detach() for pipe in state[1])  # type: ignore[assignment]

    def __call__(self) -> None:
        arguments, folder, environment = self._life
        for number, pipe in enumerate(self._pipes, start=1):
            os.dup2(pipe, number)
            os.close(pipe)
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", buffering=1, encoding="utf-8", closefd=False)  # noqa: SIM115
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        # They look at the terminal and its width when they are made.
        ground.console.__init__()  # type: ignore[misc]
        ground.errors.__init__(stderr=True)  # type: ignore[misc]
        sys.argv = [NAME, *arguments]
        main()
