"""Threads that run database work, and hand what they did back to the event loop in groups."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
# So many results go back together while more work waits. Each return wakes the event loop, which
# then takes the interpreter in turns with the thread, in the middle of its next transaction: one
# at a time cost a fifth of the throughput.
TOGETHER = 8


class _Job:
    """A call somebody waits for, and what came of it."""

    def __init__(self, future: Future[Any], call: Callable[[], Any]) -> None:
        self._future = future
        self._call = call
        self._result: Any = None
        self._error: BaseException | None = None

    def run(self) -> bool:
        """Do it; False when nobody waits for it any more."""
        if not self._future.set_running_or_notify_cancel():
            return False
        try:
            self._result = self._call()
        except BaseException as error:
            self._error = error
        return True

    def give_back(self) -> None:
        """Its result, or what it raised, to whoever waits."""
        if self._error is not None:
            self._future.set_exception(self._error)
        else:
            self._future.set_result(self._result)


class Workers(Executor):
    """A few threads that share one queue, in the order in which work was handed in."""

    def __init__(self, count: int, *, name: str) -> None:
        self._queue: SimpleQueue[_Job | None] = SimpleQueue()
        self._count = count
        self._name = name
        self._threads: list[Thread] = []
        self._is_closed = False

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run `fn` in a thread; cancelled before it begins, it never runs."""
        if self._is_closed:
            raise RuntimeError(self._name)
        while len(self._threads) < self._count:
            name = f"{self._name}_{len(self._threads)}"
            thread = Thread(target=self._work, name=name, daemon=True)
            self._threads.append(thread)
            thread.start()
        future: Future[T] = Future()
        self._queue.put(_Job(future, lambda: fn(*args, **kwargs)))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002  Executor's own
        """Finish what was handed in, then end the threads."""
        self._is_closed = True
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads if wait else ():
            thread.join()
        self._threads.clear()

    def _work(self) -> None:
        while (job := self._queue.get()) is not None:
            done: list[_Job] = []
            while job is not None:
                if job.run():
                    done.append(job)
                job = self._next() if len(done) < TOGETHER else None
            for one in done:
                one.give_back()

    def _next(self) -> _Job | None:
        try:
            job = self._queue.get_nowait()
        except Empty:
            return None
        if job is None:
            # The end, which the outer loop must see.
            self._queue.put(None)
        return job
