"""提时间 in chat: a supervisor proposes up to three times, or moves a session to another."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlmodel import Session
from telegram import Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, drop, show
from bot.handlers.supervision_booking import show_pair
from bot.render import Renderer, entities
from bot.taps import Act, carried, number
from bot.telegram_channel import Text
from curriculum import supervision_booking as booking
from curriculum import supervision_pages as pages
from curriculum import supervision_proposals as proposals
from curriculum.errors import NotThere
from curriculum.facts import Facts
from curriculum.people import ZONE
from curriculum.rhythm import local_date
from curriculum.supervision_errors import MomentNotPossible, SlotTaken
from curriculum.supervision_pairs import EITHER, IN_PERSON, ONLINE
from curriculum.supervision_proposals import ASKED, Proposed
from curriculum.supervision_times import usable_place
from scheduler.channel import Part

PROPOSE, MOVE = "sup_propose", "sup_move"
YES, AGAIN, LATER, NONE = "yes", "again", "later", "none"


async def begin_proposal(update: Update, context: WuxueContext, forms: Forms) -> None:
    """提时间: typed as people write appointments."""
    speaker = await context.speaker(update)
    (pair_id,) = map(number, carried(update, PROPOSE, 1))
    found = await context.read(pages.page, speaker, pair_id, now=context.now())
    if not found.accompanies:
        raise NotThere
    answers: Answers = {"pair": pair_id, "name": found.other, "language": speaker.language}
    answers["asks_mode"] = found.pair.mode == EITHER
    if not answers["asks_mode"]:
        answers["mode"] = found.pair.mode
    await context.answer(update)
    await forms.start(update, context, PROPOSE, answers)


async def begin_move(update: Update, context: WuxueContext, forms: Forms) -> None:
    """改时间 by the supervisor: to any moment."""
    speaker = await context.speaker(update)
    seen, booking_id = map(number, carried(update, MOVE, 2))
    found = await context.read(pages.session_of, speaker, booking_id, now=context.now())
    if not found.accompanies:
        raise NotThere
    answers: Answers = {
        "booking": booking_id,
        "seen": seen,
        "pair": found.pair_id,
        "name": found.other,
        "was_at": found.starts_at.isoformat(),
        "language": speaker.language,
    }
    await context.answer(update)
    await forms.start(update, context, MOVE, answers)


async def _moments(update: Update, context: WuxueContext, answers: Answers, came: str) -> list[str]:
    del update, answers
    now = context.now()
    found = proposals.read_moments(came, today=_today(now), now=now)
    return [moment.isoformat() for moment in found]


async def _moment(update: Update, context: WuxueContext, answers: Answers, came: str) -> str:
    del update, answers
    now = context.now()
    return proposals.read_one(came, today=_today(now), now=now).isoformat()


def _today(now: datetime) -> date:
    return local_date(now, ZONE)


async def _read_back(
    update: Update, context: WuxueContext, answers: Answers
) -> dict[str, list[datetime]]:
    del update, context
    written = answers.get("moments") or [answers["moment"]]
    return {"read": [datetime.fromisoformat(moment) for moment in written]}


async def _was(update: Update, context: WuxueContext, answers: Answers) -> dict[str, datetime]:
    del update, context
    return {"was": datetime.fromisoformat(answers["was_at"])}


def _place(written: str) -> str:
    return "" if written == LATER else usable_place(written)


async def _finish_proposal(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)

    def store(session: Session) -> int:
        made = proposals.propose(
            session,
            speaker,
            answers["pair"],
            [datetime.fromisoformat(moment) for moment in answers["moments"]],
            mode=answers["mode"],
            place=answers.get("place", ""),
            now=context.now(),
        )
        drop(session, context, speaker.chat_id, PROPOSE)
        return made.id or 0

    proposal_id = await context.in_session(store)
    await _show(update, context, proposal_id)


async def _finish_move(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)

    def store(session: Session) -> None:
        booking.move(
            session,
            speaker,
            answers["booking"],
            datetime.fromisoformat(answers["moment"]),
            seen=answers["seen"],
            now=context.now(),
        )
        drop(session, context, speaker.chat_id, MOVE)

    await context.in_session(store)
    found = await context.read(pages.session_of, speaker, answers["booking"], now=context.now())
    await show_pair(update, context, speaker, answers["pair"], undo=found)
    context.send_what_is_due()


async def _show(update: Update, context: WuxueContext, proposal_id: int) -> None:
    """What she proposed, with the way to take it back."""
    speaker = await context.speaker(update)
    found = await context.read(proposals.shown, speaker, proposal_id)
    keys = []
    if found.state == ASKED:
        label = context.label("withdraw_times", speaker.language)
        keys = [buttons.press(label, "sup_withdraw", proposal_id)]
    text = context.text("supervision_proposed", speaker.language, proposed=found)
    keyboard = buttons.rows(keys) if keys else None
    await show(update, context, text, keyboard, protected=True)


async def withdraw(update: Update, context: WuxueContext) -> None:
    """撤回 while nobody has answered."""
    speaker = await context.speaker(update)
    (proposal_id,) = map(number, carried(update, "sup_withdraw", 1))
    await context.in_session(proposals.withdraw, speaker, proposal_id, now=context.now())
    await context.answer(update, context.label("taken_back_toast", speaker.language))
    await _show(update, context, proposal_id)


async def answer(update: Update, context: WuxueContext) -> None:
    """One of the times, or 都不行; one that has gone leaves the others."""
    speaker = await context.speaker(update)
    proposal, chosen = carried(update, "sup_answer", 2)
    place = None if chosen == NONE else number(chosen)
    try:
        made = await context.in_session(
            proposals.answer, speaker, number(proposal), place, now=context.now()
        )
    except (SlotTaken, MomentNotPossible):
        await context.answer(update, context.label("time_gone_toast", speaker.language), alert=True)
        return
    await context.answer(update, context.label("changed_toast", speaker.language))
    if made is None:
        found = await context.read(proposals.shown, speaker, number(proposal))
        text = context.text("supervision_proposed", speaker.language, proposed=found)
        await show(update, context, text, protected=True)
    else:
        done = await context.read(pages.session_of, speaker, made.id or 0, now=context.now())
        await show_pair(update, context, speaker, made.pair_id, undo=done)
    context.send_what_is_due()


def parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """Up to three times as buttons; to the supervisor, that none of them fits."""
    found: Proposed = facts.values["proposed"]
    text = renderer.text("supervision_proposal", facts.language, proposed=found)
    keys: list[Any] = []
    if found.state == ASKED:
        keys = [
            buttons.press(
                renderer.moment(moment, facts.language), "sup_answer", found.proposal_id, place
            )
            for place, moment in enumerate(found.moments)
        ]
        none = renderer.label("none_of_these", facts.language)
        keys.append(buttons.press(none, "sup_answer", found.proposal_id, NONE))
    keyboard = buttons.rows(keys) if keys else None
    body = Text(text.text, tuple(entities(text)), keyboard, protected=True)
    return [Part(body, silent=False)]


BUTTONS: dict[str, Act] = {"sup_withdraw": withdraw, "sup_answer": answer}
FORM_BUTTONS = {PROPOSE: begin_proposal, MOVE: begin_move}
TO_PAIR = ("back_to_pairs", "own_pair", "{pair}")
FORMS = (
    Form(
        PROPOSE,
        (
            Step("moments", "supervision_moments", settle=_moments),
            Step(
                "mode",
                "supervision_mode",
                ((ONLINE, "mode_online"), (IN_PERSON, "mode_in_person")),
                is_needed=lambda answers: bool(answers["asks_mode"]),
            ),
            Step(
                "place",
                "supervision_meet_at",
                ((LATER, "place_later"),),
                _place,
                also_typed=True,
                is_needed=lambda answers: answers.get("mode") == IN_PERSON,
            ),
            Step(
                "sure",
                "supervision_moments_check",
                ((YES, "confirm"), (AGAIN, "write_again")),
                facts=_read_back,
                returns={AGAIN: "moments"},
            ),
        ),
        _finish_proposal,
        protected=True,
        way_on=TO_PAIR,
    ),
    Form(
        MOVE,
        (
            Step("moment", "supervision_moment", settle=_moment, facts=_was),
            Step(
                "sure",
                "supervision_moments_check",
                ((YES, "confirm"), (AGAIN, "write_again")),
                facts=_read_back,
                returns={AGAIN: "moment"},
            ),
        ),
        _finish_move,
        protected=True,
        way_on=TO_PAIR,
    ),
)
