"""停用, 撤销, 请回来 and 重新邀请 in chat."""

from telegram import Update

from bot import buttons, menus
from bot.context import WuxueContext
from bot.forms import show
from bot.handlers.directory import show_person, with_navigation
from bot.taps import Act, carried, number
from bot.telegram_names import link
from curriculum import directory, leaving
from curriculum.errors import NotThere
from curriculum.joining import PersonalInvite
from curriculum.people import Speaker
from curriculum.second_thoughts import UNDO


async def leave(update: Update, context: WuxueContext) -> None:
    """停用: asks once, naming the person and what ends."""
    speaker = await context.speaker(update)
    (person_id,) = map(number, carried(update, "leave", 1))
    found = await context.read(directory.person, speaker, person_id, now=context.now())
    if not found.is_changeable:
        raise NotThere
    language = speaker.language
    name = f"{context.label('deactivate', language)} {found.name}"
    back = buttons.press(context.label("back_to_person", language), "person", person_id)
    await context.answer(update)
    keys = [buttons.press(name, "left", person_id)]
    if found.contact.state == directory.NOT_JOINED:
        # She has no chat to ask for it herself.
        keys.append(buttons.press(context.label("forget", language), "forget_of", person_id))
    keyboard = with_navigation(keys, [back])
    await show(update, context, context.text("person_leave", language, person=found), keyboard)


async def left(update: Update, context: WuxueContext) -> None:
    """停用 and the name: done, and for ten minutes it can be taken back."""
    speaker = await context.speaker(update)
    (person_id,) = map(number, carried(update, "left", 1))
    name = await context.in_session(leaving.deactivate, speaker, person_id, now=context.now())
    language = speaker.language
    undo = buttons.press(context.label("undo", language), "undo_left", person_id)
    back = buttons.press(context.label("back_to_people", language), "people", 0, "")
    await context.answer(update)
    text = context.text("person_left", language, name=name, until=context.now() + UNDO)
    await show(update, context, text, with_navigation([undo], [back]))
    await menus.offer_to(context, person_id)


async def undo_left(update: Update, context: WuxueContext) -> None:
    """撤销 under a leaving."""
    speaker = await context.speaker(update)
    (person_id,) = map(number, carried(update, "undo_left", 1))
    await context.in_session(leaving.take_back, speaker, person_id, now=context.now())
    await context.answer(update, context.label("taken_back_toast", speaker.language))
    await show_person(update, context, speaker, person_id)
    await menus.offer_to(context, person_id)
    context.send_what_is_due()


async def invite_again(update: Update, context: WuxueContext) -> None:
    """重新邀请: a new link and code; earlier ones end."""
    speaker = await context.speaker(update)
    (person_id,) = map(number, carried(update, "invite_again", 1))
    invited = await context.in_session(leaving.invite_again, speaker, person_id, now=context.now())
    await context.answer(update, context.label("invite_shown_toast", speaker.language))
    await hand_over(context, speaker, invited.name, invited.unit_name, invited.invite)


async def bring_back(update: Update, context: WuxueContext) -> None:
    """请回来: the same person, by a new link and code."""
    speaker = await context.speaker(update)
    (person_id,) = map(number, carried(update, "bring_back", 1))
    invited = await context.in_session(leaving.bring_back, speaker, person_id, now=context.now())
    await context.answer(update, context.label("invite_shown_toast", speaker.language))
    await show_person(update, context, speaker, person_id)
    await hand_over(context, speaker, invited.name, invited.unit_name, invited.invite)


async def hand_over(
    context: WuxueContext, speaker: Speaker, name: str, unit_name: str, invite: PersonalInvite
) -> None:
    """The link and the code as one message to be forwarded; nothing can show them again."""
    text = context.text(
        "personal_invite",
        speaker.language,
        name=name,
        unit=unit_name,
        link=link(context.services.renderer.bot_username, invite.token),
        code=invite.code,
        until=invite.expires_at,
    )
    await context.say(speaker.chat_id, text)


BUTTONS: dict[str, Act] = {
    "leave": leave,
    "left": left,
    "undo_left": undo_left,
    "invite_again": invite_again,
    "bring_back": bring_back,
}
