"""The Bot API methods about the bot itself, its commands, and the chats it is in."""

from __future__ import annotations

from bot.rehearsal import strict
from bot.rehearsal.bot_sending import Outcome, done
from bot.rehearsal.files import MAX_DOWNLOAD
from bot.rehearsal.membership import member_json
from bot.rehearsal.refusal import bad_request
from bot.rehearsal.stored import Event, Json
from bot.rehearsal.strict import Parameters
from bot.rehearsal.world import World

ACTIONS = frozenset(
    {
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    }
)
_PLAIN_SCOPES = frozenset(
    {"default", "all_private_chats", "all_group_chats", "all_chat_administrators"}
)
_TEXT_LIMITS = {"name": 64, "description": 512, "short_description": 120}


def get_me(world: World, params: Parameters) -> Outcome:  # noqa: ARG001 - it takes none
    """getMe."""
    result = {
        **world.bot,
        "can_join_groups": True,
        "can_read_all_group_messages": not world.privacy_mode,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }
    return Outcome(result)


def get_file(world: World, params: Parameters) -> Outcome:
    """getFile; the path is good for a download from /file/bot<token>/<path>."""
    file = world.files.by_id.get(params.text("file_id"))
    if file is None:
        raise bad_request("invalid file_id")
    if len(file.data) > MAX_DOWNLOAD:
        raise bad_request("file is too big")
    return Outcome(
        {
            "file_id": file.file_id,
            "file_unique_id": file.unique_id,
            "file_size": len(file.data),
            "file_path": file.path,
        }
    )


def send_chat_action(world: World, params: Parameters) -> Outcome:
    """sendChatAction."""
    chat = world.reachable(params.text("chat_id"))
    if params.text("action") not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    world.tell(Event("typing", chat.chat_id))
    return done(chat.chat_id)


def _scope(params: Parameters) -> str:
    given = params.json("scope") or {"type": "default"}
    if not isinstance(given, dict):
        raise bad_request("can't parse BotCommandScope: expected an Object")
    kind = str(given.get("type"))
    if kind in _PLAIN_SCOPES and set(given) == {"type"}:
        return kind
    wanted = {"type", "chat_id", *(["user_id"] if kind == "chat_member" else [])}
    if kind not in {"chat", "chat_administrators", "chat_member"} or set(given) != wanted:
        raise bad_request("can't parse BotCommandScope: unsupported type specified")
    return ":".join(str(given[name]) for name in ("type", "chat_id", "user_id") if name in given)


def set_my_commands(world: World, params: Parameters) -> Outcome:
    """setMyCommands for one scope and language."""
    key = _scope(params), strict.language_code(params)
    world.commands[key] = strict.commands(params.json("commands"))
    _commands_changed(world)
    return done()


def delete_my_commands(world: World, params: Parameters) -> Outcome:
    """deleteMyCommands for one scope and language."""
    world.commands.pop((_scope(params), strict.language_code(params)), None)
    _commands_changed(world)
    return done()


def get_my_commands(world: World, params: Parameters) -> Outcome:
    """getMyCommands for exactly one scope and language."""
    return Outcome(world.commands.get((_scope(params), strict.language_code(params)), []))


def _commands_changed(world: World) -> None:
    for chat_id in world.chats:
        world.tell(Event("chat", chat_id))


def set_chat_menu_button(world: World, params: Parameters) -> Outcome:
    """setChatMenuButton, for one private chat or for all."""
    button = params.json("menu_button") or {"type": "default"}
    if not isinstance(button, dict) or button.get("type") not in ("default", "commands"):
        raise bad_request("can't parse menu button: unsupported type specified")
    if "chat_id" not in params.values:
        world.menu_button = button
        return done()
    chat = world.reachable(params.text("chat_id"))
    if not chat.private:
        raise bad_request("chat_id must be a private chat")
    chat.menu_button = button
    return done(chat.chat_id)


def get_chat_menu_button(world: World, params: Parameters) -> Outcome:
    """getChatMenuButton."""
    if "chat_id" not in params.values:
        return Outcome(world.menu_button)
    chat = world.reachable(params.text("chat_id"))
    return Outcome(chat.menu_button or world.menu_button, chat.chat_id)


def set_bot_text(world: World, params: Parameters, name: str) -> Outcome:
    """setMyName, setMyDescription and setMyShortDescription."""
    text = params.text(name)
    if len(text) > _TEXT_LIMITS[name]:
        raise bad_request(f"{name.replace('_', ' ')} is too long")
    world.bot_texts[name, strict.language_code(params)] = text
    return done()


def get_bot_text(world: World, params: Parameters, name: str) -> Outcome:
    """getMyName, getMyDescription and getMyShortDescription."""
    plain = world.bot_texts.get((name, ""), world.bot["first_name"] if name == "name" else "")
    return Outcome({name: world.bot_texts.get((name, strict.language_code(params)), plain)})


def get_chat(world: World, params: Parameters) -> Outcome:
    """getChat; answers a ChatFullInfo."""
    chat = world.reachable(params.text("chat_id"))
    gifts = dict.fromkeys(
        (
            "unlimited_gifts",
            "limited_gifts",
            "unique_gifts",
            "premium_subscription",
            "gifts_from_channels",
        ),
        False,
    )
    result: Json = {
        **chat.json,
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": gifts,
    }
    if chat.pinned:
        result["pinned_message"] = chat.messages[chat.pinned[-1]].json
    return Outcome(result, chat.chat_id)


def get_chat_member(world: World, params: Parameters) -> Outcome:
    """getChatMember."""
    chat = world.reachable(params.text("chat_id"))
    user_id = params.integer("user_id")
    if user_id == world.bot["id"]:
        return Outcome(member_json(world.bot, chat.bot_status), chat.chat_id)
    person = world.people.get(user_id)
    if person is None:
        raise bad_request("member not found")
    if chat.private:
        status = "member" if user_id == chat.chat_id else "left"
    else:
        status = chat.members.get(user_id, "left")
    return Outcome(member_json(person.json, status), chat.chat_id)


def get_chat_member_count(world: World, params: Parameters) -> Outcome:
    """getChatMemberCount, the bot included."""
    chat = world.reachable(params.text("chat_id"))
    if chat.private:
        return Outcome(2, chat.chat_id)
    present = sum(status not in {"left", "kicked"} for status in chat.members.values())
    return Outcome(present + 1, chat.chat_id)


def leave_chat(world: World, params: Parameters) -> Outcome:
    """leaveChat."""
    chat = world.reachable(params.text("chat_id"))
    if chat.private:
        raise bad_request("chat member status can't be changed in private chats")
    world.post(chat, world.bot, {"left_chat_member": world.bot})
    old, chat.bot_status = chat.bot_status, "left"
    world.member_update(chat, world.bot, old, "left")
    return done(chat.chat_id)
