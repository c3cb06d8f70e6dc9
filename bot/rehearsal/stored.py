"""What the stand-in remembers: people, chats, messages, polls and files.

Contents are plain dicts with Telegram's own field names. They are shared, not copied, between
messages, updates and answers: a change always replaces a dict and never alters one in place.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypedDict

Json = dict[str, Any]


class Label(TypedDict):
    """A text for people in the two interface languages."""

    zh: str
    en: str


@dataclass(slots=True)
class Person:
    """A Telegram account other than the bot's."""

    user_id: int
    json: Json
    started: bool = False
    blocked: bool = False
    deactivated: bool = False
    toasts: list[Toast] = field(default_factory=list)

    @property
    def name(self) -> str:
        return str(self.json["first_name"])

    @property
    def language_code(self) -> str:
        return str(self.json.get("language_code", ""))


@dataclass(frozen=True, slots=True)
class Toast:
    """An answered button press as the person saw it; `alert` asked for a dialog with OK."""

    text: str
    alert: bool
    query_id: str
    at: datetime


@dataclass(slots=True)
class StoredMessage:
    """One message; `json` is what Telegram returns for it now (lists may be tuples in it).

    `silent` was sent with disable_notification; `locked` carried a reply keyboard and can
    therefore never be edited; `preview` is its link_preview_options.
    """

    message_id: int
    chat_id: int
    at: datetime
    json: Json
    silent: bool = False
    locked: bool = False
    preview: Json | None = None
    poll: StoredPoll | None = None
    deleted: bool = False

    @property
    def protected(self) -> bool:
        return bool(self.json.get("has_protected_content"))

    @property
    def edited(self) -> bool:
        return "edit_date" in self.json

    @property
    def from_bot(self) -> bool:
        return bool(self.json.get("from", {}).get("is_bot"))

    @property
    def text(self) -> str:
        """The text or, where there is none, the caption; "" for neither."""
        return str(self.json.get("text") or self.json.get("caption") or "")

    @property
    def entities(self) -> list[Json]:
        return list(self.json.get("entities") or self.json.get("caption_entities") or ())

    @property
    def inline_keyboard(self) -> list[list[Json]]:
        """Rows of buttons, [] when there are none."""
        markup = self.json.get("reply_markup") or {}
        return list(markup.get("inline_keyboard") or ())

    @property
    def buttons(self) -> list[Json]:
        """Every inline button in reading order."""
        return [button for row in self.inline_keyboard for button in row]

    def button(self, text: str) -> Json:
        """The inline button with this label. Raises KeyError naming the labels there are."""
        for candidate in self.buttons:
            if candidate["text"] == text:
                return candidate
        raise KeyError(f"no button {text!r} among {[item['text'] for item in self.buttons]}")


@dataclass(slots=True)
class StoredPoll:
    """A poll with the options each person chose; `json` is Telegram's Poll object."""

    poll_id: str
    chat_id: int
    message_id: int
    json: Json
    correct: tuple[int, ...]
    explanation: str
    explanation_entities: tuple[Json, ...]
    revoting: bool
    votes: dict[int, tuple[int, ...]] = field(default_factory=dict)

    @property
    def closed(self) -> bool:
        return bool(self.json["is_closed"])


@dataclass(slots=True)
class Chat:
    """A private chat (its id is the person's) or a group (negative id)."""

    chat_id: int
    json: Json
    messages: dict[int, StoredMessage] = field(default_factory=dict)
    last_id: int = 0
    members: dict[int, str] = field(default_factory=dict)
    bot_status: str = "member"
    migrated_to: int | None = None
    keyboard: Json | None = None
    pinned: list[int] = field(default_factory=list)
    menu_button: Json | None = None

    @property
    def private(self) -> bool:
        return bool(self.json["type"] == "private")

    @property
    def title(self) -> str:
        return str(self.json.get("title") or self.json.get("first_name"))


def quoted(chat: Chat, message_id: int) -> Json:
    """The reply_to_message part of a reply, without the original's own quote; {} if it is gone."""
    original = chat.messages.get(message_id)
    if original is None:
        return {}
    body = {key: value for key, value in original.json.items() if key != "reply_to_message"}
    return {"reply_to_message": body}


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file; equal bytes of equal name are kept once."""

    file_id: str
    unique_id: str
    path: str
    name: str
    mime: str
    data: bytes
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class Query:
    """A pressed button waiting for answerCallbackQuery."""

    query_id: str
    user_id: int
    chat_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Sent:
    """One successful call of the bot; `order` rises by one each time, `at` is business time.

    getUpdates and the webhook methods are not logged, since they reach no person.
    `message` is the message the call made or changed, None for calls about no message.
    """

    order: int
    method: str
    chat_id: int | None
    at: datetime
    message: StoredMessage | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Something a phone shows at once.

    `kind`: message, edited, deleted (`message`); chat (keyboard, blocked or members changed);
    toast (`user_id`, `toast`); typing.
    """

    kind: str
    chat_id: int
    message: StoredMessage | None = None
    user_id: int | None = None
    toast: Toast | None = None
