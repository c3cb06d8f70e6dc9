"""A gathering in a learner's chat: 我来了, 请假, reading up afterwards; 共学 shows the next one."""

from dataclasses import asdict
from typing import Any

from sqlmodel import Session
from telegram import InlineKeyboardMarkup, Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import show
from bot.handlers import gathering_messages
from bot.handlers.directory import with_navigation
from bot.taps import Act, carried, number
from curriculum import attendance, gathering_cards
from curriculum.attendance import (
    BEFORE,
    EARLY,
    LATE,
    LED_LATE,
    NOT_ON,
    REASONS,
    RECORDED,
    SignedIn,
)
from curriculum.errors import NotThere
from curriculum.gathering_cards import Card
from curriculum.people import Speaker
from curriculum.rich_text import RichText

# As many points as fit under one message; who read more chooses among these.
POINTS_SHOWN = 6
TOASTS = {
    EARLY: "here_early_toast",
    RECORDED: "here_recorded_toast",
    BEFORE: "recorded_before_toast",
    LATE: "here_late_toast",
    LED_LATE: "here_led_late_toast",
    NOT_ON: "here_not_on_toast",
}


def worded(
    context: WuxueContext, language: str, card: Card
) -> tuple[RichText, InlineKeyboardMarkup | None]:
    """A card's words and buttons."""
    return gathering_messages.worded(context.services.renderer, language, asdict(card))


async def here(update: Update, context: WuxueContext) -> None:
    """我来了: what it came to flashes up, and the message shows how it stands."""
    gathering_id = number(carried(update, "here", 1)[0])

    def sign_in(session: Session, speaker: Speaker) -> tuple[SignedIn, Card]:
        signed = attendance.sign_in(session, speaker, gathering_id, now=context.now())
        return signed, gathering_cards.card(session, speaker, gathering_id, now=context.now())

    speaker, (signed, card) = await context.as_speaker(update, sign_in)
    toast = context.label(TOASTS[signed.outcome], speaker.language).format(
        minutes=signed.minutes,
        study=context.label(card.kind, speaker.language),
        at=context.services.renderer.clock(signed.opens_at, speaker.language),
    )
    await context.answer(update, toast)
    if signed.outcome != EARLY:
        await show(update, context, *worded(context, speaker.language, card))


async def ask_reason(update: Update, context: WuxueContext) -> None:
    """请假: why, where she wants to say so."""
    speaker = await context.speaker(update)
    gathering_id = number(carried(update, "apology", 1)[0])
    card = await context.read(gathering_cards.card, speaker, gathering_id, now=context.now())
    keys = [
        buttons.press(
            context.label(f"reason_{reason}", speaker.language), "excuse", gathering_id, reason
        )
        for reason in REASONS
    ]
    back = buttons.press(context.label("back", speaker.language), "gathering", gathering_id)
    await context.answer(update)
    text = context.text("gathering_apology", speaker.language, card=card)
    await show(update, context, text, with_navigation(keys, [back]))


async def apologise(update: Update, context: WuxueContext) -> None:
    """A reason, or none, was chosen."""
    gathering, reason = carried(update, "excuse", 2)
    await _change(update, context, attendance.apologise, number(gathering), reason=reason)


async def come_after_all(update: Update, context: WuxueContext) -> None:
    """撤销 of an apology."""
    gathering_id = number(carried(update, "apology_undo", 1)[0])
    await _change(update, context, attendance.come_after_all, gathering_id)


async def _change(
    update: Update, context: WuxueContext, act: Any, gathering_id: int, **facts: Any
) -> None:
    """Do one thing about a gathering of hers, and show how her message reads now."""

    def run(session: Session, speaker: Speaker) -> Card:
        act(session, speaker, gathering_id, **facts, now=context.now())
        return gathering_cards.card(session, speaker, gathering_id, now=context.now())

    speaker, card = await context.as_speaker(update, run)
    await context.answer(update)
    await show(update, context, *worded(context, speaker.language, card))


async def opened(update: Update, context: WuxueContext) -> None:
    """Her message as it stands: the way back from a choice."""
    speaker = await context.speaker(update)
    gathering_id = number(carried(update, "gathering", 1)[0])
    card = await context.read(gathering_cards.card, speaker, gathering_id, now=context.now())
    await context.answer(update)
    await show(update, context, *worded(context, speaker.language, card))


async def ask_point(update: Update, context: WuxueContext) -> None:
    """读过了: the one question, which of the points serves her."""
    speaker = await context.speaker(update)
    gathering_id = number(carried(update, "make_up", 1)[0])
    card = await context.read(gathering_cards.card, speaker, gathering_id, now=context.now())
    if not card.may_make_up:
        raise NotThere
    points = list(enumerate(card.points[:POINTS_SHOWN], start=1))
    keys = [
        buttons.press(str(place), "made_up", gathering_id, point_id)
        for place, (point_id, _, _) in points
    ]
    back = buttons.press(context.label("back", speaker.language), "gathering", gathering_id)
    await context.answer(update)
    text = context.text("gathering_question", speaker.language, card=card, points=points)
    await show(update, context, text, with_navigation(keys, [back]))


async def made_up(update: Update, context: WuxueContext) -> None:
    """A point was chosen: recorded as 补学."""
    gathering_id, point_id = map(number, carried(update, "made_up", 2))
    await _change(update, context, attendance.make_up, gathering_id, point_id=point_id)


BUTTONS: dict[str, Act] = {
    "here": here,
    "apology": ask_reason,
    "excuse": apologise,
    "apology_undo": come_after_all,
    "gathering": opened,
    "make_up": ask_point,
    "made_up": made_up,
}
