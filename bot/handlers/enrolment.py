"""Joining by a link or a typed code: who you are, language, privacy notice, the week ahead."""

import re
from collections.abc import Sequence

from telegram import ReplyKeyboardRemove, Update

from bot import menus
from bot.context import WuxueContext
from bot.forms import Answers, Forms
from bot.handlers import asked_lesson, certificate_checks, training_roll
from bot.handlers import daily_lesson as lesson_in_chat
from bot.handlers.enrolment_forms import (
    ENROLMENT,
    MOVE,
    PERSONAL,
    SECOND_ROLE,
    chat_of,
    keyboard,
)
from bot.render import Renderer, entities
from bot.taps import Act, carried, number
from bot.telegram_channel import Text
from bot.training_certificate import PAYLOAD
from curriculum import joining, people, todays_lesson, typed_codes
from curriculum.certificates import CODE_LENGTH, LETTERS
from curriculum.errors import Refusal
from curriculum.facts import Facts
from curriculum.joining import Invitation
from curriculum.joining_errors import CodeNotReadable, ConsentNeeded, TooManyCodes
from scheduler.channel import Part

# What the group's button opens: no invite, but the lesson of the day in the private chat.
INTO_PRIVATE = "today"
# What the code on a certificate carries; an invite that begins with the same letters is longer.
CERTIFICATE_LINK = re.compile(rf"{PAYLOAD}([{LETTERS}]{{{CODE_LENGTH}}})")
# What a link to a lesson carries, on a topic's page.
LESSON_LINK = re.compile(r"lesson-(\d{1,15})")


def last_word(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """What an old chat is told; without a sound, since its owner has just done it herself."""
    text = renderer.text("account_moved", facts.language)
    body = Text(text.text, tuple(entities(text)), ReplyKeyboardRemove())
    return [Part(body, silent=True)]


async def start(update: Update, context: WuxueContext, forms: Forms) -> None:
    """/start, with or without an invite behind it."""
    if update.effective_user is None or update.effective_message is None:
        return
    payload = "".join(context.args or ())
    lesson = LESSON_LINK.fullmatch(payload)
    if lesson is not None:
        await asked_lesson.open_link(update, context, number(lesson[1]))
        return
    if payload.startswith(training_roll.PAYLOAD):
        await training_roll.scanned(update, context, payload.removeprefix(training_roll.PAYLOAD))
        return
    certificate = CERTIFICATE_LINK.fullmatch(payload)
    if certificate is not None:
        await certificate_checks.checked(update, context, certificate[1])
        return
    if payload and payload != INTO_PRIVATE:
        await _open(update, context, forms, payload)
        return
    speaker = await context.speaker(update)
    if payload:
        await lesson_in_chat.today(update, context)
        return
    text = context.text("welcome_back", speaker.language, name=speaker.name, unit=speaker.unit_name)
    await context.say(speaker.chat_id, text, keyboard(context, speaker.language))
    await menus.offer(context, speaker.chat_id)


async def asked_for_code(update: Update, context: WuxueContext) -> None:
    """输入邀请码: what is typed next is looked at anyway, so nothing has to be remembered."""
    if update.effective_user is None:
        return
    if await context.who(update) is not None:
        await context.answer(update, context.label("old_button", await context.language(update)))
        return
    await context.answer(update)
    text = context.text("enter_code", await context.language(update))
    await context.say(update.effective_user.id, text)


async def typed_code(update: Update, context: WuxueContext, forms: Forms) -> bool:
    """A code typed as plain text; False for anything else, which is then something else's.

    Whoever is enrolled may mean her words otherwise, so she is only stopped by a code that fits.
    """
    message = update.effective_message
    if message is None or message.text is None:
        return False
    is_inside = await context.who(update) is not None
    try:
        code = typed_codes.read(message.text)
        if code is None or (is_inside and code.isalpha()):
            return False
        invitation = await _look_up(update, context, code)
    except (CodeNotReadable, TooManyCodes):
        if is_inside:
            return False
        raise
    if isinstance(invitation, Refusal):
        if is_inside:
            return False
        raise invitation
    await _begin(update, context, forms, code, invitation)
    return True


async def _open(update: Update, context: WuxueContext, forms: Forms, payload: str) -> None:
    """A link's token or a typed code behind /start."""
    code = typed_codes.read(payload)
    if code is not None:
        invitation = await _look_up(update, context, code)
        if isinstance(invitation, Refusal):
            raise invitation
    else:
        invitation = await context.read(
            joining.open_invite,
            token=payload,
            bot=context.services.bot_id,
            chat_id=chat_of(update),
            now=context.now(),
        )
    await _begin(update, context, forms, code or payload, invitation)


async def opened_again(update: Update, context: WuxueContext, forms: Forms) -> None:
    """再开始 of whoever cancelled: the same invite, as if its link were opened once more."""
    (payload,) = carried(update, "invite", 1)
    await _open(update, context, forms, payload)
    await context.answer(update)


async def _look_up(update: Update, context: WuxueContext, code: str) -> Invitation | Refusal:
    return await context.in_session(
        typed_codes.open_code,
        code=code,
        bot=context.services.bot_id,
        chat_id=chat_of(update),
        now=context.now(),
    )


async def _begin(
    update: Update, context: WuxueContext, forms: Forms, token: str, invitation: Invitation
) -> None:
    """The form that fits what the invite leads to from here."""
    speaker = await context.who(update)
    if speaker is not None and not speaker.has_agreed:
        raise ConsentNeeded
    answers: Answers = {
        "token": token,
        "role": invitation.role,
        "unit": invitation.unit_name,
        "privacy": context.services.privacy_version,
    }
    if speaker is not None:
        form = SECOND_ROLE
        answers |= {"language": speaker.language, "name": speaker.name}
    elif invitation.person_name:
        form = MOVE if invitation.is_move else PERSONAL
        answers |= {"name": invitation.person_name}
    else:
        form = ENROLMENT
    await forms.start(update, context, form, answers)


async def reachable_changed(update: Update, context: WuxueContext) -> None:
    """She blocked the bot, or let it in again: staff see the one, the other brings her back."""
    change, chat = update.my_chat_member, update.effective_chat
    if change is None or chat is None or chat.type != "private":
        return
    is_reachable = change.new_chat_member.status == "member"
    is_news = await context.in_session(
        people.set_reachable,
        bot=context.services.bot_id,
        chat_id=chat.id,
        reachable=is_reachable,
        reason="blocked",
        now=context.now(),
    )
    speaker = await context.who(update)
    if is_news and is_reachable and speaker is not None:
        today = await context.services.database.write(
            todays_lesson.today, speaker, now=context.now()
        )
        text = context.text("reachable_again", speaker.language, name=speaker.name, today=today)
        await context.say(speaker.chat_id, text, keyboard(context, speaker.language))
        context.send_what_is_due()


BUTTONS: dict[str, Act] = {
    "code": asked_for_code,
}
FORM_BUTTONS = {"invite": opened_again}
