"""The phones of the rehearsal page, and how their chats look as JSON for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from bot.rehearsal.stored import Json, Label, StoredFile, StoredMessage
from bot.rehearsal.world import World

SHOWN = 200
_CONTENT = ("text", "poll", "document", "photo", "voice")


@dataclass(slots=True)
class Invite:
    """A personal link this phone has received and not opened."""

    payload: str
    label: Label


@dataclass(slots=True)
class Phone:
    """One phone on the page: a person in her private chat, or in a group."""

    phone_id: str
    title: Label
    person: str
    user_id: int
    chat_id: int
    invite: Invite | None = None

    @property
    def kind(self) -> str:
        return "private" if self.chat_id == self.user_id else "group"


class Phones:
    """The phones, in the order the page shows them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.by_id: dict[str, Phone] = {}

    def add(
        self,
        phone_id: str,
        title: Label,
        user_id: int,
        *,
        chat_id: int | None = None,
        invite: Invite | None = None,
    ) -> Phone:
        """Show a phone. `chat_id` is a group; by default the person's chat with the bot."""
        name = self.world.people[user_id].name
        phone = Phone(phone_id, title, name, user_id, chat_id or user_id, invite)
        self.by_id[phone_id] = phone
        return phone

    def in_chat(self, chat_id: int) -> list[Phone]:
        """The phones that show this chat."""
        self.follow_migration()
        return [phone for phone in self.by_id.values() if phone.chat_id == chat_id]

    def follow_migration(self) -> None:
        """Turn phones to the supergroup their group was upgraded to."""
        for phone in self.by_id.values():
            moved = self.world.chats[phone.chat_id].migrated_to
            if moved is not None:
                phone.chat_id = moved

    def link_used(self, phone: Phone, payload: str) -> None:
        """Take the invitation off the phone that opened it."""
        if phone.invite is not None and phone.invite.payload == payload:
            phone.invite = None

    def json(self, phone: Phone, *, messages: bool = True) -> Json:
        """A phone as the page reads it, with its last 200 messages or without any."""
        world = self.world
        chat = world.chats[phone.chat_id]
        keyboard = None
        if chat.keyboard is not None:
            keyboard = {
                "rows": [[key["text"] for key in row] for row in chat.keyboard["keyboard"]],
                "placeholder": chat.keyboard.get("input_field_placeholder"),
            }
        body: Json = {
            "id": phone.phone_id,
            "kind": phone.kind,
            "title": phone.title,
            "person": phone.person,
            "user_id": phone.user_id,
            "chat_id": phone.chat_id,
            "blocked": phone.kind == "private" and world.people[phone.user_id].blocked,
            "invite": None
            if phone.invite is None
            else {"payload": phone.invite.payload, "label": phone.invite.label},
            "reply_keyboard": keyboard,
            "commands": world.commands_for(phone.user_id, phone.chat_id),
        }
        if phone.kind == "group":
            body["members"] = [
                {"user_id": user_id, "name": world.people[user_id].name}
                for user_id, status in chat.members.items()
                if status not in {"left", "kicked"}
            ]
        if messages:
            shown = [item for item in chat.messages.values() if is_shown(item)][-SHOWN:]
            body["messages"] = [self.message_json(phone, item) for item in shown]
        return body

    def message_json(self, phone: Phone, message: StoredMessage) -> Json:
        """A message as this phone shows it."""
        body = message.json
        sender = body["from"]
        reply = body.get("reply_to_message")
        return {
            "id": message.message_id,
            "date": message.at.isoformat(),
            "edited": message.edited,
            "from": {
                "id": sender["id"],
                "name": sender["first_name"],
                "is_bot": sender["is_bot"],
            },
            "mine": sender["id"] == phone.user_id,
            "silent": message.silent,
            "protected": message.protected,
            "text": body.get("text"),
            "entities": list(body.get("entities") or ()),
            "caption": body.get("caption"),
            "caption_entities": list(body.get("caption_entities") or ()),
            "poll": _poll_json(message, phone.user_id),
            **self._media_json(body),
            "inline_keyboard": _keyboard_json(message),
            "reply_to": None
            if reply is None
            else {"id": reply["message_id"], "text": reply.get("text") or reply.get("caption")},
        }

    def _media_json(self, body: Json) -> Json:
        media: Json = {"document": None, "photo": None, "voice": None}
        if "document" in body:
            file = self.world.files.by_id[body["document"]["file_id"]]
            media["document"] = {"name": file.name, "size": len(file.data), "url": file_url(file)}
        if "photo" in body:
            file = self.world.files.by_id[body["photo"][-1]["file_id"]]
            media["photo"] = {
                "url": file_url(file),
                "width": file.width,
                "height": file.height,
                "size": len(file.data),
            }
        if "voice" in body:
            file = self.world.files.by_id[body["voice"]["file_id"]]
            media["voice"] = {"url": file_url(file), "duration": body["voice"]["duration"]}
        return media


def is_shown(message: StoredMessage) -> bool:
    """Service messages (joined, pinned, upgraded) are not shown on the page."""
    return any(name in message.json for name in _CONTENT)


def file_url(file: StoredFile) -> str:
    """Where the page downloads a file."""
    return f"/rehearsal/files/{file.file_id}/{quote(file.name, safe='')}"


def _poll_json(message: StoredMessage, user_id: int) -> Json | None:
    poll = message.poll
    if poll is None:
        return None
    mine = list(poll.votes.get(user_id, ()))
    known = bool(mine) or poll.closed
    return {
        "id": poll.poll_id,
        "question": poll.json["question"],
        "options": [
            {"text": option["text"], "votes": option["voter_count"]}
            for option in poll.json["options"]
        ],
        "type": poll.json["type"],
        "multiple": poll.json["allows_multiple_answers"],
        "closed": poll.closed,
        "my_votes": mine,
        "correct": list(poll.correct) if known and poll.correct else None,
        "explanation": (poll.explanation or None) if known else None,
        "explanation_entities": list(poll.explanation_entities) if known else [],
    }


def _keyboard_json(message: StoredMessage) -> list[list[dict[str, Any]]] | None:
    if not message.inline_keyboard:
        return None
    return [
        [
            {
                "text": button["text"],
                "kind": "callback" if "callback_data" in button else "url",
                "url": button.get("url"),
            }
            for button in row
        ]
        for row in message.inline_keyboard
    ]
