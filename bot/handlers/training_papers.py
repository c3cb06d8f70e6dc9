"""What is sent to a training rather than typed: its papers, and its place on the map.

A file or a location is taken only while the form that asks for it is open.
"""

from functools import partial

from sqlmodel import Session
from telegram import Update

from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, drop, show, waiting
from bot.handlers import annual_training
from bot.handlers.event_papers import DONE, Desk
from bot.handlers.training_manage import managing
from bot.taps import Act
from curriculum import training_changes, training_events
from curriculum.training_events import EventView
from curriculum.training_papers import SHELF

PIN = "training_set_pin"
DESK = Desk("training", "event", SHELF, training_events.read, managing, (PIN,))


async def begin_pin(update: Update, context: WuxueContext, forms: Forms) -> None:
    """加位置."""
    speaker, event_id = await DESK.arranged(update, context, PIN)
    found = await context.read(training_events.read, speaker, event_id, now=context.now())
    await context.answer(update)
    answers: Answers = {"event": event_id, "title": found.title, "language": speaker.language}
    await forms.start(update, context, PIN, answers)


async def received(update: Update, context: WuxueContext, *, otherwise: Act) -> None:
    """A paper or a location for the training whose form is open; `otherwise` takes others."""
    message = update.effective_message
    location = message.location if message is not None else None
    found = await waiting(update, context) if location is not None else None
    if location is None or found is None or found[1].form != PIN:
        await DESK.received(update, context, otherwise=otherwise)
        return
    speaker, draft = found

    def store(session: Session) -> EventView:
        drop(session, context, speaker.chat_id, PIN)
        return training_changes.set_pin(
            session,
            speaker,
            draft.answers["event"],
            latitude=location.latitude,
            longitude=location.longitude,
            now=context.now(),
        )

    event = await context.in_session(store)
    await show(update, context, *annual_training.page(context, speaker, event), is_new=True)


async def _finish_pin(update: Update, context: WuxueContext, answers: Answers) -> None:
    """Words instead of a location: where it is can be said in the place, so nothing is changed."""
    speaker = await context.speaker(update)
    await context.in_session(drop, context, speaker.chat_id, PIN)
    await DESK.managed(update, context, speaker, answers["event"])


BUTTONS: dict[str, Act] = DESK.buttons | {
    "training_papers": partial(DESK.send, verb="training_papers")
}
FORM_BUTTONS = {DESK.adding: DESK.begin, PIN: begin_pin}
FORMS = (
    DESK.form,
    Form(
        PIN,
        (Step("pin", "training_pin", ((DONE, "training_done"),)),),
        _finish_pin,
        asks_again=True,
        way_on=DESK.way_on,
    ),
)
