"""The updates that wait for the bot: numbered, filtered, and kept until they are confirmed."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Json = dict[str, Any]

# Source: Bot API, getUpdates: these three come only when asked for by name.
_ON_REQUEST = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
KINDS = frozenset(
    {
        "message",
        "edited_message",
        "channel_post",
        "edited_channel_post",
        "business_connection",
        "business_message",
        "edited_business_message",
        "deleted_business_messages",
        "inline_query",
        "chosen_inline_result",
        "callback_query",
        "shipping_query",
        "pre_checkout_query",
        "purchased_paid_media",
        "poll",
        "poll_answer",
        "my_chat_member",
        "chat_join_request",
        "chat_boost",
        "removed_chat_boost",
        "managed_bot",
        "guest_message",
        *_ON_REQUEST,
    }
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An update not yet confirmed; `at` is business time."""

    update_id: int
    at: datetime
    json: Json


class Updates:
    """The queue. `arrived` are called, without arguments, after each update that is kept."""

    def __init__(self, first_id: int = 700_000_001) -> None:
        self.next_id = first_id
        self.waiting: deque[Waiting] = deque()
        self.allowed: frozenset[str] | None = None
        self.arrived: list[Callable[[], None]] = []

    def add(self, kind: str, payload: Json, at: datetime) -> int | None:
        """Queue one update; returns its id, or None when the bot does not ask for this kind."""
        if kind in _ON_REQUEST if self.allowed is None else kind not in self.allowed:
            return None
        return self.add_raw({kind: payload}, at)

    def add_raw(self, body: Json, at: datetime) -> int:
        """Queue an update of any shape, to see what the bot does with one it cannot read."""
        update_id = self.next_id
        self.next_id += 1
        self.waiting.append(Waiting(update_id, at, {"update_id": update_id, **body}))
        for call in list(self.arrived):
            call()
        return update_id

    def allow(self, kinds: Iterable[str]) -> None:
        """Remember the kinds wanted from now on; none named means Telegram's default set.

        As with Telegram, unknown names are ignored and updates already queued stay.
        """
        known = frozenset(kinds) & KINDS
        self.allowed = known or None

    def confirm(self, offset: int) -> None:
        """Forget every update below `offset`; a negative one keeps only the last -offset."""
        if offset < 0:
            while len(self.waiting) > -offset:
                self.waiting.popleft()
            return
        while self.waiting and self.waiting[0].update_id < offset:
            self.waiting.popleft()

    def batch(self, limit: int) -> list[Json]:
        """The oldest waiting updates; they stay until confirmed."""
        return [item.json for item, _ in zip(self.waiting, range(limit), strict=False)]

    def expire(self, before: datetime) -> int:
        """Drop what arrived before `before`, as Telegram does after 24 hours; returns how many."""
        gone = 0
        while self.waiting and self.waiting[0].at < before:
            self.waiting.popleft()
            gone += 1
        return gone
