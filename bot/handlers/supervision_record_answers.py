"""What is said to a record in chat: a reflection, what is to be changed, additions; its papers."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from sqlmodel import Session
from telegram import Update

from bot import buttons, guarding, supervision_record_pages
from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, drop
from bot.handlers.supervision_records import read, show_record
from bot.render import Renderer, entities
from bot.reports import documents
from bot.reports.blocks import Document
from bot.taps import Act, carried, number
from bot.telegram_channel import Text
from curriculum import supervision_confirming, supervision_sealing
from curriculum.errors import NotThere
from curriculum.facts import Facts
from scheduler.channel import Part

REFLECT, RETURN, ADD = "sup_rec_reflect", "sup_rec_return", "sup_rec_add"
PAPERS: dict[str, Callable[[Document], bytes]] = {
    "docx": documents.docx,
    "pdf": documents.pdf,
}


async def reflect(update: Update, context: WuxueContext, forms: Forms) -> None:
    """写反思, by a worker until it is sealed."""
    speaker = await context.speaker(update)
    (record_id,) = map(number, carried(update, REFLECT, 1))
    view = await read(context, speaker, record_id)
    if not view.is_worker or view.state == "sealed":
        raise NotThere
    old = next(one.reflection for one in view.people if one.person_id == speaker.person_id)
    await _start(update, context, forms, REFLECT, record=record_id, old=old)


async def send_back(update: Update, context: WuxueContext, forms: Forms) -> None:
    """要改: asks what."""
    speaker = await context.speaker(update)
    seen, record_id = map(number, carried(update, RETURN, 2))
    view = await read(context, speaker, record_id)
    if not view.is_worker or view.state != "waiting":
        raise NotThere
    await _start(update, context, forms, RETURN, record=record_id, seen=seen, name=view.writer)


async def add(update: Update, context: WuxueContext, forms: Forms) -> None:
    """补充 to what is sealed."""
    speaker = await context.speaker(update)
    (record_id,) = map(number, carried(update, ADD, 1))
    view = await read(context, speaker, record_id)
    if view.state != "sealed":
        raise NotThere
    await _start(update, context, forms, ADD, record=record_id, is_writer=view.is_writer)


async def _start(
    update: Update, context: WuxueContext, forms: Forms, form: str, **answers: Any
) -> None:
    await context.answer(update)
    language = await context.language(update)
    await forms.start(update, context, form, answers | {"language": language})


async def _addition(update: Update, context: WuxueContext, answers: Answers, came: str) -> str:
    del update, context, answers
    return supervision_sealing.read_addition(came)[0]


def _finishing(form: str, act: Callable[..., Any], *, has_seen: bool = False) -> Any:
    """Keep what was written, take it out of the chat, show the record."""

    async def finish(update: Update, context: WuxueContext, answers: Answers) -> None:
        speaker = await context.speaker(update)
        record_id = int(answers["record"])
        seen = {"seen": int(answers["seen"])} if has_seen else {}

        def store(session: Session) -> None:
            act(
                session,
                speaker,
                record_id,
                answers["text"],
                note_key=context.services.note_key,
                now=context.now(),
                **seen,
            )
            drop(session, context, speaker.chat_id, form)

        await context.in_session(store)
        erased = await guarding.erase(update, context, answers, "text", is_private=True)
        await show_record(update, context, speaker, record_id, is_new=True, erased=erased)
        context.send_what_is_due()

    return finish


async def paper(update: Update, context: WuxueContext) -> None:
    """出Word, 出PDF: 督导记录表 for whoever is in the record."""
    speaker = await context.speaker(update)
    record, kind = carried(update, "sup_rec_paper", 2)
    if kind not in PAPERS:
        raise NotThere
    view = await read(context, speaker, number(record))
    if view.state != "sealed":
        raise NotThere
    language = speaker.language
    await context.answer(update, context.label("working", language))
    document = supervision_record_pages.paper(context.services.renderer, view)
    data = await asyncio.to_thread(PAPERS[kind], document)
    name = f"{context.label('supervision_paper', language)}-{view.occurred_on.isoformat()}"
    caption = context.text("supervision_record_paper", language).text
    # Not protected: a paper is made to be filed, and the caption says whose it is.
    await context.send_file(speaker.chat_id, data, f"{name}.{kind}", caption=caption)


def record_parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """It waits, came back, or is sealed: silent, with the way to it and no word of it."""
    return _parts(renderer, facts, "supervision_record_word", ("sup_rec", "record_id"))


def unwritten_parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """A session that was held has no record yet."""
    if "group_id" in facts.values:
        return _parts(renderer, facts, "supervision_unwritten", ("sup_grec", "group_id"))
    return _parts(
        renderer, facts, "supervision_unwritten", ("sup_rec_new", "pair_id", "booking_id")
    )


def action_parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """The day of something to be done."""
    return _parts(renderer, facts, "supervision_action_due", ("sup_act", "action_id"))


def _parts(
    renderer: Renderer, facts: Facts, template: str, opens: tuple[str, ...]
) -> Sequence[Part]:
    text = renderer.text(template, facts.language, **facts.values)
    label = "write_record" if opens[0] in ("sup_rec_new", "sup_grec") else "open_question"
    ids = [facts.values[name] for name in opens[1:]]
    keyboard = buttons.row(buttons.press(renderer.label(label, facts.language), opens[0], *ids))
    return [Part(Text(text.text, tuple(entities(text)), keyboard, protected=True), silent=True)]


BUTTONS: dict[str, Act] = {"sup_rec_paper": paper}
FORM_BUTTONS = {REFLECT: reflect, RETURN: send_back, ADD: add}
WAY_ON = ("back_to_record", "sup_rec", "{record}")
FORMS = (
    Form(
        REFLECT,
        guarding.behind_guard(
            Step("text", "supervision_reflect", take=supervision_confirming.usable)
        ),
        _finishing(REFLECT, supervision_confirming.reflect),
        protected=True,
        way_on=WAY_ON,
    ),
    Form(
        RETURN,
        guarding.behind_guard(
            Step("text", "supervision_return", take=supervision_confirming.usable)
        ),
        _finishing(RETURN, supervision_confirming.send_back, has_seen=True),
        protected=True,
        way_on=WAY_ON,
    ),
    Form(
        ADD,
        guarding.behind_guard(Step("text", "supervision_add", settle=_addition)),
        _finishing(ADD, supervision_sealing.add),
        protected=True,
        way_on=WAY_ON,
    ),
)
