"""The stand-in's own record: what it accepted, from whom, and how it misbehaved."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from curriculum import daily_lesson
from curriculum.facts import Facts
from scheduler.channel import ChannelError, Part, Receipt

if TYPE_CHECKING:
    from tests.simulation.process import Process
    from tests.simulation.virtual_time import VirtualClock

# (chat, what it is about, which part)
Key = tuple[int, str, int]


@dataclass(frozen=True, slots=True)
class Body:
    """What the stand-in is given to send: enough to know it again."""

    label: str
    part: int
    of: int


@dataclass(slots=True)
class Accepted:
    """One part that the stand-in took; `is_answered` when the sender was told so."""

    at: datetime
    key: Key
    message_id: int
    process: "Process"
    is_answered: bool = False

    @property
    def is_in_doubt(self) -> bool:
        """Whether the sender cannot have known: no answer, or it died or froze just then."""
        return not self.is_answered or self.process.was_struck_about(self.at)


@dataclass(slots=True)
class Weather:
    """How likely each trouble is, per sending call, and when nothing connects at all."""

    too_many: float = 0.0
    gateway: float = 0.0
    answer_lost: float = 0.0
    never_arrived: float = 0.0
    not_connected: float = 0.0
    refused: float = 0.0
    outages: list[tuple[datetime, datetime]] = field(default_factory=list)

    def calm(self) -> None:
        """From now on nothing goes wrong."""
        self.too_many = self.gateway = self.answer_lost = 0.0
        self.never_arrived = self.not_connected = self.refused = 0.0
        self.outages = []


class StandIn:
    """Telegram in memory: keeps everything it accepted, and everything it refused."""

    def __init__(self, clock: "VirtualClock", random: Random, weather: Weather) -> None:
        self.clock = clock
        self.random = random
        self.weather = weather
        self.accepted: list[Accepted] = []
        self.refusals: Counter[tuple[int, str, str]] = Counter()
        self.blocked: set[int] = set()
        self.ever_blocked: set[int] = set()
        self.flood_until: datetime | None = None

    def channel_of(self, process: "Process") -> "ProcessChannel":
        """The stand-in as one process reaches it."""
        return ProcessChannel(self, process)

    def trouble(self, chat_id: int, label: str) -> ChannelError | None:
        """What goes wrong with this call before it is accepted, if anything."""
        now, error = self.clock.now(), None
        if any(since <= now < until for since, until in self.weather.outages):
            error = ChannelError("not_connected")
        elif chat_id in self.blocked:
            error = ChannelError("unreachable", permanent=True, unreachable=True)
        elif self.flood_until is not None and now < self.flood_until:
            error = self._too_many()
        else:
            error = self._by_chance()
        if error is not None:
            self.refusals[chat_id, label, error.code] += 1
        return error

    def _by_chance(self) -> ChannelError | None:
        weather, dice = self.weather, self.random.random()
        for chance, code in (
            (weather.too_many, "too_many_requests"),
            (weather.gateway, "gateway"),
            (weather.never_arrived, "no_answer"),
            (weather.not_connected, "not_connected"),
            (weather.refused, "refused"),
        ):
            if dice < chance:
                if code == "too_many_requests":
                    wait = timedelta(seconds=self.random.randint(1, 30))
                    self.flood_until = self.clock.now() + wait
                    return self._too_many()
                return ChannelError(code, permanent=code == "refused", in_doubt=code == "no_answer")
            dice -= chance
        return None

    def _too_many(self) -> ChannelError:
        assert self.flood_until is not None
        wait = self.flood_until - self.clock.now()
        return ChannelError("too_many_requests", retry_at=self.clock.real() + wait)


class ProcessChannel:
    """The Channel of one process; the process may die before, while or after it is answered."""

    def __init__(self, stand_in: StandIn, process: "Process") -> None:
        self._stand_in = stand_in
        self._process = process

    def parts(self, facts: Facts) -> Sequence[Part]:
        """A lesson is a text and a quiz; everything else is one message."""
        if facts.kind in daily_lesson.KINDS:
            label, count = f"{facts.kind}/{facts.values['occasion']}", 2
        else:
            label, count = "/".join(facts.content_key.split("/")[:2]), 1
        return [Part(Body(label, n, count), silent=n > 0) for n in range(count)]

    async def send(self, chat_id: int, part: Part) -> Receipt:
        """Take one part, unless the weather or a block is against it."""
        stand_in, body = self._stand_in, part.body
        # Nobody can ask anything between the last look at the lease and the call.
        self._process.step(may_freeze=False)
        await asyncio.sleep(stand_in.random.uniform(0.01, 0.2))
        self._process.step(may_freeze=False)
        error = stand_in.trouble(chat_id, body.label)
        if error is None:
            taken = self._accept(chat_id, body)
            self._process.step()
        await asyncio.sleep(stand_in.random.uniform(0.01, 0.2) + self._process.frozen_for())
        self._process.step()
        if error is not None:
            raise error
        if stand_in.random.random() < stand_in.weather.answer_lost:
            raise ChannelError("no_answer", in_doubt=True)
        taken.is_answered = True
        poll = f"poll-{taken.message_id}" if body.part else None
        return Receipt(chat_id, taken.message_id, poll)

    def _accept(self, chat_id: int, body: Body) -> Accepted:
        taken = Accepted(
            at=self._stand_in.clock.now(),
            key=(chat_id, body.label, body.part),
            message_id=len(self._stand_in.accepted) + 1,
            process=self._process,
        )
        self._stand_in.accepted.append(taken)
        return taken
