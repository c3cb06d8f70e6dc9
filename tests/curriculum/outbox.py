"""The outbox without a channel: what is due is claimed, asked for and marked as if it arrived."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from curriculum.facts import Facts, NotWanted, Verdict
from scheduler import asking
from storage import deliveries, leases
from storage.deliveries import SKIPPED, Claimed
from storage.engine import Database
from tests.county import BOT
from tests.parts import record_part


def claim(session: Session, now: datetime, *, limit: int = 100) -> list[Claimed]:
    """Lease what is due."""
    return leases.claim(
        session,
        now=now,
        real=now,
        lease=timedelta(seconds=60),
        limit=limit,
        claimed_by="t",
        bot=BOT,
    )


def arrived(session: Session, row: Claimed, facts: Facts, *, now: datetime, parts: int = 2) -> None:
    """Mark a delivery as sent; its second part is a quiz."""
    for part in range(parts):
        record_part(
            session,
            delivery_id=row.id,
            part=part,
            chat_id=facts.chat_id,
            message_id=row.id * 10 + part,
            poll_id=f"poll-{row.id}" if part else None,
            content_version=facts.content_version,
            sent_at=now,
        )
    deliveries.finish(session, [row.id], status="sent", at=now)


class Outbox:
    """One database's outbox."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def send(self, now: datetime) -> list[Claimed]:
        """Claim what is due and mark what is wanted as sent, both parts; returns what was due."""
        return [row for row, _ in self._sent(now, parts=2)]

    def tell(self, now: datetime, *, kinds: Sequence[str]) -> list[Facts]:
        """The same of words in one part; returns what was said of these kinds."""
        found = self._sent(now, parts=1)
        return [said for row, said in found if row.kind in kinds and isinstance(said, Facts)]

    def _sent(self, now: datetime, *, parts: int) -> list[tuple[Claimed, Verdict]]:
        def run(session: Session) -> list[tuple[Claimed, Verdict]]:
            rows = claim(session, now)
            verdicts = asking.ask(session, rows, now=now).verdicts
            for row in rows:
                verdict = verdicts[row.id]
                if isinstance(verdict, Facts):
                    arrived(session, row, verdict, now=now, parts=parts)
                elif isinstance(verdict, NotWanted):
                    deliveries.finish(
                        session, [row.id], status=SKIPPED, at=now, error=verdict.reason
                    )
                else:
                    leases.hold(session, [row.id], until=verdict.until)
            return [(row, verdicts[row.id]) for row in rows]

        return self._database.write_now(run)

    def ask(self, now: datetime, *, kinds: Sequence[str] = ()) -> list[Verdict]:
        """Claim what is due: what would become of it (if of these kinds), in its order."""

        def run(session: Session) -> list[Verdict]:
            rows = claim(session, now)
            verdicts = asking.ask(session, rows, now=now).verdicts
            return [verdicts[row.id] for row in rows if not kinds or row.kind in kinds]

        return self._database.write_now(run)
