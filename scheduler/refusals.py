"""What becomes of a delivery whose sending was refused: tried again, and when, or given up."""

from datetime import datetime, timedelta

from scheduler.channel import ChannelError
from scheduler.turns import Outcome
from storage.deliveries import FAILED, Claimed

MAX_ATTEMPTS = 8
# A minute apart: about four hours.
GATEWAY_ATTEMPTS = 240
LONGEST_PAUSE_SECONDS = 60
# How long a lost answer may still turn up as a message before it is sent again.
IN_DOUBT = timedelta(seconds=60)


def outcome(row: Claimed, error: ChannelError, *, chat_id: int, real: datetime) -> Outcome:
    """What a refusal means for a delivery to `chat_id`, at `real` (machine time)."""
    if error.retry_at is not None:
        return Outcome(row.id, None, error.code, error.retry_at, is_attempt=False)
    if error.moved_to is not None and row.attempts < MAX_ATTEMPTS:
        return Outcome(row.id, None, "moved", moved=(chat_id, error.moved_to))
    if error.unreachable:
        return Outcome(row.id, FAILED, error.code, unreachable_chat=chat_id)
    if error.permanent or row.attempts >= _tries(error):
        return Outcome(row.id, FAILED, error.code)
    pause = timedelta(seconds=min(LONGEST_PAUSE_SECONDS, 2**row.attempts))
    if error.in_doubt:
        pause = max(pause, IN_DOUBT)
    return Outcome(row.id, None, error.code, real + pause)


def _tries(error: ChannelError) -> float:
    """How often a delivery is tried that fails like this.

    A network that is down says nothing about a message: it is tried until its time is up. A
    gateway's trouble may last for hours; a message that is its cause must end some day.
    """
    return {"not_connected": float("inf"), "gateway": GATEWAY_ATTEMPTS}.get(
        error.code, MAX_ATTEMPTS
    )
