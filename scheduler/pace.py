"""How fast one chat may be written to: a message a second, twenty a minute in a group."""

from datetime import datetime, timedelta

# Telegram's limits per chat. A group's id is negative.
PRIVATE, GROUP = timedelta(seconds=1), timedelta(seconds=3)
MOST_KEPT = 10_000
# Whoever would have to wait longer than this was noted by a clock that was set back since.
LONGEST = timedelta(minutes=1)


class ChatPace:
    """When each chat may be written to next (machine time).

    Replies are only noted: whoever presses twice within a second gets both answers, and the
    broadcast waits behind them.
    """

    def __init__(self, *, private: timedelta = PRIVATE, group: timedelta = GROUP) -> None:
        self._private, self._group = private, group
        self._free_at: dict[int, datetime] = {}

    def wait(self, chat_id: int, *, real: datetime) -> float:
        """Seconds until this chat may be written to, 0 for now."""
        free_at = self._free_at.get(chat_id, real)
        if not real < free_at <= real + LONGEST:
            return 0.0
        return (free_at - real).total_seconds()

    def note(self, chat_id: int, *, real: datetime) -> None:
        """Something goes to this chat now."""
        gap = self._private if chat_id > 0 else self._group
        if not gap:
            return
        if len(self._free_at) >= MOST_KEPT:
            self._free_at = {chat: at for chat, at in self._free_at.items() if at > real}
        wait = timedelta(seconds=self.wait(chat_id, real=real))
        self._free_at[chat_id] = real + wait + gap


def unhurried() -> ChatPace:
    """No pace at all, for the rehearsal: its phones are no Telegram."""
    return ChatPace(private=timedelta(0), group=timedelta(0))
