"""Whose turn it is, in chat: saying yes, handing on, swapping; and what facilitators are sent."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlmodel import Session
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import show
from bot.handlers import gatherings
from bot.handlers.directory import turning, with_navigation
from bot.handlers.weekly_study import show_session
from bot.render import Renderer, entities
from bot.taps import Act, carried, number
from bot.telegram_channel import Text
from curriculum import facilitator_swaps, facilitators, gathering_cards
from curriculum.errors import NotThere
from curriculum.facilitator_swaps import ACCEPTED, ASKED
from curriculum.facts import Facts
from curriculum.gathering_cards import Card
from curriculum.people import Speaker
from scheduler.channel import Part

ON_A_PAGE = 6


async def lead(update: Update, context: WuxueContext) -> None:
    """我来主持."""
    await _change(update, context, "lead", facilitators.confirm)


async def hand_on(update: Update, context: WuxueContext) -> None:
    """这次不行: the turn goes on to the next."""
    await _change(update, context, "hand_on", facilitators.hand_on)


async def _change(
    update: Update, context: WuxueContext, verb: str, act: Callable[..., Any]
) -> None:
    """Do it, and show the session as it stands now."""
    gathering_id = number(carried(update, verb, 1)[0])

    def run(session: Session, speaker: Speaker) -> Card:
        act(session, speaker, gathering_id, now=context.now())
        return gathering_cards.card(session, speaker, gathering_id, now=context.now())

    speaker, card = await context.as_speaker(update, run)
    await context.answer(update, context.label("noted_toast", speaker.language))
    await show(update, context, *gatherings.worded(context, speaker.language, card))
    context.send_what_is_due()


async def ask_leader(update: Update, context: WuxueContext) -> None:
    """换主持 by a coordinator: who, whose turn is nearest first."""
    speaker = await context.speaker(update)
    gathering_id, _, page_written = carried(update, "leaders", 1)[0].partition(":")
    page = number(page_written or "0")
    free = await context.read(
        facilitators.choosable, speaker, number(gathering_id), now=context.now()
    )
    pages = max(1, -(-len(free) // ON_A_PAGE))
    page = min(page, pages - 1)
    keys = [
        buttons.press(name, "leader", gathering_id, person_id)
        for person_id, name in free[page * ON_A_PAGE : (page + 1) * ON_A_PAGE]
    ]
    navigation = turning(
        context,
        speaker.language,
        page,
        pages,
        lambda other: buttons.data("leaders", gathering_id, other),
    )
    navigation.append(
        buttons.press(context.label("back", speaker.language), "session", gathering_id)
    )
    await context.answer(update)
    text = context.text("leader_choose", speaker.language, has_choice=bool(free))
    await show(update, context, text, with_navigation(keys, navigation))


async def give_to(update: Update, context: WuxueContext) -> None:
    """Somebody was chosen; she is asked."""
    speaker = await context.speaker(update)
    gathering_id, person_id = map(number, carried(update, "leader", 2))
    await context.in_session(
        facilitators.give_to, speaker, gathering_id, person_id, now=context.now()
    )
    await context.answer(update, context.label("noted_toast", speaker.language))
    await show_session(update, context, speaker, gathering_id)


async def ask_swap(update: Update, context: WuxueContext) -> None:
    """换班: with which other session."""
    speaker = await context.speaker(update)
    gathering_id = number(carried(update, "swap", 1)[0])
    turns = await context.read(
        facilitator_swaps.swappable, speaker, gathering_id, now=context.now()
    )
    renderer, language = context.services.renderer, speaker.language
    keys = [
        buttons.press(
            f"{turn.facilitator} {renderer.moment(turn.starts_at, language)}",
            "swap_with",
            gathering_id,
            turn.gathering_id,
        )
        for turn in turns
    ]
    back = buttons.press(context.label("back", language), "gathering", gathering_id)
    await context.answer(update)
    text = context.text("swap_choose", language, has_choice=bool(turns))
    # The kit, or her own message, stays as it is.
    await show(update, context, text, with_navigation(keys, [back]), is_new=True)


async def swap_with(update: Update, context: WuxueContext) -> None:
    """A session was chosen: its facilitator is asked."""
    speaker = await context.speaker(update)
    gathering_id, other_id = map(number, carried(update, "swap_with", 2))
    turn = await context.in_session(
        facilitator_swaps.ask_swap, speaker, gathering_id, other_id, now=context.now()
    )
    await context.answer(update)
    await show(update, context, context.text("swap_asked", speaker.language, turn=turn))
    context.send_what_is_due()


async def answer_swap(update: Update, context: WuxueContext) -> None:
    """换 or 不换 under the question."""
    speaker = await context.speaker(update)
    swap, answer = carried(update, "swap_answer", 2)
    if answer not in ("yes", "no"):
        raise NotThere
    state = await context.in_session(
        facilitator_swaps.answer_swap,
        speaker,
        number(swap),
        accepts=answer == "yes",
        now=context.now(),
    )
    await context.answer(update)
    text = context.text("swap_answered", speaker.language, is_accepted=state == ACCEPTED)
    await show(update, context, text)
    context.send_what_is_due()


def _part(
    renderer: Renderer,
    facts: Facts,
    template: str,
    keys: Sequence[tuple[str, Sequence[object]]] = (),
    *,
    silent: bool = True,
) -> Sequence[Part]:
    """One message with buttons, each (label, what it carries)."""
    text = renderer.text(template, facts.language, **facts.values)
    made: list[InlineKeyboardButton] = [
        buttons.press(renderer.label(label, facts.language), str(data[0]), *data[1:])
        for label, data in keys
    ]
    keyboard: InlineKeyboardMarkup | None = buttons.rows(made) if made else None
    return [Part(Text(text.text, tuple(entities(text)), keyboard), silent=silent)]


def ask_parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """Whether she takes her turn."""
    found = facts.values["gathering_id"]
    acts = (("i_lead", ("lead", found)), ("not_this_time", ("hand_on", found)))
    return _part(renderer, facts, "facilitator_ask", acts)


def kit_parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """The kit, the day before."""
    acts = (("swap_turns", ("swap", facts.values["gathering_id"])),)
    return _part(renderer, facts, "facilitator_kit", acts)


def fallback_parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """Nobody has said yes, or whoever did is away: her deputy or a coordinator steps in."""
    found = facts.values["gathering_id"]
    acts = [("i_lead", ("lead", found)), ("change_leader", ("leaders", found))]
    acts = acts if facts.values["can_change"] else acts[:1]
    return _part(renderer, facts, "facilitator_missing", acts)


def swap_parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """Somebody wants to swap, or what became of it."""
    swap = facts.values["swap_id"]
    acts = (
        ("swap_yes", ("swap_answer", swap, "yes")),
        ("swap_no", ("swap_answer", swap, "no")),
    )
    is_asked = facts.values["state"] == ASKED
    return _part(renderer, facts, "facilitator_swap", acts if is_asked else ())


def nudge_parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """The minutes are still to be written; said once."""
    acts = (("write_minutes", ("minutes", facts.values["gathering_id"])),)
    return _part(renderer, facts, "minutes_due", acts)


BUTTONS: dict[str, Act] = {
    "lead": lead,
    "hand_on": hand_on,
    "leaders": ask_leader,
    "leader": give_to,
    "swap": ask_swap,
    "swap_with": swap_with,
    "swap_answer": answer_swap,
}
