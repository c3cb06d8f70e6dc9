"""单位 in chat: the tree with its counts, one unit, and changing it."""

from typing import Any

from sqlmodel import Session
from telegram import InlineKeyboardMarkup, Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, drop, show
from bot.handlers.directory import turning, with_navigation
from bot.taps import Act, carried, number
from curriculum import units
from curriculum.errors import NotThere
from curriculum.people import Speaker
from curriculum.units import UnitPage, UnitsPage

RENAME_UNIT, ADD_UNIT = "rename_unit", "add_unit"


async def tree(update: Update, context: WuxueContext) -> None:
    """单位, /units: her own topmost units."""
    speaker = await context.speaker(update)
    found = await context.read(units.units, speaker, None, now=context.now())
    await context.say(speaker.chat_id, *_listed(context, speaker, found))


async def pressed_units(update: Update, context: WuxueContext) -> None:
    """What stands under a unit (0 for her topmost), a page at a time."""
    speaker = await context.speaker(update)
    unit_id, page = map(number, carried(update, "units", 2))
    found = await context.read(units.units, speaker, unit_id or None, page=page, now=context.now())
    await context.answer(update)
    await show(update, context, *_listed(context, speaker, found))


def _listed(
    context: WuxueContext, speaker: Speaker, found: UnitsPage
) -> tuple[Any, InlineKeyboardMarkup]:
    language = speaker.language
    here = found.unit.unit_id if found.unit else 0
    keys = [
        buttons.press(f"{place} {line.name}", "unit", line.unit_id)
        for place, line in enumerate(found.lines, start=1)
    ]
    navigation = turning(
        context,
        language,
        found.page,
        found.pages,
        lambda page: buttons.data("units", here, page),
    )
    if found.unit is not None:
        navigation.append(buttons.press(context.label("back_to_unit", language), "unit", here))
    text = context.text("units", language, page=found)
    return text, with_navigation(keys, navigation)


async def pressed_unit(update: Update, context: WuxueContext) -> None:
    """One unit's page."""
    speaker = await context.speaker(update)
    (unit_id,) = map(number, carried(update, "unit", 1))
    found = await context.read(units.unit, speaker, unit_id, now=context.now())
    await context.answer(update)
    await show(update, context, *_worded(context, speaker, found))


async def _show_unit(update: Update, context: WuxueContext, speaker: Speaker, unit_id: int) -> None:
    found = await context.read(units.unit, speaker, unit_id, now=context.now())
    await show(update, context, *_worded(context, speaker, found))


def _worded(
    context: WuxueContext, speaker: Speaker, found: UnitPage
) -> tuple[Any, InlineKeyboardMarkup]:
    language, here = speaker.language, found.unit.unit_id
    wanted: list[tuple[str, str, tuple[int, ...]]] = [
        ("people", "people_of", (here, 0)),
        ("add_person", "add_person", (here,)),
        ("add_unit", ADD_UNIT, (here,)),
        ("rename_unit", RENAME_UNIT, (here,)),
    ]
    if found.children:
        wanted.insert(0, ("sub_units", "units", (here, 0)))
    if found.may_close:
        wanted.append(("close_unit", "close_unit", (here,)))
    keys = [
        buttons.press(context.label(label, language), verb, *ids) for label, verb, ids in wanted
    ]
    navigation = []
    if found.parent_id is not None:
        above = context.label("unit_above", language)
        navigation.append(buttons.press(above, "unit", found.parent_id))
    if speaker.may("set_duty"):
        navigation.append(buttons.press(context.label("duty", language), "duty", here))
    navigation.append(buttons.press(context.label("units", language), "units", 0, 0))
    text = context.text("unit", language, unit=found)
    return text, with_navigation(keys, navigation)


async def close_unit(update: Update, context: WuxueContext) -> None:
    """停用单位: asks once, naming it."""
    speaker = await context.speaker(update)
    (unit_id,) = map(number, carried(update, "close_unit", 1))
    found = await context.read(units.unit, speaker, unit_id, now=context.now())
    language = speaker.language
    name = f"{context.label('deactivate', language)} {found.unit.name}"
    back = buttons.press(context.label("back_to_unit", language), "unit", unit_id)
    await context.answer(update)
    keyboard = with_navigation([buttons.press(name, "unit_closed", unit_id)], [back])
    await show(update, context, context.text("unit_close", language, unit=found), keyboard)


async def unit_closed(update: Update, context: WuxueContext) -> None:
    """停用 and the unit's name: done; the unit above is shown."""
    speaker = await context.speaker(update)
    (unit_id,) = map(number, carried(update, "unit_closed", 1))
    parent_id = await context.in_session(units.close, speaker, unit_id, now=context.now())
    await context.answer(update, context.label("changed_toast", speaker.language))
    found = await context.read(units.units, speaker, parent_id, now=context.now())
    await show(update, context, *_listed(context, speaker, found))


async def rename_unit(update: Update, context: WuxueContext, forms: Forms) -> None:
    """改名称: asks for the new one."""
    await _begin(update, context, forms, RENAME_UNIT)


async def add_unit(update: Update, context: WuxueContext, forms: Forms) -> None:
    """加下级: asks for the level and the name."""
    await _begin(update, context, forms, ADD_UNIT)


async def _begin(update: Update, context: WuxueContext, forms: Forms, form: str) -> None:
    speaker = await context.speaker(update)
    (unit_id,) = map(number, carried(update, form, 1))
    found = await context.read(units.unit, speaker, unit_id, now=context.now())
    await context.answer(update)
    answers: Answers = {
        "unit": unit_id,
        "old": found.unit.name,
        "under": found.unit.level,
        "language": speaker.language,
    }
    await forms.start(update, context, form, answers)


async def _levels(update: Update, context: WuxueContext, answers: Answers) -> list[tuple[str, str]]:
    language = await context.language(update)
    return [
        (level, context.label(f"level_{level}", language))
        for level in units.levels_under(answers["under"])
    ]


async def _level_meant(update: Update, context: WuxueContext, answers: Answers, came: str) -> str:
    for level, label in await _levels(update, context, answers):
        if came.strip() in (level, label):
            return level
    raise NotThere


async def _finish_rename(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)

    def change(session: Session) -> None:
        units.rename(
            session,
            speaker,
            answers["unit"],
            old=answers["old"],
            new=answers["name"],
            now=context.now(),
        )
        drop(session, context, speaker.chat_id, RENAME_UNIT)

    await context.in_session(change)
    await _show_unit(update, context, speaker, answers["unit"])


async def _finish_add(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)

    def add(session: Session) -> int:
        unit_id = units.add(
            session,
            speaker,
            parent_id=answers["unit"],
            level=answers["level"],
            name=answers["name"],
            now=context.now(),
        )
        drop(session, context, speaker.chat_id, ADD_UNIT)
        return unit_id

    await _show_unit(update, context, speaker, await context.in_session(add))


BUTTONS: dict[str, Act] = {
    "units": pressed_units,
    "unit": pressed_unit,
    "close_unit": close_unit,
    "unit_closed": unit_closed,
}
FORM_BUTTONS = {RENAME_UNIT: rename_unit, ADD_UNIT: add_unit}
FORMS = (
    Form(
        RENAME_UNIT,
        (Step("name", "unit_rename", (), units.usable_unit_name),),
        _finish_rename,
        way_on=("back_to_unit", "unit", "{unit}"),
    ),
    Form(
        ADD_UNIT,
        (
            Step("level", "unit_add_level", offer=_levels, settle=_level_meant),
            Step("name", "unit_add_name", (), units.usable_unit_name),
        ),
        _finish_add,
        way_on=("back_to_unit", "unit", "{unit}"),
    ),
)
