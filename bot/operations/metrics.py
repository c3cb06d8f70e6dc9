"""The figures a monitoring system collects, in Prometheus's text format."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.metadata import version
from itertools import accumulate

from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector

from bot.operations.received import Received
from scheduler.counts import LATENESS_BORDERS, Counts
from storage import schema
from storage.queue import Queue

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is shown at one collecting; `now` is business time, the counters' moments are real."""

    counts: Counts
    received: Received
    queue: Queue
    now: datetime


class Metrics:
    """A registry of its own, so that two bots in one process do not mix their figures."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._shown = _Shown()
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        self._registry.register(self._shown)

    def page(self, snapshot: Snapshot) -> bytes:
        """The whole page for one collecting."""
        self._shown.snapshot = snapshot
        return generate_latest(self._registry)


@cache
def _build() -> dict[str, str]:
    """This release; looking it up among what is installed takes 4 ms."""
    return {"version": version("wuxue"), "schema": schema.head()}


class _Shown(Collector):
    def __init__(self) -> None:
        self.snapshot: Snapshot | None = None
        self._build = _build()

    def collect(self) -> Iterator[Metric]:
        """Every family; before the first snapshot only what is known without one."""
        yield InfoMetricFamily("wuxue_build", "Which release runs.", value=self._build)
        if self.snapshot is None:
            return
        yield from _queue(self.snapshot.queue, now=self.snapshot.now)
        yield from _sending(self.snapshot.counts)
        yield _counter("wuxue_updates", "Updates by result.", "result", self._received.updates)
        yield from _moments(self.snapshot.counts, self._received)

    @property
    def _received(self) -> Received:
        return self.snapshot.received if self.snapshot is not None else Received()


def _queue(queue: Queue, *, now: datetime) -> Iterator[Metric]:
    open_now = GaugeMetricFamily(
        "wuxue_queue_deliveries", "Deliveries not sent yet.", labels=["state"]
    )
    for state, count in (("due", queue.due), ("later", queue.later), ("claimed", queue.claimed)):
        open_now.add_metric([state], count)
    yield open_now
    oldest = queue.oldest_due_at
    waited = (now - oldest).total_seconds() if oldest is not None else 0.0
    yield GaugeMetricFamily(
        "wuxue_queue_oldest_due_seconds", "How long the oldest due delivery waits.", waited
    )


def _sending(counts: Counts) -> Iterator[Metric]:
    yield _counter("wuxue_deliveries", "Deliveries by result.", "result", counts.deliveries)
    yield _counter("wuxue_send_errors", "Refused or broken sends.", "error", counts.errors)
    yield CounterMetricFamily(
        "wuxue_marks_after_lease",
        "Messages written down after their lease; another process may have repeated them.",
        counts.after_lease,
    )
    below = [float(count) for count in accumulate(counts.late)]
    borders = [*(str(border) for border in LATENESS_BORDERS), "+Inf"]
    yield HistogramMetricFamily(
        "wuxue_delivery_lateness_seconds",
        "How long after its hour a delivery was sent.",
        buckets=list(zip(borders, below, strict=True)),
        sum_value=counts.late_seconds,
    )


def _moments(counts: Counts, received: Received) -> Iterator[Metric]:
    """When something last worked, in seconds since 1970; absent before the first time."""
    ticks = GaugeMetricFamily(
        "wuxue_last_tick_timestamp_seconds", "When a job last worked.", labels=["job"]
    )
    for job, at in sorted(counts.worked_at.items()):
        ticks.add_metric([job], at.timestamp())
    yield ticks
    if received.last_poll is not None:
        yield GaugeMetricFamily(
            "wuxue_last_poll_timestamp_seconds",
            "When Telegram last answered a poll.",
            received.last_poll.timestamp(),
        )


def _counter(name: str, told: str, label: str, values: dict[str, int]) -> Metric:
    family = CounterMetricFamily(name, told, labels=[label])
    for value, count in sorted(values.items()):
        family.add_metric([value], count)
    return family
