"""The update being processed, known to whatever is called on its behalf."""

from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(slots=True)
class InHand:
    """The inbox row being processed, so that its mark joins the handler's own transaction."""

    row_id: int
    attempts: int
    received_at: datetime
    is_marked: bool = False
    # Rows of the same sender whose text is processed with this one, and marked with it.
    joined: tuple[int, ...] = ()
    postponed: timedelta | None = None
    failure: str | None = None
    # Which receiver has it, where there are several; None where there is only one.
    receiver: str | None = None
    # Another receiver has it now, or it was processed already: nothing of ours may count.
    is_lost: bool = False

    @property
    def result(self) -> str:
        """What became of it: done, postponed or failed."""
        if self.postponed is not None:
            return "postponed"
        return "failed" if self.failure is not None else "done"


IN_HAND: ContextVar[InHand | None] = ContextVar("IN_HAND", default=None)
