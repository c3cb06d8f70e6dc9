"""紧急值班 in chat: a unit's emergency contacts and who is told of danger, set by a coordinator."""

from typing import Any

from sqlmodel import Session
from telegram import InlineKeyboardMarkup, Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, drop, show
from bot.handlers.directory import turning, with_navigation
from bot.taps import Act, carried, number
from curriculum import duty
from curriculum.duty import DutyPage
from curriculum.people import Speaker

CONTACTS, ADD = "duty_contacts", "duty_add"
# Marks what was pressed from what was typed.
PRESSED = "#"
# Beside their names there are two more buttons.
ON_A_PAGE = 4


async def overview(update: Update, context: WuxueContext) -> None:
    """/duty, 紧急值班: her own topmost unit."""
    speaker = await context.speaker(update)
    found = await context.read(duty.page, speaker, None, now=context.now())
    await show(update, context, *_worded(context, speaker, found), is_new=True)


async def pressed(update: Update, context: WuxueContext) -> None:
    """紧急值班 on a unit's page, or back to it."""
    speaker = await context.speaker(update)
    unit, _, page = carried(update, "duty", 1)[0].partition(":")
    await context.answer(update)
    await _show_page(update, context, speaker, number(unit), number(page or "0"))


async def _show_page(
    update: Update, context: WuxueContext, speaker: Speaker, unit_id: int, page: int = 0
) -> None:
    found = await context.read(duty.page, speaker, unit_id, now=context.now())
    await show(update, context, *_worded(context, speaker, found, page))


def _worded(
    context: WuxueContext, speaker: Speaker, found: DutyPage, page: int = 0
) -> tuple[Any, InlineKeyboardMarkup]:
    language, here = speaker.language, found.unit_id
    keys = [
        buttons.press(context.label("change_contacts", language), CONTACTS, here),
        buttons.press(context.label("add_duty", language), ADD, here),
    ]
    # Everybody stands in the text; those to be taken off take turns beside the two keys.
    pages = max(1, -(-len(found.on_duty) // ON_A_PAGE))
    page = min(page, pages - 1)
    take_off = context.label("take_off_duty", language)
    keys += [
        buttons.press(f"{take_off} {one.name}", "off_duty", here, one.person_id)
        for one in found.on_duty[page * ON_A_PAGE : (page + 1) * ON_A_PAGE]
    ]
    navigation = turning(
        context, language, page, pages, lambda other: buttons.data("duty", here, other)
    )
    navigation.append(buttons.press(context.label("back_to_unit", language), "unit", here))
    return context.text("duty", language, page=found), with_navigation(keys, navigation)


async def off_duty(update: Update, context: WuxueContext) -> None:
    """去掉 and a name."""
    speaker = await context.speaker(update)
    unit_id, person_id = map(number, carried(update, "off_duty", 2))
    await context.in_session(duty.take_off, speaker, unit_id, person_id, now=context.now())
    await context.answer(update, context.label("changed_toast", speaker.language))
    await _show_page(update, context, speaker, unit_id)


async def change_contacts(update: Update, context: WuxueContext, forms: Forms) -> None:
    """改电话: one a line."""
    await _begin(update, context, forms, CONTACTS)


async def add(update: Update, context: WuxueContext, forms: Forms) -> None:
    """加值班人: those who look after the unit as buttons, anybody else by name."""
    await _begin(update, context, forms, ADD)


async def _begin(update: Update, context: WuxueContext, forms: Forms, form: str) -> None:
    speaker = await context.speaker(update)
    (unit_id,) = map(number, carried(update, form, 1))
    found = await context.read(duty.page, speaker, unit_id, now=context.now())
    await context.answer(update)
    answers: Answers = {
        "unit": unit_id,
        "unit_name": found.unit_name,
        "language": speaker.language,
    }
    await forms.start(update, context, form, answers)


async def _finish_contacts(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)

    def change(session: Session) -> None:
        duty.set_contacts(session, speaker, answers["unit"], answers["contacts"], now=context.now())
        drop(session, context, speaker.chat_id, CONTACTS)

    await context.in_session(change)
    await _show_page(update, context, speaker, answers["unit"])


async def _candidates(
    update: Update, context: WuxueContext, answers: Answers
) -> list[tuple[str, str]]:
    speaker = await context.speaker(update)
    found = await context.read(duty.candidates, speaker, answers["unit"], now=context.now())
    return [(f"{PRESSED}{person_id}", name) for person_id, name in found]


async def _person_meant(update: Update, context: WuxueContext, answers: Answers, came: str) -> int:
    del answers
    if came.startswith(PRESSED):
        return number(came.removeprefix(PRESSED))
    speaker = await context.speaker(update)
    return await context.read(duty.named, speaker, came, now=context.now())


async def _finish_add(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)

    def change(session: Session) -> None:
        duty.put_on(session, speaker, answers["unit"], answers["person"], now=context.now())
        drop(session, context, speaker.chat_id, ADD)

    await context.in_session(change)
    await _show_page(update, context, speaker, answers["unit"])


def _readable(written: str) -> str:
    duty.read_contacts(written)
    return written


BUTTONS: dict[str, Act] = {"duty": pressed, "off_duty": off_duty}
FORM_BUTTONS = {CONTACTS: change_contacts, ADD: add}
TO_DUTY = ("duty", "duty", "{unit}")
FORMS = (
    Form(
        CONTACTS,
        (Step("contacts", "duty_contacts", (), _readable),),
        _finish_contacts,
        way_on=TO_DUTY,
    ),
    Form(
        ADD,
        (Step("person", "duty_add", offer=_candidates, settle=_person_meant),),
        _finish_add,
        way_on=TO_DUTY,
    ),
)
