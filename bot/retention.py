"""What was kept long enough is forgotten each night, kind by kind, after the days in config.toml.

The ledger, the audit trail and what was counted stay; what is sent has its own days (the pruner).
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlmodel import Session

from bot import personal_data
from bot.config_tables import Retention as Days
from bot.nightly import Nightly
from curriculum import (
    account_data,
    deputy_data,
    duty_data,
    forgetting,
    gathering_data,
    learning_data,
    question_data,
    story_consent,
    supervision_note_data,
    topic_data,
    training_data,
    visit_data,
    visit_log_data,
)
from scheduler.clock import Clock
from storage import one_at_a_time
from storage.engine import Database

log = structlog.get_logger(__name__)
# Forgotten in one transaction; between two of them others write.
AT_ONCE, PAUSE_SECONDS = 50, 0.05

# Forgets at most `limit` of what is older than `before`; gives how many there were.
Drop = Callable[..., int]


def _drop_reasons(session: Session, *, before: datetime, limit: int) -> int:
    """Why people were away from sessions, or could not come to a training or a visit."""
    gone = gathering_data.drop_reasons(session, before=before, limit=limit)
    if gone < limit:
        gone += training_data.drop_reasons(session, before=before, limit=limit - gone)
    if gone < limit:
        gone += visit_data.drop_reasons(session, before=before, limit=limit - gone)
    return gone


def _drop_sentences(session: Session, *, before: datetime, limit: int) -> int:
    """What was said of lessons put to use, and of first steps after a visit."""
    gone = learning_data.drop_sentences(session, before=before, limit=limit)
    if gone < limit:
        gone += visit_log_data.drop_sentences(session, before=before, limit=limit - gone)
    return gone


# By the key in config.toml.
KINDS: tuple[tuple[str, Drop], ...] = (
    ("declined_questions", question_data.drop_declined),
    ("question_voices", question_data.drop_voices),
    ("used_sentences", _drop_sentences),
    ("apology_reasons", _drop_reasons),
    ("absences", account_data.drop_absences),
    ("ended_accounts", account_data.drop_accounts),
    ("topic_changes", topic_data.drop_arrangements),
    ("story_drafts", story_consent.drop_drafts),
    ("danger_alerts", duty_data.drop_alerts),
    ("deputies", deputy_data.drop_old),
    ("supervision_notes", supervision_note_data.drop_old),
)
PEOPLE = "people_who_left"


class Retention(Nightly):
    """Forgets each night what has had its days."""

    # Local: nobody works then, and a backup of the day before is made.
    FROM_HOUR = 3
    BROKE_OFF = "retention_failed"

    def __init__(
        self, database: Database, clock: Clock, *, bot: int, zone: str, days: Days
    ) -> None:
        super().__init__(clock, zone=zone)
        self._database = database
        self._bot = bot
        self._days = days

    async def work(self) -> dict[str, int]:
        """Forget everything that has had its days; gives how much of each kind."""
        kinds = (*KINDS, (PEOPLE, personal_data.forget_who_left))
        found = {kind: await self._all_of(kind, drop) for kind, drop in kinds}
        gone = {kind: rows for kind, rows in found.items() if rows}
        if gone:
            # Deleted text would stay in SQLite's write-ahead file.
            await self._database.drop_old_pages()
            log.info("retention_ended", **gone)
        return gone

    async def _all_of(self, kind: str, drop: Drop) -> int:
        now = self._clock.now()
        before = now - timedelta(days=getattr(self._days, kind))
        total = 0
        while True:
            rows = await self._database.write(self._some_of, kind, drop, before=before, now=now)
            total += rows
            if rows < AT_ONCE:
                return total
            await self._clock.sleep(PAUSE_SECONDS)

    def _some_of(
        self, session: Session, kind: str, drop: Drop, *, before: datetime, now: datetime
    ) -> int:
        if not one_at_a_time.is_mine(session, f"{self._bot}:retention"):
            return 0
        # Whoever is forgotten has her own row in the audit trail, at her own moment.
        at = {"now": now} if kind == PEOPLE else {}
        rows = drop(session, before=before, limit=AT_ONCE, **at)
        if rows:
            forgetting.note_retention(session, kind, rows=rows, now=now)
        return rows
