"""Joining by an invite link: language, privacy notice, the name for the records, the week ahead."""

from sqlmodel import Session
from telegram import ReplyKeyboardMarkup, Update

from bot import menus
from bot.context import Stranger, WuxueContext
from bot.forms import Answers, Form, Forms, Step, drop, show
from bot.handlers import daily_lesson as lesson_in_chat
from curriculum import joining, people, todays_lesson
from curriculum.people import PRIVACY_VERSION, Speaker
from curriculum.todays_lesson import Today

ENROLMENT, SECOND_ROLE = "enrolment", "second_role"
KEYBOARD = (("today", "ask"), ("me", "more"))
# What the group's button opens: no invite, but the lesson of the day in the private chat.
INTO_PRIVATE = "today"


def keyboard(context: WuxueContext, language: str) -> ReplyKeyboardMarkup:
    """The permanent keyboard of four: nothing needs a slash."""
    return ReplyKeyboardMarkup(
        [[context.label(name, language) for name in row] for row in KEYBOARD],
        resize_keyboard=True,
        is_persistent=True,
    )


def _agreed(value: str) -> str:
    """The version of the notice she has just read and agreed to."""
    del value
    return PRIVACY_VERSION


async def start(update: Update, context: WuxueContext, forms: Forms) -> None:
    """/start, with or without an invite behind it."""
    if update.effective_user is None or update.effective_message is None:
        return
    chat_id = update.effective_user.id
    payload = context.args[0] if context.args else ""
    speaker = await context.who(update)
    if payload and payload != INTO_PRIVATE:
        invitation = await context.read(
            joining.open_invite,
            token=payload,
            bot=context.services.bot_id,
            chat_id=chat_id,
            now=context.now(),
        )
        answers: Answers = {
            "token": payload,
            "role": invitation.role,
            "unit": invitation.unit_name,
        }
        if speaker is not None:
            answers |= {"language": speaker.language, "name": speaker.name}
        await forms.start(update, context, SECOND_ROLE if speaker else ENROLMENT, answers)
        return
    if speaker is None:
        raise Stranger
    if payload:
        await lesson_in_chat.today(update, context)
        return
    text = context.text("welcome_back", speaker.language, name=speaker.name, unit=speaker.unit_name)
    await context.say(chat_id, text, keyboard(context, speaker.language))


async def _finish(update: Update, context: WuxueContext, answers: Answers) -> None:
    """All steps answered: enrol, forget the form, show the week."""
    if update.effective_user is None:
        return
    form = SECOND_ROLE if "consent" not in answers else ENROLMENT
    speaker, today = await context.in_session(
        _enrol, context, update.effective_user.id, form, answers
    )
    text = context.text(
        "enrolled",
        speaker.language,
        name=speaker.name,
        unit=speaker.unit_name,
        role=answers["role"],
        today=today,
    )
    if update.callback_query is not None:
        done = context.text("enrolment_done", speaker.language, name=speaker.name)
        await show(update, context, done)
    await context.say(speaker.chat_id, text, keyboard(context, speaker.language))
    await menus.offer(context, speaker.chat_id)


def _enrol(
    session: Session, context: WuxueContext, chat_id: int, form: str, answers: Answers
) -> tuple[Speaker, Today]:
    now = context.now()
    speaker = joining.enrol(
        session,
        token=answers["token"],
        bot=context.services.bot_id,
        chat_id=chat_id,
        name=answers["name"],
        language=answers["language"],
        privacy_version=answers["confirm" if form == SECOND_ROLE else "consent"],
        now=now,
    )
    drop(session, context, chat_id, form)
    return speaker, todays_lesson.next_for(session, speaker, now=now)


FORMS = (
    Form(
        ENROLMENT,
        (
            Step("language", "enrol_language", (("zh", "chinese"), ("en", "english"))),
            Step("consent", "enrol_privacy", (("yes", "agree"),), _agreed),
            Step("name", "enrol_name", (), people.usable_name),
            Step("check", "enrol_check", (("yes", "correct"),)),
        ),
        _finish,
    ),
    Form(SECOND_ROLE, (Step("confirm", "second_role", (("yes", "agree"),), _agreed),), _finish),
)


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
        await context.services.postman.tick()
