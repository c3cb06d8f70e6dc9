"""Changing a person in chat: roles, cohort, station, name."""

from sqlmodel import Session
from telegram import InlineKeyboardButton, Update

from bot import buttons, menus
from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, drop, show
from bot.handlers.directory import show_person, turning, with_navigation
from bot.taps import Act, carried, number
from curriculum import directory, people, staffing, units
from curriculum.errors import NotThere
from curriculum.people import ROLES, Speaker

RENAME, MOVE = "rename_person", "move_person"
# 不进班组 takes the sixth place.
COHORTS_SHOWN = 5
# Marks what was pressed from what was typed.
PRESSED = "#"


def _back(context: WuxueContext, speaker: Speaker, person_id: int) -> InlineKeyboardButton:
    return buttons.press(context.label("back_to_person", speaker.language), "person", person_id)


async def _done(update: Update, context: WuxueContext, speaker: Speaker, person_id: int) -> None:
    """Say that it is done, and show the person as she stands now."""
    await context.answer(update, context.label("changed_toast", speaker.language))
    await show_person(update, context, speaker, person_id)


async def roles(update: Update, context: WuxueContext) -> None:
    """改角色: what she holds, to be ended, and the way to one more."""
    speaker = await context.speaker(update)
    (person_id,) = map(number, carried(update, "roles", 1))
    await context.answer(update)
    await _show_roles(update, context, speaker, person_id)


async def _show_roles(
    update: Update, context: WuxueContext, speaker: Speaker, person_id: int
) -> None:
    found = await context.read(directory.person, speaker, person_id, now=context.now())
    if not found.is_changeable:
        raise NotThere
    language = speaker.language
    keys = [
        buttons.press(
            f"{context.label('end_role', language)} {context.label(held.role, language)} · "
            f"{held.unit_name}",
            "end_role",
            person_id,
            held.grant_id,
        )
        for held in found.roles[:COHORTS_SHOWN]
    ]
    keys.append(buttons.press(context.label("new_role", language), "new_role", person_id))
    text = context.text("person_roles", language, person=found, role=None)
    keyboard = with_navigation(keys, [_back(context, speaker, person_id)])
    await show(update, context, text, keyboard)


async def end_role(update: Update, context: WuxueContext) -> None:
    """结束 a role."""
    speaker = await context.speaker(update)
    person_id, grant_id = map(number, carried(update, "end_role", 2))
    await context.in_session(
        staffing.end_role, speaker, person_id, grant_id=grant_id, now=context.now()
    )
    await context.answer(update, context.label("changed_toast", speaker.language))
    await _show_roles(update, context, speaker, person_id)
    await menus.offer_to(context, person_id)


async def new_role(update: Update, context: WuxueContext) -> None:
    """加角色: which one; then, where there is a choice, how far it reaches."""
    speaker = await context.speaker(update)
    (person_id,) = map(number, carried(update, "new_role", 1))
    found = await context.read(directory.person, speaker, person_id, now=context.now())
    offered = await context.read(staffing.roles_for, speaker, person_id, now=context.now())
    keys = [
        buttons.press(context.label(role, speaker.language), "role_where", person_id, role)
        for role in offered
    ]
    await context.answer(update)
    text = context.text("person_roles", speaker.language, person=found, role="which")
    await show(update, context, text, with_navigation(keys, [_back(context, speaker, person_id)]))


async def role_where(update: Update, context: WuxueContext) -> None:
    """A role was chosen: where it reaches."""
    speaker = await context.speaker(update)
    who, role = carried(update, "role_where", 2)
    person_id = number(who)
    if role not in ROLES:
        raise NotThere
    scopes = await context.read(staffing.scopes, speaker, person_id, role, now=context.now())
    if not scopes:
        raise NotThere
    found = await context.read(directory.person, speaker, person_id, now=context.now())
    keys = [
        buttons.press(scope.unit_name, "give_role", person_id, role, scope.unit_id)
        for scope in scopes
    ]
    await context.answer(update)
    text = context.text("person_roles", speaker.language, person=found, role=role)
    await show(update, context, text, with_navigation(keys, [_back(context, speaker, person_id)]))


async def give_role(update: Update, context: WuxueContext) -> None:
    """A role and its reach were chosen."""
    speaker = await context.speaker(update)
    who, role, where = carried(update, "give_role", 3)
    person_id, unit_id = number(who), number(where)
    await context.in_session(
        staffing.grant_role, speaker, person_id, role=role, unit_id=unit_id, now=context.now()
    )
    await context.answer(update, context.label("changed_toast", speaker.language))
    await _show_roles(update, context, speaker, person_id)
    await menus.offer_to(context, person_id)


async def cohorts(update: Update, context: WuxueContext) -> None:
    """换班组: the running ones of her station and above, the newest first."""
    speaker = await context.speaker(update)
    who, _, page_written = carried(update, "cohorts", 1)[0].partition(":")
    person_id, page = number(who), number(page_written or "0")
    free, place_id = await context.read(
        staffing.choosable_cohorts, speaker, person_id, now=context.now()
    )
    found = await context.read(directory.person, speaker, person_id, now=context.now())
    pages = max(1, -(-len(free) // COHORTS_SHOWN))
    page = min(page, pages - 1)
    shown = free[page * COHORTS_SHOWN : (page + 1) * COHORTS_SHOWN]
    keys = [
        buttons.press(name, "cohort", person_id, place_id, cohort_id) for cohort_id, name in shown
    ]
    if place_id:
        leave = context.label("no_cohort", speaker.language)
        keys.append(buttons.press(leave, "cohort", person_id, place_id, 0))
    navigation = turning(
        context,
        speaker.language,
        page,
        pages,
        lambda other: buttons.data("cohorts", person_id, other),
    )
    await context.answer(update)
    text = context.text("person_cohort", speaker.language, person=found, has_choice=bool(free))
    keyboard = with_navigation(keys, [*navigation, _back(context, speaker, person_id)])
    await show(update, context, text, keyboard)


async def cohort(update: Update, context: WuxueContext) -> None:
    """A cohort was chosen, or none (0)."""
    speaker = await context.speaker(update)
    person_id, place_id, cohort_id = map(number, carried(update, "cohort", 3))
    await context.in_session(
        staffing.change_cohort,
        speaker,
        person_id,
        place_id=place_id,
        cohort_id=cohort_id or None,
        now=context.now(),
    )
    await _done(update, context, speaker, person_id)


async def rename(update: Update, context: WuxueContext, forms: Forms) -> None:
    """改姓名: asks for the new one."""
    speaker = await context.speaker(update)
    (person_id,) = map(number, carried(update, "rename", 1))
    old = await context.read(staffing.name_of, speaker, person_id, now=context.now())
    await context.answer(update)
    answers: Answers = {"person": person_id, "old": old, "language": speaker.language}
    await forms.start(update, context, RENAME, answers)


async def _finish_rename(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)

    def change(session: Session) -> None:
        staffing.rename(
            session,
            speaker,
            answers["person"],
            old=answers["old"],
            new=answers["name"],
            now=context.now(),
        )
        drop(session, context, speaker.chat_id, RENAME)

    await context.in_session(change)
    await show_person(update, context, speaker, answers["person"])


async def move(update: Update, context: WuxueContext, forms: Forms) -> None:
    """换站点: the ones nearby as buttons, any other by its name."""
    speaker = await context.speaker(update)
    (person_id,) = map(number, carried(update, "move", 1))
    now = context.now()
    membership_id = await context.read(staffing.where_from, speaker, person_id, now=now)
    found = await context.read(directory.person, speaker, person_id, now=now)
    await context.answer(update)
    answers: Answers = {
        "person": person_id,
        "name": found.name,
        "old": found.unit_name,
        "old_id": found.unit_id,
        "membership": membership_id,
        "language": speaker.language,
    }
    await forms.start(update, context, MOVE, answers)


async def units_nearby(
    update: Update, context: WuxueContext, answers: Answers
) -> list[tuple[str, str]]:
    """Units as (what a button carries, its words); those beside the present one first."""
    speaker = await context.speaker(update)
    nearby = await context.read(units.near, speaker, answers.get("old_id"), now=context.now())
    return [(f"{PRESSED}{unit_id}", name) for unit_id, name in nearby]


async def unit_meant(
    update: Update, context: WuxueContext, answers: Answers, came: str
) -> dict[str, object]:
    """The unit that was pressed or typed, as {"id", "name"}; raises UnitNotFound."""
    del answers
    speaker = await context.speaker(update)
    if came.startswith(PRESSED):
        unit_id = number(came.removeprefix(PRESSED))
        found = await context.read(units.unit, speaker, unit_id, now=context.now())
        return {"id": unit_id, "name": found.unit.name}
    unit_id, name = await context.read(units.named, speaker, came, now=context.now())
    return {"id": unit_id, "name": name}


async def _finish_move(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)

    def change(session: Session) -> None:
        staffing.move(
            session,
            speaker,
            answers["person"],
            membership_id=answers["membership"],
            unit_id=answers["unit"]["id"],
            now=context.now(),
        )
        drop(session, context, speaker.chat_id, MOVE)

    await context.in_session(change)
    await show_person(update, context, speaker, answers["person"])


BUTTONS: dict[str, Act] = {
    "roles": roles,
    "end_role": end_role,
    "new_role": new_role,
    "role_where": role_where,
    "give_role": give_role,
    "cohorts": cohorts,
    "cohort": cohort,
}
FORM_BUTTONS = {"rename": rename, "move": move}
FORMS = (
    Form(
        RENAME,
        (Step("name", "person_rename", (), people.usable_name),),
        _finish_rename,
        way_on=("back_to_person", "person", "{person}"),
    ),
    Form(
        MOVE,
        (Step("unit", "person_move", offer=units_nearby, settle=unit_meant),),
        _finish_move,
        way_on=("back_to_person", "person", "{person}"),
    ),
)
