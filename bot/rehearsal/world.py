"""The rehearsal's world, and everything a person can do in it with a phone."""

from __future__ import annotations

import mimetypes
from collections.abc import Sequence

from bot.rehearsal import entities, files, polls, privacy
from bot.rehearsal.keyboards import START_PAYLOAD
from bot.rehearsal.refusal import ActError, Refusal
from bot.rehearsal.stored import Chat, Event, Json, Person, StoredMessage, quoted
from bot.rehearsal.strict import MAX_CAPTION, MAX_TEXT, Upload
from bot.rehearsal.world_state import WorldState


class World(WorldState):
    """Acts of people. Each takes effect as on Telegram and queues the update the bot would get.

    What the phone would not let her do raises ActError, worded for her.
    """

    # --- setting the stage

    def add_user(self, user_id: int, first_name: str, language_code: str = "zh-hans") -> Person:
        """A new account and its private chat; the bot may write there only once she starts it."""
        user: Json = {
            "id": user_id,
            "is_bot": False,
            "first_name": first_name,
            "language_code": language_code,
        }
        person = Person(user_id, user)
        self.people[user_id] = person
        chat_json: Json = {"id": user_id, "first_name": first_name, "type": "private"}
        self.chats[user_id] = Chat(user_id, chat_json)
        return person

    def add_group(
        self,
        chat_id: int,
        title: str,
        member_ids: Sequence[int],
        *,
        supergroup: bool = False,
        bot_is_admin: bool = False,
    ) -> Chat:
        """A group (negative id) with the bot in it; the first member created it and added the bot,
        which the bot learns by a my_chat_member update."""
        if chat_id >= 0:
            raise ValueError("a group's id is negative")
        kind = "supergroup" if supergroup else "group"
        chat = Chat(chat_id, {"id": chat_id, "title": title, "type": kind})
        chat.members = dict.fromkeys(member_ids, "member")
        chat.bot_status = "administrator" if bot_is_admin else "member"
        self.chats[chat_id] = chat
        if member_ids:
            chat.members[member_ids[0]] = "creator"
            self.member_update(chat, self.people[member_ids[0]].json, "left", chat.bot_status)
        return chat

    # --- writing

    def open_link(self, user_id: int, payload: str = "") -> StoredMessage:
        """Open t.me/<bot>?start=<payload> and press Start; this also unblocks the bot."""
        if payload and not START_PAYLOAD.fullmatch(payload):
            raise ActError("这个链接不完整。", "This link is not complete.")
        person = self.person(user_id)
        if person.blocked:
            self.unblock(user_id)
        return self.say(user_id, f"/start {payload}".strip())

    def say(
        self, user_id: int, text: str, *, chat_id: int | None = None, reply_to: int | None = None
    ) -> StoredMessage:
        """Send a text, by default to the bot. Telegram trims it and splits what is longer than
        4,096 units; returns the last message."""
        chat = self._may_write(user_id, chat_id)
        trimmed = _clean(text).strip()
        if not trimmed:
            raise ActError("先写点什么再发送。", "Write something first.")
        message = None
        while trimmed:
            part = entities.first_part(trimmed, MAX_TEXT)
            trimmed = trimmed[len(part) :].lstrip()
            shown, found = entities.finished(part, [])
            content: Json = {"text": shown}
            if found:
                content["entities"] = list(found)
            message = self._send(user_id, chat, content, reply_to)
        if message is None:
            raise ActError("先写点什么再发送。", "Write something first.")
        self._key_used(chat, text)
        return message

    def press_reply_button(
        self, user_id: int, text: str, *, chat_id: int | None = None
    ) -> StoredMessage:
        """Press a key of the reply keyboard, which sends its text."""
        return self.say(user_id, text, chat_id=chat_id)

    def send_file(
        self,
        user_id: int,
        file_name: str,
        data: bytes,
        caption: str = "",
        *,
        chat_id: int | None = None,
        kind: str = "document",
        reply_to: int | None = None,
        album: str = "",
    ) -> StoredMessage:
        """Send a file; `kind` is document, photo or voice. The type follows from its name; a phone
        takes no more than 1,024 units of caption. Those of one `album` were sent together."""
        chat = self._may_write(user_id, chat_id)
        mime = mimetypes.guess_type(file_name)[0] or "application/octet-stream"
        try:
            file = self.files.keep(kind, Upload(file_name, data, mime))
            shown, found = entities.finished(entities.first_part(_clean(caption), MAX_CAPTION), [])
        except Refusal as refusal:
            raise ActError(
                f"这个文件发不出去（{refusal.description}）。", refusal.description
            ) from None
        content = files.describe(kind, file)
        if shown:
            content["caption"] = shown
        if found:
            content["caption_entities"] = list(found)
        if album:
            content["media_group_id"] = album
        return self._send(user_id, chat, content, reply_to)

    def send_location(self, user_id: int, latitude: float, longitude: float) -> StoredMessage:
        """Send a place on the map to the bot."""
        chat = self._may_write(user_id, None)
        content = {"location": {"latitude": latitude, "longitude": longitude}}
        return self._send(user_id, chat, content, None)

    def send_voice(
        self, user_id: int, data: bytes, *, chat_id: int | None = None, reply_to: int | None = None
    ) -> StoredMessage:
        """Send a voice message (Ogg Opus)."""
        return self.send_file(
            user_id, "voice.oga", data, chat_id=chat_id, kind="voice", reply_to=reply_to
        )

    # --- pressing and voting

    def press(
        self,
        user_id: int,
        chat_id: int,
        message_id: int,
        *,
        data: str | None = None,
        row: int | None = None,
        column: int | None = None,
    ) -> str:
        """Press an inline button, found by its data or its place; returns the query's id."""
        chat = self.chat_seen_by(user_id, chat_id)
        message = chat.messages.get(message_id)
        if message is None:
            raise ActError("这条消息已经不在了。", "This message is gone.")
        button = _button(message, data, row, column)
        if button is None:
            raise ActError("这个按钮已经不在了。", "This button is gone.")
        if "callback_data" not in button:
            raise ActError("这个按钮打开的是链接。", "This button opens a link.")
        return self.forge_callback(user_id, chat_id, message_id, button["callback_data"])

    def forge_callback(self, user_id: int, chat_id: int, message_id: int, data: str) -> str:
        """Send a callback query with any data, for a button there never was or is no longer."""
        person = self.person(user_id)
        chat = self.chats[chat_id]
        if chat.private and person.blocked:
            raise ActError("您已停用机器人。", "You have blocked the bot.")
        message = chat.messages.get(message_id)
        shown = (
            message.json if message else {"chat": chat.json, "message_id": message_id, "date": 0}
        )
        query_id = self.new_query(user_id, chat_id)
        query = {
            "id": query_id,
            "from": person.json,
            "message": shown,
            "chat_instance": str(chat_id * 7919),
            "data": data,
        }
        self.updates.add("callback_query", query, self.now())
        return query_id

    def vote(self, user_id: int, poll_id: str, option_ids: Sequence[int]) -> None:
        """Vote in a poll; no options takes the vote back where the poll allows it."""
        self.close_due_polls()
        person = self.person(user_id)
        poll = self.polls.get(poll_id)
        if poll is None or self.message(poll.chat_id, poll.message_id) is None:
            raise ActError("这个投票已经不在了。", "This poll is gone.")
        self.chat_seen_by(user_id, poll.chat_id)
        chosen = polls.check(poll, user_id, option_ids)
        self.set_poll(poll, polls.count(poll, user_id, chosen))
        if not poll.json["is_anonymous"]:
            self.updates.add("poll_answer", polls.answer(poll, person, chosen), self.now())

    # --- coming and going

    def block(self, user_id: int) -> None:
        """Block the bot; it learns this by a my_chat_member update."""
        person = self.person(user_id)
        if not person.blocked:
            person.blocked = True
            self.member_update(self.chats[user_id], person.json, "member", "kicked")
            self.tell(Event("chat", user_id))

    def unblock(self, user_id: int) -> None:
        """Let the bot write again."""
        person = self.person(user_id)
        if person.blocked:
            person.blocked = False
            self.member_update(self.chats[user_id], person.json, "kicked", "member")
            self.tell(Event("chat", user_id))

    def deactivate(self, user_id: int) -> None:
        """The account is deleted; nothing tells the bot until it writes."""
        self.person(user_id).deactivated = True

    def join_group(self, user_id: int, chat_id: int) -> StoredMessage:
        """Join a group, with Telegram's service message."""
        chat = self.chats[chat_id]
        person = self.person(user_id)
        chat.members[user_id] = "member"
        self.tell(Event("chat", chat_id))
        return self._send(user_id, chat, {"new_chat_members": [person.json]}, None)

    def leave_group(self, user_id: int, chat_id: int) -> StoredMessage:
        """Leave a group, with Telegram's service message."""
        chat = self.chat_seen_by(user_id, chat_id)
        chat.members[user_id] = "left"
        self.tell(Event("chat", chat_id))
        return self._send(user_id, chat, {"left_chat_member": self.people[user_id].json}, None)

    def kick_bot(self, user_id: int, chat_id: int) -> None:
        """Remove the bot from a group."""
        chat = self.chat_seen_by(user_id, chat_id)
        old, chat.bot_status = chat.bot_status, "kicked"
        self.post(chat, self.people[user_id].json, {"left_chat_member": self.bot})
        self.member_update(chat, self.people[user_id].json, old, "kicked")

    def add_bot(self, user_id: int, chat_id: int) -> None:
        """Bring the bot back into a group."""
        chat = self.chat_seen_by(user_id, chat_id)
        old, chat.bot_status = chat.bot_status, "member"
        self.post(chat, self.people[user_id].json, {"new_chat_members": [self.bot]})
        self.member_update(chat, self.people[user_id].json, old, "member")

    def migrate_group(self, chat_id: int) -> int:
        """Upgrade a group to a supergroup; returns its new id. Messages stay behind, as on
        Telegram, and calls that name the old id are told the new one."""
        old = self.chats[chat_id]
        new_id = -1_000_000_000_000 + chat_id
        new = Chat(new_id, {"id": new_id, "title": old.title, "type": "supergroup"})
        new.members, new.bot_status = dict(old.members), old.bot_status
        self.chats[new_id] = new
        creator = next(iter(old.members), None)
        sender = self.people[creator].json if creator is not None else self.bot
        left = self.post(old, sender, {"migrate_to_chat_id": new_id})
        old.migrated_to = new_id
        arrived = self.post(new, sender, {"migrate_from_chat_id": chat_id})
        for message in (left, arrived):
            self.updates.add("message", message.json, self.now())
        return new_id

    # --- within

    def _may_write(self, user_id: int, chat_id: int | None) -> Chat:
        person = self.person(user_id)
        chat = self.chat_seen_by(user_id, chat_id)
        if person.deactivated:
            raise ActError("这个账号已注销。", "This account is deleted.")
        if chat.private and person.blocked:
            raise ActError(
                "您已停用机器人，先重新启用。", "You have blocked the bot; unblock it first."
            )
        return chat

    def _send(self, user_id: int, chat: Chat, content: Json, reply_to: int | None) -> StoredMessage:
        self.close_due_polls()
        person = self.people[user_id]
        if chat.private:
            person.started = True
        if reply_to is not None:
            content = {**content, **quoted(chat, reply_to)}
        message = self.post(chat, person.json, content)
        if chat.private or privacy.bot_sees(self, chat, message.json):
            self.updates.add("message", message.json, self.now())
        return message

    def _key_used(self, chat: Chat, text: str) -> None:
        keyboard = chat.keyboard
        if keyboard and keyboard.get("one_time_keyboard"):
            keys = [key["text"] for row in keyboard["keyboard"] for key in row]
            if text in keys:
                chat.keyboard = None
                self.tell(Event("chat", chat.chat_id))


def _clean(text: str) -> str:
    """What is not proper Unicode never leaves a phone."""
    return text.encode("utf-8", "ignore").decode().replace("\x00", "")


def _button(
    message: StoredMessage, data: str | None, row: int | None, column: int | None
) -> Json | None:
    rows = message.inline_keyboard
    if data is not None:
        return next((item for item in message.buttons if item.get("callback_data") == data), None)
    if row is None or not 0 <= row < len(rows):
        return None
    place = column or 0
    return rows[row][place] if 0 <= place < len(rows[row]) else None
