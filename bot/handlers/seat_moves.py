"""换组 in chat: who sits in a room, where to, and taking it back."""

from collections.abc import Sequence

from telegram import InlineKeyboardMarkup, Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import show
from bot.handlers.directory import turning, with_navigation
from bot.render import Renderer, entities
from bot.taps import Act, carried, number
from bot.telegram_channel import Text
from curriculum import seat_moves
from curriculum.facts import Facts
from curriculum.people import Speaker
from curriculum.seat_moves import Moved
from scheduler.channel import Part


async def listed(update: Update, context: WuxueContext) -> None:
    """换组 under a room, and another page of it: its people."""
    speaker = await context.speaker(update)
    gathering_id, page = map(number, carried(update, "seats", 2))
    found = await context.read(
        seat_moves.seated, speaker, gathering_id, page=page, now=context.now()
    )
    keys = [
        buttons.press(name, "seat_of", gathering_id, person_id) for person_id, name in found.people
    ]
    navigation = turning(
        context,
        speaker.language,
        found.page,
        found.pages,
        lambda other: buttons.data("seats", gathering_id, other),
    )
    back = buttons.press(context.label("back_to_rooms", speaker.language), "rooms", gathering_id)
    await context.answer(update)
    text = context.text("study_seats", speaker.language, seated=found)
    await show(update, context, text, with_navigation(keys, [*navigation, back]))


async def chosen(update: Update, context: WuxueContext) -> None:
    """A person: which room she goes to."""
    speaker = await context.speaker(update)
    gathering_id, person_id = map(number, carried(update, "seat_of", 2))
    now, language = context.now(), speaker.language
    name = await context.read(seat_moves.name_of, speaker, gathering_id, person_id, now=now)
    found = await context.read(seat_moves.seated, speaker, gathering_id, now=now)
    label = context.label("to_room", language)
    keys = [
        buttons.press(label.format(n=room), "seat_to", gathering_id, person_id, target_id)
        for target_id, room in found.rooms
    ]
    back = buttons.press(context.label("back", language), "seats", gathering_id, 0)
    await context.answer(update)
    text = context.text("study_seat", language, name=name, room=found.room)
    await show(update, context, text, with_navigation(keys, [back]))


async def moved(update: Update, context: WuxueContext) -> None:
    """The room was chosen: done, told in a minute, and taken back for ten."""
    speaker = await context.speaker(update)
    ids = map(number, carried(update, "seat_to", 3))
    done = await context.in_session(seat_moves.move, speaker, *ids, now=context.now())
    await context.answer(update, context.label("changed_toast", speaker.language))
    await _show_done(update, context, speaker, done, person_id=_person(update))


def _person(update: Update) -> int:
    return number(carried(update, "seat_to", 3)[1])


async def undone(update: Update, context: WuxueContext) -> None:
    """撤销 under a move."""
    speaker = await context.speaker(update)
    ids = map(number, carried(update, "seat_undo", 2))
    done = await context.in_session(seat_moves.undo, speaker, *ids, now=context.now())
    await context.answer(update, context.label("taken_back_toast", speaker.language))
    await _show_done(update, context, speaker, done, person_id=None)


async def _show_done(
    update: Update,
    context: WuxueContext,
    speaker: Speaker,
    done: Moved,
    *,
    person_id: int | None,
) -> None:
    """What stands now; `person_id` where that can be taken back."""
    language = speaker.language
    undo = (
        [buttons.press(context.label("undo", language), "seat_undo", person_id, done.move_id)]
        if person_id is not None
        else []
    )
    back = buttons.press(context.label("back_to_rooms", language), "rooms", done.gathering_id)
    text = context.text("study_seat_moved", language, moved=done, is_undone=person_id is None)
    await show(update, context, text, InlineKeyboardMarkup([row for row in (undo, [back]) if row]))


def parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """The word of it, to whoever was moved and to those who lead."""
    text = renderer.text("seat_moved", facts.language, **facts.values)
    return [Part(Text(text.text, tuple(entities(text))), silent=False)]


BUTTONS: dict[str, Act] = {
    "seats": listed,
    "seat_of": chosen,
    "seat_to": moved,
    "seat_undo": undone,
}
