"""What is sent to a training rather than typed: its papers, its place on the map; and who is added.

A file or a location is taken only while the form that asks for it is open.
"""

from typing import Any

from sqlmodel import Session
from telegram import Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, current, drop, show
from bot.handlers import annual_training, training_manage
from bot.taps import Act, carried, number
from curriculum import (
    training_attendance,
    training_changes,
    training_events,
    training_papers,
    training_search,
    training_seats,
)
from curriculum.errors import NotThere
from curriculum.people import Speaker
from curriculum.training_papers import Papers

ADD, PIN, FIND = "training_add_papers", "training_set_pin", "training_add"
KEEP = "training_keep"
DONE = "done"


async def keep(update: Update, context: WuxueContext) -> None:
    """看文件 of whoever arranges it: what is there, and adding or removing."""
    speaker = await context.speaker(update)
    (event_id,) = map(number, carried(update, KEEP, 1))
    found = await context.read(training_papers.listed, speaker, event_id, now=context.now())
    text, keyboard = training_manage.dropping(context, speaker, found)
    language = speaker.language
    keys = [
        buttons.press(context.label("training_add_papers", language), ADD, event_id),
        buttons.press(context.label("training_set_pin", language), PIN, event_id),
    ]
    await context.answer(update)
    rows = [*buttons.row(*keys).inline_keyboard, *keyboard.inline_keyboard]
    await show(update, context, text, type(keyboard)(rows))


async def begin_papers(update: Update, context: WuxueContext, forms: Forms) -> None:
    """加文件."""
    await _begin(update, context, forms, ADD)


async def begin_pin(update: Update, context: WuxueContext, forms: Forms) -> None:
    """加位置."""
    await _begin(update, context, forms, PIN)


async def _begin(update: Update, context: WuxueContext, forms: Forms, form: str) -> None:
    speaker = await context.speaker(update)
    (event_id,) = map(number, carried(update, form, 1))
    found = await context.read(training_papers.listed, speaker, event_id, now=context.now())
    event = await context.read(training_events.read, speaker, event_id, now=context.now())
    if not event.is_arranger:
        raise NotThere
    await context.answer(update)
    await forms.start(update, context, form, _answers(speaker, found))


def _answers(speaker: Speaker, found: Papers) -> Answers:
    return {
        "event": found.event_id,
        "title": found.title,
        "language": speaker.language,
        "lines": [[n, one.name] for n, one in enumerate(found.papers, start=1)],
        "is_adding": True,
        "limit": training_papers.MOST,
    }


async def received(update: Update, context: WuxueContext, *, otherwise: Act) -> None:
    """A paper or a location for the training whose form is open; `otherwise` takes others."""
    speaker, message = await context.who(update), update.effective_message
    draft = None
    if speaker is not None and speaker.has_agreed and message is not None:
        draft = await context.read(current, context, speaker.chat_id)
    if speaker is None or message is None or draft is None:
        await otherwise(update, context)
        return
    event_id = draft.answers.get("event", 0)
    if draft.form == ADD and message.document is not None:
        document = message.document
        found = await context.in_session(
            training_papers.add,
            speaker,
            event_id,
            file_id=document.file_id,
            name=document.file_name or "",
            size=document.file_size or 0,
            now=context.now(),
        )
        await Forms(*FORMS).start(update, context, ADD, _answers(speaker, found))
    elif draft.form == PIN and message.location is not None:
        latitude, longitude = message.location.latitude, message.location.longitude

        def store(session: Session) -> Any:
            drop(session, context, speaker.chat_id, PIN)
            return training_changes.set_pin(
                session,
                speaker,
                event_id,
                latitude=latitude,
                longitude=longitude,
                now=context.now(),
            )

        event = await context.in_session(store)
        await show(update, context, *annual_training.page(context, speaker, event), is_new=True)
    else:
        await otherwise(update, context)


async def _finish_papers(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)
    await context.in_session(drop, context, speaker.chat_id, ADD)
    await _show_managed(update, context, speaker, answers["event"])


async def _finish_pin(update: Update, context: WuxueContext, answers: Answers) -> None:
    """Words instead of a location: where it is can be said in the place, so nothing is changed."""
    speaker = await context.speaker(update)
    await context.in_session(drop, context, speaker.chat_id, PIN)
    await _show_managed(update, context, speaker, answers["event"])


async def _show_managed(
    update: Update, context: WuxueContext, speaker: Speaker, event_id: int
) -> None:
    found = await context.read(training_events.read, speaker, event_id, now=context.now())
    await show(update, context, *training_manage.managing(context, speaker, found))


async def begin_find(update: Update, context: WuxueContext, forms: Forms) -> None:
    """加人: onto the list of a training, or into a half day that she calls the roll of."""
    speaker = await context.speaker(update)
    event_id, period_id = map(number, carried(update, FIND, 2))
    await context.read(training_events.read, speaker, event_id, now=context.now())
    await context.answer(update)
    answers: Answers = {"event": event_id, "period": period_id, "language": speaker.language}
    await forms.start(update, context, FIND, answers)


def _begun_from(answers: Answers) -> tuple[str, ...]:
    """Back to the half day, or to the lists, that 加人 was pressed on."""
    if answers["period"]:
        return ("training_half", "training_half", "{period}")
    return ("training_lists", "training_list", "{event}", "registered", "0")


async def _words(
    update: Update, context: WuxueContext, answers: Answers, came: str
) -> dict[str, Any]:
    speaker = await context.speaker(update)
    found = await context.read(
        training_search.find,
        speaker,
        answers["event"],
        answers["period"],
        came,
        now=context.now(),
    )
    people = [list(one) for one in found.people]
    return {"words": came, "people": people, "count": found.count}


async def _people(update: Update, context: WuxueContext, answers: Answers) -> list[tuple[str, str]]:
    del update, context
    return [(str(person_id), name) for person_id, name in answers["words"]["people"]]


async def _found(update: Update, context: WuxueContext, answers: Answers) -> dict[str, Any]:
    del update, context
    found = answers["words"]
    return {"words": found["words"], "count": found["count"], "shown": len(found["people"])}


def _who(came: str) -> str:
    """One that was pressed; a name typed here would have to be looked for."""
    return str(number(came))


async def _finish_find(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)
    event_id, period_id = answers["event"], answers["period"]
    person_id = int(answers["who"])

    def store(session: Session) -> None:
        at: dict[str, Any] = {"now": context.now()}
        if period_id:
            training_attendance.add_walk_in(session, speaker, period_id, person_id, **at)
        else:
            training_seats.add_person(session, speaker, event_id, person_id, **at)
        drop(session, context, speaker.chat_id, FIND)

    await context.in_session(store)
    back = (
        ("training_half", "training_half", (period_id,))
        if period_id
        else ("training_lists", "training_lists", (event_id,))
    )
    label, verb, ids = back
    key = buttons.press(context.label(label, speaker.language), verb, *ids)
    name = next(name for one, name in answers["words"]["people"] if one == person_id)
    text = context.text("training_added", speaker.language, name=name, is_here=bool(period_id))
    await show(update, context, text, buttons.row(key))
    context.send_what_is_due()


BUTTONS: dict[str, Act] = {KEEP: keep}
FORM_BUTTONS = {ADD: begin_papers, PIN: begin_pin, FIND: begin_find}
TO_PAPERS = ("training_papers", KEEP, "{event}")
FORMS = (
    Form(
        ADD,
        (Step("files", "training_papers", ((DONE, "training_done"),)),),
        _finish_papers,
        asks_again=True,
        way_on=TO_PAPERS,
    ),
    Form(
        PIN,
        (Step("pin", "training_pin", ((DONE, "training_done"),)),),
        _finish_pin,
        asks_again=True,
        way_on=TO_PAPERS,
    ),
    Form(
        FIND,
        (
            Step("words", "training_find", settle=_words),
            Step("who", "training_found", offer=_people, facts=_found, take=_who),
        ),
        _finish_find,
        asks_again=True,
        way_on=_begun_from,
    ),
)
