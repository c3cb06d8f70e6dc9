"""How Telegram describes somebody's standing in a chat."""

from __future__ import annotations

from bot.rehearsal.stored import Json

_RIGHTS = (
    "can_be_edited",
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_pin_messages",
)


def member_json(user: Json, status: str) -> Json:
    """Telegram's ChatMember for a status; an administrator has every right."""
    body: Json = {"user": user, "status": status}
    if status == "kicked":
        body["until_date"] = 0
    if status in {"creator", "administrator"}:
        body["is_anonymous"] = False
    if status == "administrator":
        body |= dict.fromkeys(_RIGHTS, True)
    return body
