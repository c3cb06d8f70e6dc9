"""Long jobs: done at once on SQLite, stored for any process to take up on PostgreSQL."""

from collections.abc import Awaitable, Callable, Mapping
from threading import Event
from typing import Protocol

# Ids, dates and codes only: they are stored and logged, so never a name or a text.
Arguments = Mapping[str, int | str]
Perform = Callable[[str, Arguments], Awaitable[None]]


class JobStopped(Exception):
    """The process is ending: whoever keeps the job does it again from its beginning."""


class Jobs(Protocol):
    """Runs jobs by name; each is done at least once, also when a process dies over it.

    `is_queued` says whether a job may have to wait for others. `stopping` is set when the process
    is about to end: a job looks at it now and then and raises JobStopped.
    """

    is_queued: bool
    stopping: Event

    async def start(self) -> None:
        """Begin to take up what is stored."""
        ...

    async def run(self, name: str, arguments: Arguments) -> None:
        """Have a job done: when this returns it is done or safely stored."""
        ...

    async def idle(self) -> None:
        """Return when no job is waiting or under way."""
        ...

    async def stop(self) -> None:
        """Take nothing new, put back what is under way; within two seconds."""
        ...


class JobsAtOnce:
    """Within the handler that asks for them: a crash brings its update back, and so the job."""

    is_queued = False

    def __init__(self, perform: Perform) -> None:
        self._perform = perform
        self.stopping = Event()

    async def start(self) -> None:
        """Nothing is stored anywhere but with the update."""

    async def run(self, name: str, arguments: Arguments) -> None:
        """Do it now; raises what the job raises, JobStopped included."""
        await self._perform(name, arguments)

    async def idle(self) -> None:
        """Each job is part of the processing of an update."""

    async def stop(self) -> None:
        """Whoever processes the update waits for it."""
        self.stopping.set()
