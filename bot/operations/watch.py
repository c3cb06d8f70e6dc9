"""Everything that watches one running bot, wired: metrics, health, heartbeat, the Monday line."""

from bot.operations import health
from bot.operations.health import Health
from bot.operations.heartbeat import Heartbeat
from bot.operations.listener import Listener
from bot.operations.metrics import Metrics, Snapshot
from bot.operations.received import Received
from curriculum import monday_line
from scheduler.clock import Clock
from scheduler.counts import Counts
from storage import queue
from storage.engine import Database


class Watch:
    """Reads the counters of one bot; `chores` is what the ticker is to do each minute."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        counts: Counts,
        received: Received,
        bot: int,
        zone: str,
        listen: str = "",
        heartbeat_url: str = "",
        ticks: bool = True,
        polls: bool = True,
    ) -> None:
        self._database = database
        self._clock = clock
        self._counts = counts
        self._received = received
        self._bot = bot
        self._zone = zone
        self._ticks, self._polls = ticks, polls
        self._metrics = Metrics()
        self.listener = Listener(listen, page=self.page, health=self.health)
        self.heartbeat = Heartbeat(heartbeat_url)
        self.chores = (self._owe_monday_line, self._beat)

    async def start(self) -> None:
        """Listen for monitoring. Raises CannotListen."""
        await self.listener.start()

    async def stop(self) -> None:
        """Close what is open."""
        await self.heartbeat.stop()
        await self.listener.stop()

    def health(self) -> Health:
        """How the bot is now."""
        return health.judge(
            self._counts,
            self._received,
            real=self._clock.real(),
            ticks=self._ticks,
            polls=self._polls,
        )

    async def page(self) -> bytes:
        """The metrics as Prometheus reads them."""
        now = self._clock.now()
        open_now = await self._database.read(queue.depth, bot=self._bot, now=now)
        return self._metrics.page(Snapshot(self._counts, self._received, open_now, now))

    async def _owe_monday_line(self) -> None:
        await self._database.write(
            monday_line.owe, bot=self._bot, zone=self._zone, now=self._clock.now()
        )

    async def _beat(self) -> None:
        """A ping while a job hangs or nothing is received would hide just that."""
        if self.health().is_well:
            self.heartbeat.beat()
