"""An event loop whose time jumps to the next timer, and a clock that reads it."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

T = TypeVar("T")
# Machines are never set exactly: whoever takes one time for the other is months off.
MACHINE_IS_OFF_BY = timedelta(days=-37, hours=5)
# Less than this the clock, a float of seconds, might not move at all.
SMALLEST_JUMP = 1e-6


class Host(Protocol):
    """The simulated process a task belongs to: it may die or freeze at any step."""

    def step(self) -> None:
        """One more step is about to be taken; raises when the process is dead."""
        ...

    def frozen_for(self) -> float:
        """Seconds for which the process still stands still."""
        ...

    def delay(self) -> float:
        """Seconds until the process sees what it asked the database for."""
        ...


HOST: ContextVar[Host | None] = ContextVar("host", default=None)


class _Jumping(selectors.DefaultSelector):  # type: ignore[valid-type,misc]
    """Waits for nothing: tells the loop how far it may jump instead."""

    jump: Callable[[float], None]

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0)
        if not ready:
            if timeout is None:
                raise RuntimeError("everything waits for something that will never happen")
            if timeout > 0:
                self.jump(timeout)
        return ready


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """Time stands still while anything runs and jumps when nothing does.

    Work given to a thread is done at once in this one, in the order it was asked for, and its
    result arrives after the host's delay: so a seed gives the same run each time.
    """

    def __init__(self) -> None:
        selector = _Jumping()
        self._virtual = 0.0
        selector.jump = self._jump
        super().__init__(selector)
        self.tasks_of: dict[int, list[asyncio.Task[Any]]] = {}
        self.after_work: Callable[[], None] = lambda: None
        self.set_task_factory(self._make_task)

    def _jump(self, seconds: float) -> None:
        self._virtual += max(seconds, SMALLEST_JUMP)

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._virtual

    def _make_task(self, loop: Any, coroutine: Any, **kwargs: Any) -> asyncio.Task[Any]:
        task = asyncio.Task(coroutine, loop=loop, **kwargs)
        if (host := HOST.get()) is not None:
            self.tasks_of.setdefault(id(host), []).append(task)
        return task

    def run_in_executor(self, _executor: Any, func: Callable[..., T], *args: Any) -> Any:
        """Do it in this thread; the result is seen a little later, by whoever still lives.

        A process that stands still asks only when it goes on.
        """
        future: asyncio.Future[T] = self.create_future()
        host = HOST.get()
        if host is None or not host.frozen_for():
            self._work(future, host, func, *args)
        else:
            self.call_later(host.frozen_for(), self._work, future, host, func, *args)
        return future

    def _work(
        self, future: asyncio.Future[T], host: Host | None, func: Callable[..., T], *args: Any
    ) -> None:
        if future.done():  # whoever asked is gone
            return
        try:
            if host is not None:
                host.step()
            result = func(*args)
            self.after_work()
            if host is not None:
                host.step()
        except BaseException as error:
            self.after_work()
            future.set_exception(error)
            return
        self.call_later(host.delay() if host is not None else 0.0, _arrive, future, result)


def _arrive(future: asyncio.Future[T], result: T) -> None:
    if not future.done():
        future.set_result(result)


class VirtualClock:
    """Business time that begins at `start`, and machine time that is off by weeks from it."""

    def __init__(self, loop: VirtualTimeLoop, start: datetime) -> None:
        self._loop = loop
        self.start = start

    def now(self) -> datetime:
        """Business time."""
        return self.start + timedelta(seconds=self._loop.time())

    def real(self) -> datetime:
        """Machine time."""
        return self.now() + MACHINE_IS_OFF_BY

    async def sleep(self, seconds: float) -> None:
        """Let others run until then."""
        await asyncio.sleep(max(0.0, seconds))


def run(loop: VirtualTimeLoop, coroutine: Coroutine[Any, Any, T]) -> T:
    """Run to the end on a virtual loop and close it."""
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(coroutine)
