"""人员 and 我的学员 in chat: lists, searching, one person, and where one can go from there."""

from collections.abc import Callable, Sequence
from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, drop, show
from bot.taps import Act, FormAct, carried, number
from curriculum import directory
from curriculum.directory import LEFT, PeoplePage, PersonPage
from curriculum.people import Speaker

FIND = "find_people"
# What the button of a page can carry of what was searched for; longer words find few people.
WORDS_BYTES = 48
# What can be changed about a person: (label, verb of the button).
CHANGES = (
    ("change_role", "roles"),
    ("change_cohort", "cohorts"),
    ("move_person", "move"),
    ("rename", "rename"),
    ("invite_again", "invite_again"),
    ("deactivate", "leave"),
)


# So many ways to go elsewhere stand beside one another.
WAYS_BESIDE = 4


def with_navigation(
    keys: Sequence[InlineKeyboardButton], navigation: Sequence[InlineKeyboardButton]
) -> InlineKeyboardMarkup:
    """Up to six buttons and one row to go elsewhere; of more than four no label fits a phone."""
    above = buttons.rows(keys).inline_keyboard if keys else ()
    lines = -(-len(navigation) // WAYS_BESIDE)
    width = -(-len(navigation) // max(1, lines))
    below = [navigation[start : start + width] for start in range(0, len(navigation), width or 1)]
    return InlineKeyboardMarkup([*above, *below])


def turning(
    context: WuxueContext, language: str, page: int, pages: int, data: Callable[[int], str]
) -> list[InlineKeyboardButton]:
    """上一页 and 下一页, where there is one; `data` gives what the button of a page carries."""
    wanted = ((page - 1, "previous_page"), (page + 1, "next_page"))
    return [
        InlineKeyboardButton(context.label(name, language), callback_data=data(other))
        for other, name in wanted
        if 0 <= other < pages
    ]


async def people(update: Update, context: WuxueContext) -> None:
    """人员, /people, and /people with words to search for; a supervisor gets her workers."""
    speaker = await context.speaker(update)
    if not speaker.may("manage_people"):
        await workers(update, context)
        return
    found = await context.read(
        directory.people, speaker, words=" ".join(context.args or []), now=context.now()
    )
    await context.say(speaker.chat_id, *_listed(context, speaker, found))


async def pressed_people(update: Update, context: WuxueContext) -> None:
    """Another page of 人员, or of what was searched for."""
    speaker = await context.speaker(update)
    page, words = carried(update, "people", 2)
    found = await context.read(
        directory.people, speaker, words=words, page=number(page), now=context.now()
    )
    await _turned(update, context, speaker, found)


async def pressed_people_of(update: Update, context: WuxueContext) -> None:
    """人员 under a unit."""
    speaker = await context.speaker(update)
    unit_id, page = map(number, carried(update, "people_of", 2))
    found = await context.read(
        directory.people, speaker, unit_id=unit_id, page=page, now=context.now()
    )
    await _turned(update, context, speaker, found)


async def _turned(
    update: Update, context: WuxueContext, speaker: Speaker, found: PeoplePage
) -> None:
    await context.answer(update)
    await show(update, context, *_listed(context, speaker, found))


def _listed(
    context: WuxueContext, speaker: Speaker, found: PeoplePage
) -> tuple[Any, InlineKeyboardMarkup]:
    language = speaker.language
    can_turn = len(found.words.encode()) <= WORDS_BYTES
    keys = [
        buttons.press(f"{place} {line.name}", "person", line.person_id)
        for place, line in enumerate(found.lines, start=1)
    ]
    if found.unit_id is not None:
        navigation = turning(
            context,
            language,
            found.page,
            found.pages,
            lambda page: buttons.data("people_of", found.unit_id, page),
        )
        navigation.append(
            buttons.press(context.label("back_to_unit", language), "unit", found.unit_id)
        )
    else:
        navigation = turning(
            context,
            language,
            found.page,
            found.pages if can_turn else 1,
            lambda page: buttons.data("people", page, found.words),
        )
        navigation += [
            buttons.press(context.label(name, language), verb, *ids)
            for name, verb, *ids in (
                ("find_people", FIND, 0),
                ("add_person", "add_person", 0),
            )
        ]
    text = context.text("people", language, page=found, can_turn=can_turn)
    return text, with_navigation(keys, navigation)


async def pressed_person(update: Update, context: WuxueContext) -> None:
    """A person's button."""
    speaker = await context.speaker(update)
    (person_id,) = map(number, carried(update, "person", 1))
    found = await context.read(directory.person, speaker, person_id, now=context.now())
    await context.answer(update)
    await show(update, context, *_worded(context, speaker, found))


async def show_person(
    update: Update, context: WuxueContext, speaker: Speaker, person_id: int
) -> None:
    """The person's page as it stands now: what a change led to."""
    found = await context.read(directory.person, speaker, person_id, now=context.now())
    await show(update, context, *_worded(context, speaker, found))


def _worded(
    context: WuxueContext, speaker: Speaker, found: PersonPage
) -> tuple[Any, InlineKeyboardMarkup]:
    language, keys = speaker.language, []
    if found.is_changeable and found.contact.state == LEFT:
        keys = [
            buttons.press(context.label(label, language), verb, found.person_id)
            for label, verb in (("bring_back", "bring_back"), ("forget", "forget_of"))
        ]
    elif found.is_changeable:
        keys = [
            buttons.press(context.label(label, language), verb, found.person_id)
            for label, verb in CHANGES
        ]
    back = buttons.press(context.label("back_to_people", language), "people", 0, "")
    text = context.text("person", language, person=found)
    beside = [*_resting(context, language, found), *_away(context, language, found)]
    return text, with_navigation(keys, [*beside, back])


def _away(context: WuxueContext, language: str, found: PersonPage) -> list[InlineKeyboardButton]:
    """外出 of whoever looks after others, or its end."""
    if not found.may_set_away or found.contact.state == LEFT:
        return []
    if found.away is None:
        return [buttons.press(context.label("away", language), "away_of", found.person_id)]
    label = context.label("end_away" if found.away.has_begun else "cancel_away", language)
    return [buttons.press(label, "end_away_of", found.away.row_id)]


def _resting(context: WuxueContext, language: str, found: PersonPage) -> list[InlineKeyboardButton]:
    """暂停学习, or the ways on from a pause, of whoever learns; beside the six changes."""
    if not (found.is_changeable and found.learns) or found.contact.state == LEFT:
        return []
    if found.pause is None:
        return [buttons.press(context.label("pause", language), "pause_of", found.person_id)]
    return [
        buttons.press(
            context.label("resume", language), "resume_of", found.person_id, found.pause.mark
        ),
        buttons.press(context.label("change_time", language), "pause_of", found.person_id),
    ]


async def find(update: Update, context: WuxueContext, forms: Forms) -> None:
    """找人: asks for words."""
    speaker = await context.speaker(update)
    speaker.require("manage_people")
    carried(update, FIND, 1)
    await context.answer(update)
    await forms.start(update, context, FIND, {"language": speaker.language})


async def _finish_find(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)
    found = await context.read(directory.people, speaker, words=answers["words"], now=context.now())
    await context.in_session(drop, context, speaker.chat_id, FIND)
    await show(update, context, *_listed(context, speaker, found))


async def workers(update: Update, context: WuxueContext) -> None:
    """我的学员: whom a supervisor can reach, and their hours; no more than that."""
    speaker = await context.speaker(update)
    await context.say(speaker.chat_id, *await _workers(context, speaker, 0))


async def pressed_workers(update: Update, context: WuxueContext) -> None:
    """Another page of 我的学员."""
    speaker = await context.speaker(update)
    (page,) = map(number, carried(update, "workers", 1))
    text, keyboard = await _workers(context, speaker, page)
    await context.answer(update)
    await show(update, context, text, keyboard)


async def _workers(
    context: WuxueContext, speaker: Speaker, page: int
) -> tuple[Any, InlineKeyboardMarkup | None]:
    found = await context.read(directory.workers, speaker, page=page, now=context.now())
    keys = turning(
        context,
        speaker.language,
        found.page,
        found.pages,
        lambda other: buttons.data("workers", other),
    )
    text = context.text("workers", speaker.language, page=found)
    return text, InlineKeyboardMarkup([keys]) if keys else None


BUTTONS: dict[str, Act] = {
    "people": pressed_people,
    "people_of": pressed_people_of,
    "person": pressed_person,
    "workers": pressed_workers,
}
FORM_BUTTONS: dict[str, FormAct] = {
    FIND: find,
}
FORMS = (
    Form(
        FIND,
        (Step("words", "people_find", (), directory.searched),),
        _finish_find,
        way_on=("back_to_people", "people", "0", ""),
    ),
)
