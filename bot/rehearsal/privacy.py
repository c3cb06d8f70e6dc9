"""Which messages of a group the bot gets to see in privacy mode."""

from __future__ import annotations

from bot.rehearsal import entities
from bot.rehearsal.stored import Chat, Json
from bot.rehearsal.world_state import WorldState


def bot_sees(world: WorldState, chat: Chat, body: Json) -> bool:
    """Commands without an addressee or for this bot, mentions of it, replies to it, and service
    messages; as an administrator everything. Source: Bot features, "Privacy mode"."""
    if chat.bot_status in {"kicked", "left"}:
        return False
    if not world.privacy_mode or chat.bot_status == "administrator":
        return True
    if "new_chat_members" in body or "left_chat_member" in body:
        return True
    reply = body.get("reply_to_message", {})
    return reply.get("from", {}).get("id") == world.bot["id"] or _addressed(world, body)


def _addressed(world: WorldState, body: Json) -> bool:
    text = body.get("text") or body.get("caption") or ""
    username = world.bot["username"]
    for entity in body.get("entities") or body.get("caption_entities") or ():
        part = entities.utf16_slice(text, entity["offset"], entity["length"])
        addressee = part.partition("@")[2]
        if entity["type"] == "bot_command" and addressee in {"", username}:
            return True
        if entity["type"] == "mention" and addressee == username:
            return True
    return False
