"""The forms of joining: language, privacy notice, name; what happens when they are finished."""

from functools import partial

from sqlmodel import Session
from telegram import InlineKeyboardMarkup, ReplyKeyboardMarkup, Update

from bot import buttons, menus
from bot.context import Stranger, WuxueContext
from bot.forms import Answers, Form, Step, drop, show
from bot.handlers import practice
from curriculum import joining, people, todays_lesson
from curriculum.people import LEARNER, Speaker
from curriculum.todays_lesson import Today

ENROLMENT, PERSONAL, MOVE, SECOND_ROLE = "enrolment", "personal", "move", "second_role"
KEYBOARD = (("today", "ask"), ("me", "more"))


def keyboard(context: WuxueContext, language: str) -> ReplyKeyboardMarkup:
    """The permanent keyboard of four: nothing needs a slash."""
    return ReplyKeyboardMarkup(
        [[context.label(name, language) for name in row] for row in KEYBOARD],
        resize_keyboard=True,
        is_persistent=True,
    )


def code_keyboard(context: WuxueContext, language: str) -> InlineKeyboardMarkup:
    """The other way in, for whoever holds a card and no link."""
    return buttons.row(buttons.press(context.label("enter_code", language), "code", ""))


def chat_of(update: Update) -> int:
    """Whose chat it is, enrolled or not; raises Stranger where nobody says so."""
    if update.effective_user is None:
        raise Stranger
    return update.effective_user.id


async def _finish(update: Update, context: WuxueContext, answers: Answers, *, form: str) -> None:
    """All steps answered: enrol, forget the form, show the week and one question to try."""
    speaker, today = await context.in_session(_enrol, context, chat_of(update), form, answers)
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
    if form != SECOND_ROLE and answers["role"] == LEARNER:
        await practice.offer(context, speaker.chat_id, speaker.language)


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
        # A form begun before the notice changed carries the version she was shown, or none.
        privacy_version=answers.get("privacy", ""),
        present_version=context.services.privacy_version,
        now=now,
    )
    drop(session, context, chat_id, form)
    return speaker, todays_lesson.next_for(session, speaker, now=now)


async def _finish_move(update: Update, context: WuxueContext, answers: Answers) -> None:
    """She goes on here: the old chat is told through the outbox, what waits comes here."""
    speaker, today = await context.in_session(_move, context, chat_of(update), answers)
    await show(update, context, context.text("move_done", speaker.language))
    text = context.text("moved_here", speaker.language, name=speaker.name, today=today)
    await context.say(speaker.chat_id, text, keyboard(context, speaker.language))
    await menus.offer(context, speaker.chat_id)
    context.send_what_is_due()


def _move(
    session: Session, context: WuxueContext, chat_id: int, answers: Answers
) -> tuple[Speaker, Today]:
    now = context.now()
    speaker = joining.move_account(
        session,
        token=answers["token"],
        bot=context.services.bot_id,
        chat_id=chat_id,
        present_version=context.services.privacy_version,
        now=now,
    )
    drop(session, context, chat_id, MOVE)
    return speaker, todays_lesson.today(session, speaker, now=now)


async def _not_me(update: Update, context: WuxueContext, answers: Answers, *, form: str) -> None:
    """Somebody else's invite: kind words, and the invite stays as it was for its owner."""
    language = answers.get("language") or await context.language(update)

    def leave(session: Session) -> None:
        joining.decline(session, token=answers["token"], now=context.now())
        drop(session, context, chat_of(update), form)

    await context.in_session(leave)
    text = context.text("not_me", language)
    await show(update, context, text, code_keyboard(context, language))


WHO = Step("who", "enrol_who", (("yes", "correct"), ("no", "not_me")), declines="no")
LANGUAGE = Step("language", "enrol_language", (("zh", "chinese"), ("en", "english")))
CONSENT = Step("consent", "enrol_privacy", (("yes", "agree"),))
AGAIN = ("begin_again", "invite", "{token}")
FORMS = (
    Form(
        ENROLMENT,
        (
            LANGUAGE,
            CONSENT,
            Step("name", "enrol_name", (), people.usable_name),
            Step("check", "enrol_check", (("yes", "correct"),)),
        ),
        partial(_finish, form=ENROLMENT),
        asks_again=True,
        way_on=AGAIN,
    ),
    # The roster has her name already; that it is misspelt can be said later.
    Form(
        PERSONAL,
        (WHO, LANGUAGE, CONSENT),
        partial(_finish, form=PERSONAL),
        asks_again=True,
        way_on=AGAIN,
        declined=partial(_not_me, form=PERSONAL),
    ),
    Form(
        MOVE,
        (WHO, Step("move", "enrol_move", (("yes", "correct"),))),
        _finish_move,
        asks_again=True,
        way_on=AGAIN,
        declined=partial(_not_me, form=MOVE),
    ),
    Form(
        SECOND_ROLE,
        (Step("confirm", "second_role", (("yes", "agree"),)),),
        partial(_finish, form=SECOND_ROLE),
        way_on=AGAIN,
    ),
)
