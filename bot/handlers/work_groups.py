"""工作群 in chat: /link in a group is answered in private; the group hears one sentence."""

import re
from collections.abc import Awaitable, Callable

from telegram import ChatMember, InlineKeyboardMarkup, Update
from telegram.error import BadRequest, ChatMigrated, Forbidden

from bot import buttons
from bot.context import WuxueContext
from bot.forms import show
from bot.taps import carried
from curriculum import people, work_groups
from curriculum.errors import NotThere, Refusal
from curriculum.group_errors import NotInGroup
from curriculum.people import Speaker
from curriculum.rich_text import plain

ON_A_PAGE = 6
NUMBER = re.compile(r"-?\d{1,18}")
GROUPS = ("group", "supergroup")
HERE = (ChatMember.MEMBER, ChatMember.ADMINISTRATOR, ChatMember.OWNER)
Act = Callable[[Update, WuxueContext], Awaitable[None]]


async def link_in_group(update: Update, context: WuxueContext) -> None:
    """/link typed in a group: a coordinator is asked in private, the group hears nothing.

    A colleague who may not is told so kindly, in private; a stranger gets no answer at all.
    """
    speaker, chat = await context.who(update), update.effective_chat
    if speaker is None or chat is None:
        return
    if not speaker.may("link_group"):
        await context.say(speaker.chat_id, context.text("link_not_yours", speaker.language))
        return
    try:
        chat_id, title = await _group(context, speaker, chat.id)
        await _offer(update, context, speaker, chat_id, title, is_new=True)
    except Refusal as refusal:
        sentence = context.services.renderer.refusal(refusal, speaker.language)
        await context.say(speaker.chat_id, plain(sentence))


async def _group(context: WuxueContext, speaker: Speaker, chat_id: int) -> tuple[int, str]:
    """A group's present id and title, when the bot and this person are both in it.

    Raises NotInGroup, also where Telegram does not tell: who is no member must not find out.
    """
    try:
        chat = await context.patiently(lambda: context.bot.get_chat(chat_id))
        for user_id in (context.services.bot_id, speaker.chat_id):
            member = await context.patiently(
                lambda user_id=user_id: context.bot.get_chat_member(chat_id, user_id)  # type: ignore[misc]
            )
            if member.status not in HERE and not getattr(member, "is_member", False):
                raise NotInGroup
    except ChatMigrated as error:
        return await _group(context, speaker, error.new_chat_id)
    except (BadRequest, Forbidden) as error:
        raise NotInGroup from error
    if chat.type not in GROUPS:
        raise NotInGroup
    return chat_id, chat.title or ""


async def _offer(
    update: Update,
    context: WuxueContext,
    speaker: Speaker,
    chat_id: int,
    title: str,
    *,
    page: int = 0,
    is_new: bool = False,
) -> None:
    """The cohorts a group can be linked to, by number."""
    found = await context.read(work_groups.choices, speaker, chat_id)
    page = min(page, max(0, (len(found.cohorts) - 1) // ON_A_PAGE))
    shown = list(enumerate(found.cohorts[page * ON_A_PAGE : (page + 1) * ON_A_PAGE], 1))
    keys = [buttons.press(str(n), "link_to", chat_id, cohort) for n, (cohort, _) in shown]
    turns = {"previous_page": page - 1, "next_page": page + 1}
    navigation = [
        buttons.press(context.label(name, speaker.language), "link_page", chat_id, number)
        for name, number in turns.items()
        if 0 <= number * ON_A_PAGE < len(found.cohorts)
    ]
    cancel = buttons.press(context.label("cancel", speaker.language), "link_cancel", chat_id)
    text = context.text(
        "link_choose",
        speaker.language,
        title=title,
        cohorts=[(n, name) for n, (_, name) in shown],
        linked_to=found.linked_to,
    )
    keyboard = InlineKeyboardMarkup([row for row in (keys, [*navigation, cancel]) if row])
    if is_new:
        await context.say(speaker.chat_id, text, keyboard)
    else:
        await show(update, context, text, keyboard)


async def turned(update: Update, context: WuxueContext) -> None:
    """Another page of cohorts."""
    speaker = await context.speaker(update)
    speaker.require("link_group")
    chat_id, page = _numbers(update, "link_page", 2)
    chat_id, title = await _group(context, speaker, chat_id)
    await context.answer(update)
    await _offer(update, context, speaker, chat_id, title, page=max(0, page))


async def chosen(update: Update, context: WuxueContext) -> None:
    """A cohort's number: show what would change, then 连上 or 取消."""
    speaker = await context.speaker(update)
    speaker.require("link_group")
    chat_id, cohort_id = _numbers(update, "link_to", 2)
    chat_id, title = await _group(context, speaker, chat_id)
    proposal = await context.read(work_groups.propose, speaker, chat_id, cohort_id)
    await context.answer(update)
    label = context.label("link", speaker.language)
    text = context.text("link_confirm", speaker.language, title=title, proposal=proposal)
    keyboard = buttons.row(
        buttons.press(label, "link", chat_id, cohort_id, proposal.seen),
        buttons.press(context.label("cancel", speaker.language), "link_cancel", chat_id),
    )
    await show(update, context, text, keyboard)


async def confirmed(update: Update, context: WuxueContext) -> None:
    """连上: everything is checked again, the link is made, and the group hears of it."""
    speaker = await context.speaker(update)
    speaker.require("link_group")
    chat_id, cohort_id, seen = _numbers(update, "link", 3)
    chat_id, title = await _group(context, speaker, chat_id)
    cohort_name, is_new = await context.in_session(
        work_groups.link,
        speaker,
        chat_id=chat_id,
        title=title,
        cohort_id=cohort_id,
        seen=seen,
        now=context.now(),
    )
    await context.answer(update)
    is_heard = not is_new or await _tell_group(context, chat_id, speaker.language)
    text = context.text(
        "link_done", speaker.language, title=title, cohort=cohort_name, is_heard=is_heard
    )
    await show(update, context, text)


async def _tell_group(context: WuxueContext, chat_id: int, language: str) -> bool:
    """The one sentence a group hears; False when the bot may not write there.

    It is linked all the same: who may write in a group is for its administrators to settle.
    """
    try:
        await context.say(chat_id, context.text("group_linked", language))
    except (BadRequest, Forbidden):
        return False
    return True


async def cancelled(update: Update, context: WuxueContext) -> None:
    """取消 while linking."""
    speaker = await context.speaker(update)
    await context.answer(update)
    language = speaker.language
    back = buttons.press(context.label("work_groups", language), "work_groups", 0)
    await show(update, context, context.text("form_cancelled", language), buttons.row(back))


async def overview(update: Update, context: WuxueContext) -> None:
    """工作群, /link in private: the linked groups by number, and how to link one."""
    await _show_list(update, context, 0, is_new=True)


async def listed(update: Update, context: WuxueContext) -> None:
    """Another page of linked groups."""
    (page,) = _numbers(update, "work_groups", 1)
    await _show_list(update, context, max(0, page), is_new=False)
    await context.answer(update)


async def _show_list(update: Update, context: WuxueContext, page: int, *, is_new: bool) -> None:
    speaker = await context.speaker(update)
    found = await context.read(work_groups.linked, speaker)
    page = min(page, max(0, (len(found) - 1) // ON_A_PAGE))
    groups = list(enumerate(found[page * ON_A_PAGE : (page + 1) * ON_A_PAGE], 1))
    keys = [buttons.press(str(n), "work_group", group.group_id) for n, group in groups]
    turns = {"previous_page": page - 1, "next_page": page + 1}
    navigation = [
        buttons.press(context.label(name, speaker.language), "work_groups", number)
        for name, number in turns.items()
        if 0 <= number * ON_A_PAGE < len(found)
    ]
    text = context.text("work_groups", speaker.language, groups=groups)
    keyboard = InlineKeyboardMarkup([row for row in (keys, navigation) if row])
    await show(update, context, text, keyboard, is_new=is_new)


async def opened(update: Update, context: WuxueContext) -> None:
    """One linked group, with 断开这个群."""
    speaker = await context.speaker(update)
    (group_id,) = _numbers(update, "work_group", 1)
    group = await context.read(work_groups.one, speaker, group_id)
    await context.answer(update)
    keyboard = buttons.row(
        buttons.press(context.label("unlink", speaker.language), "unlink", group_id),
        buttons.press(context.label("back", speaker.language), "work_groups", 0),
    )
    text = context.text("work_group", speaker.language, group=group, is_ended=False)
    await show(update, context, text, keyboard)


async def unlinked(update: Update, context: WuxueContext) -> None:
    """断开这个群: nothing more goes there; the group itself hears nothing."""
    speaker = await context.speaker(update)
    (group_id,) = _numbers(update, "unlink", 1)
    group = await context.in_session(work_groups.unlink, speaker, group_id, now=context.now())
    await context.answer(update)
    text = context.text("work_group", speaker.language, group=group, is_ended=True)
    key = buttons.press(context.label("work_groups", speaker.language), "work_groups", 0)
    await show(update, context, text, buttons.row(key))


async def standing_changed(update: Update, context: WuxueContext, *, private: Act) -> None:
    """The bot was removed from a group or brought back; `private` takes what is no group's."""
    change, chat = update.my_chat_member, update.effective_chat
    if change is None or chat is None or chat.type not in GROUPS:
        await private(update, context)
        return
    member = change.new_chat_member
    await context.in_session(
        people.set_reachable,
        bot=context.services.bot_id,
        chat_id=chat.id,
        reachable=member.status in HERE or getattr(member, "is_member", False),
        reason="removed",
        now=context.now(),
    )


async def migrated(update: Update, context: WuxueContext) -> None:
    """A group became a supergroup: its link goes along at once, not only at the next lesson."""
    message = update.message
    if message is None:
        return
    old = message.migrate_from_chat_id or message.chat_id
    new = message.migrate_to_chat_id or message.chat_id
    await context.in_session(people.move_chat, bot=context.services.bot_id, old=old, new=new)


def _numbers(update: Update, verb: str, count: int) -> list[int]:
    """The numbers a button carries; a forged one looks like one that does not exist."""
    written = carried(update, verb, count)
    if not all(NUMBER.fullmatch(number) for number in written):
        raise NotThere
    return [int(number) for number in written]


BUTTONS: dict[str, Act] = {
    "link_page": turned,
    "link_to": chosen,
    "link": confirmed,
    "link_cancel": cancelled,
    "work_groups": listed,
    "work_group": opened,
    "unlink": unlinked,
}
