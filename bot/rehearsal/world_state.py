"""The state behind the stand-in: who and what there is, and how a message comes to be.

Nothing here waits or reads a clock; call it from the thread of the event loop that serves it.
"""

from __future__ import annotations

import heapq
import secrets
import sys
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.rehearsal.files import FileStore
from bot.rehearsal.membership import member_json
from bot.rehearsal.refusal import ActError, Refusal, bad_request, forbidden
from bot.rehearsal.stored import (
    Chat,
    Event,
    Json,
    Person,
    Query,
    Sent,
    StoredMessage,
    StoredPoll,
    Toast,
)
from bot.rehearsal.updates import Updates

BOT_ID = 7_000_000_001


class WorldState:
    """People, chats, messages, polls, files and commands of one bot.

    `now` gives business time as an aware datetime. A season of 100 learners (some 100,000
    messages) stays in memory; nothing is thrown away but what the bot deletes. Updates are kept
    until they are confirmed, not for Telegram's 24 hours, because business time jumps in a
    rehearsal; `expire_updates` plays that rule when asked. `privacy_mode` is Telegram's: in groups
    the bot sees only commands, mentions and replies to it.
    """

    def __init__(
        self,
        now: Callable[[], datetime],
        *,
        bot_name: str = "五学+",
        bot_username: str = "wuxue_rehearsal_bot",
        privacy_mode: bool = True,
    ) -> None:
        self.now = now
        # A new one each time, so that no page of the web can guess its way to the Bot API.
        self.token = f"{BOT_ID}:AA{secrets.token_urlsafe(25)}"
        self.bot: Json = {
            "id": BOT_ID,
            "is_bot": True,
            "first_name": bot_name,
            "username": bot_username,
        }
        self.privacy_mode = privacy_mode
        self.query_lifetime = timedelta(minutes=15)
        self.people: dict[int, Person] = {}
        self.chats: dict[int, Chat] = {}
        self.polls: dict[str, StoredPoll] = {}
        self.queries: dict[str, Query] = {}
        self.commands: dict[tuple[str, str], list[dict[str, str]]] = {}
        self.bot_texts: dict[tuple[str, str], str] = {}
        self.menu_button: Json = {"type": "commands"}
        self.files = FileStore()
        self.updates = Updates()
        self.sent_log: list[Sent] = []
        self.listeners: list[Callable[[Event], None]] = []
        self._closing: list[tuple[int, str]] = []
        self._next_query = 4_000_000_000_000_001
        self._next_poll = 5_300_000_000_000_001

    # --- looking

    def unix(self) -> int:
        """Business time in whole seconds since 1970, the form of every date in the Bot API."""
        return int(self.now().timestamp())

    def messages(self, chat_id: int) -> list[StoredMessage]:
        """Every message of a chat that is not deleted, oldest first. Raises KeyError."""
        return list(self.chats[chat_id].messages.values())

    def last_message(self, chat_id: int) -> StoredMessage:
        """The newest message of a chat. Raises LookupError when there is none."""
        for message in reversed(self.chats[chat_id].messages.values()):
            return message
        raise LookupError(f"chat {chat_id} is empty")

    def message(self, chat_id: int, message_id: int) -> StoredMessage | None:
        """One message, None when it never was or is deleted."""
        chat = self.chats.get(chat_id)
        return chat.messages.get(message_id) if chat else None

    def toasts(self, user_id: int) -> list[Toast]:
        """Every toast and alert this person was shown, oldest first."""
        return list(self.people[user_id].toasts)

    def person(self, user_id: int) -> Person:
        """A person by id. Raises ActError."""
        person = self.people.get(user_id)
        if person is None:
            raise ActError("没有这个人。", "There is no such person.")
        return person

    def chat_seen_by(self, user_id: int, chat_id: int | None) -> Chat:
        """The chat a person acts in: her private one, or a group she belongs to."""
        chat = self.chats.get(user_id if chat_id is None else chat_id)
        if chat is None or (chat.private and chat.chat_id != user_id):
            raise ActError("没有这个聊天。", "There is no such chat.")
        if chat.migrated_to is not None:
            raise ActError("这个群已升级。", "This group has been upgraded.")
        if not chat.private and chat.members.get(user_id, "left") in {"left", "kicked"}:
            raise ActError("您不在这个群里。", "You are not in this group.")
        return chat

    def commands_for(self, user_id: int, chat_id: int) -> list[dict[str, str]]:
        """The commands this person sees in this chat. Source: Bot API, "Determining list of
        commands": the narrowest scope first, in each the person's language before none."""
        chat = self.chats[chat_id]
        status = chat.members.get(user_id, "")
        scopes = [f"chat_member:{chat_id}:{user_id}"]
        if status in {"creator", "administrator"}:
            scopes.append(f"chat_administrators:{chat_id}")
        scopes.append(f"chat:{chat_id}")
        if status in {"creator", "administrator"}:
            scopes.append("all_chat_administrators")
        if chat.private:
            scopes = [f"chat:{chat_id}", "all_private_chats"]
        else:
            scopes.append("all_group_chats")
        language = self.person(user_id).language_code[:2]
        for scope in (*scopes, "default"):
            for code in (language, ""):
                if self.commands.get((scope, code)):
                    return self.commands[scope, code]
        return []

    # --- what the bot may reach

    def reachable(self, raw: str) -> Chat:
        """The chat the bot names by `raw`. Raises Refusal as Telegram does when it cannot write."""
        if not raw:
            raise bad_request("chat_id is empty")
        try:
            chat = self.chats.get(int(raw))
        except ValueError:
            chat = None
        if chat is None:
            raise bad_request("chat not found")
        if chat.migrated_to is not None:
            raise Refusal(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                {"migrate_to_chat_id": chat.migrated_to},
            )
        if chat.private:
            person = self.people[chat.chat_id]
            if person.deactivated:
                raise forbidden("user is deactivated")
            if person.blocked:
                raise forbidden("bot was blocked by the user")
            if not person.started:
                raise forbidden("bot can't initiate conversation with a user")
        elif chat.bot_status in {"kicked", "left"}:
            kind = "supergroup" if chat.json["type"] == "supergroup" else "group"
            verb = "was kicked from" if chat.bot_status == "kicked" else "is not a member of"
            raise forbidden(f"bot {verb} the {kind} chat")
        return chat

    # --- messages

    def post(
        self,
        chat: Chat,
        sender: Json,
        content: Json,
        *,
        silent: bool = False,
        locked: bool = False,
        preview: Json | None = None,
        poll: StoredPoll | None = None,
    ) -> StoredMessage:
        """Add a message to a chat and tell the listeners; makes no update."""
        chat.last_id += 1
        at = self.now()
        body: Json = {
            "message_id": chat.last_id,
            "from": sender,
            "chat": chat.json,
            "date": int(at.timestamp()),
            **content,
        }
        if "text" in body:
            # The same lesson goes to many people; one string serves all.
            body["text"] = sys.intern(body["text"])
        message = StoredMessage(chat.last_id, chat.chat_id, at, body, silent, locked, preview, poll)
        if poll is not None:
            poll.message_id = message.message_id
        chat.messages[message.message_id] = message
        self.tell(Event("message", chat.chat_id, message))
        return message

    def changed(self, message: StoredMessage, body: Json) -> None:
        """Give a message a new content and tell the listeners."""
        message.json = body
        self.tell(Event("edited", message.chat_id, message))

    def remove(self, message: StoredMessage) -> None:
        """Delete a message for everybody."""
        chat = self.chats[message.chat_id]
        message.deleted = True
        del chat.messages[message.message_id]
        if message.message_id in chat.pinned:
            chat.pinned.remove(message.message_id)
        self.tell(Event("deleted", message.chat_id, message))

    def tell(self, event: Event) -> None:
        """Call every listener."""
        for listener in list(self.listeners):
            listener(event)

    def log(self, method: str, chat_id: int | None, message: StoredMessage | None = None) -> None:
        """Note a successful call of the bot."""
        self.sent_log.append(Sent(len(self.sent_log) + 1, method, chat_id, self.now(), message))

    # --- queries and polls

    def new_query(self, user_id: int, chat_id: int) -> str:
        """Open a callback query; forgets those too old to be answered."""
        oldest = self.now() - self.query_lifetime
        for query_id, query in list(self.queries.items()):
            if query.at >= oldest:
                break
            del self.queries[query_id]
        query_id = str(self._next_query)
        self._next_query += 1
        self.queries[query_id] = Query(query_id, user_id, chat_id, self.now())
        return query_id

    def age_queries(self) -> None:
        """Make every open callback query too old to be answered."""
        self.queries.clear()

    def new_poll_id(self) -> str:
        """The next poll id."""
        self._next_poll += 1
        return str(self._next_poll)

    def close_at(self, poll_id: str, at: int) -> None:
        """Let a poll close itself at Unix time `at`, noticed at the next call or act."""
        heapq.heappush(self._closing, (at, poll_id))

    def close_due_polls(self) -> None:
        """Close the polls whose time has come."""
        while self._closing and self._closing[0][0] <= self.unix():
            poll = self.polls[heapq.heappop(self._closing)[1]]
            if not poll.closed:
                self.set_poll(poll, {**poll.json, "is_closed": True})

    def set_poll(self, poll: StoredPoll, body: Json) -> None:
        """Give a poll a new state: its message changes and the bot gets a poll update."""
        poll.json = body
        message = self.message(poll.chat_id, poll.message_id)
        if message is not None:
            self.changed(message, {**message.json, "poll": body})
        self.updates.add("poll", body, self.now())

    # --- updates

    def expire_updates(self, age: timedelta = timedelta(hours=24)) -> int:
        """Drop updates older than `age` in business time, as Telegram does; returns how many."""
        return self.updates.expire(self.now() - age)

    def member_update(self, chat: Chat, actor: Json, old: str, new: str) -> None:
        """Queue a my_chat_member update: the bot's own standing in `chat` changed."""
        self.updates.add(
            "my_chat_member",
            {
                "chat": chat.json,
                "from": actor,
                "date": self.unix(),
                "old_chat_member": member_json(self.bot, old),
                "new_chat_member": member_json(self.bot, new),
            },
            self.now(),
        )
