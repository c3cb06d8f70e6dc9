"""What a channel must offer so that the postman can deliver through it without knowing it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from curriculum.facts import Facts
from curriculum.rich_text import RichText


@dataclass(frozen=True, slots=True)
class Part:
    """One sending call: what to send is the channel's own affair; `silent` makes no sound.

    `lines` are the worded lines of notices in it: they are kept, to come back when it is edited.
    """

    body: Any
    silent: bool
    lines: tuple[RichText, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the channel says of a part it accepted; poll_id when it was a quiz."""

    chat_id: int
    message_id: int
    poll_id: str | None = None


class ChannelError(Exception):
    """A part could not be sent.

    `permanent`: trying again will not help. `unreachable`: this person cannot be reached (blocked
    or closed account). `retry_at`: machine time before which nobody should send with this token.
    `in_doubt`: it may have arrived all the same, so only the end of the lease may send it again.
    `moved_to`: the chat has a new id; follow it.
    """

    def __init__(
        self,
        code: str,
        *,
        permanent: bool = False,
        unreachable: bool = False,
        retry_at: datetime | None = None,
        in_doubt: bool = False,
        moved_to: int | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.permanent = permanent
        self.unreachable = unreachable
        self.retry_at = retry_at
        self.in_doubt = in_doubt
        self.moved_to = moved_to


class Channel(Protocol):
    """A way to reach people."""

    def parts(self, facts: Facts) -> Sequence[Part]:
        """Word a message: the same content_key and language give the same parts."""
        ...

    async def send(self, chat_id: int, part: Part) -> Receipt:
        """Send one part; raises ChannelError."""
        ...
