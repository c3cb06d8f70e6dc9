"""The papers of a visit: those sent to it, and its roster and programme as files.

A file is taken only while the form that asks for it is open.
"""

import asyncio

from telegram import InputFile, Update

from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, current, drop, show
from bot.handlers import visit_manage
from bot.reports import documents
from bot.reports.visit_sheets import programme_document, roster_document, roster_workbook
from bot.reports.words import report_words
from bot.taps import Act, carried, number
from curriculum import visit_answers, visit_pages, visit_papers
from curriculum.errors import NotThere
from curriculum.people import Speaker
from curriculum.visit_papers import Papers

ADD = "visit_add_papers"
DONE = "done"


async def begin(update: Update, context: WuxueContext, forms: Forms) -> None:
    """加文件."""
    speaker = await context.speaker(update)
    (visit_id,) = map(number, carried(update, ADD, 1))
    visit = await context.read(visit_pages.read, speaker, visit_id, now=context.now())
    if not visit.is_arranger:
        raise NotThere
    found = await context.read(visit_papers.listed, speaker, visit_id, now=context.now())
    await context.answer(update)
    await forms.start(update, context, ADD, _answers(speaker, found))


def _answers(speaker: Speaker, found: Papers) -> Answers:
    return {
        "visit": found.visit_id,
        "title": found.title,
        "language": speaker.language,
        "lines": [[n, one.name] for n, one in enumerate(found.papers, start=1)],
        "is_adding": True,
        "limit": visit_papers.MOST,
    }


async def received(update: Update, context: WuxueContext, *, otherwise: Act) -> None:
    """A paper for the visit whose form is open; `otherwise` takes everything else."""
    speaker, message = await context.who(update), update.effective_message
    draft = None
    if speaker is not None and speaker.has_agreed and message is not None:
        draft = await context.read(current, context, speaker.chat_id)
    document = message.document if message is not None else None
    if speaker is None or draft is None or document is None or draft.form != ADD:
        await otherwise(update, context)
        return
    found = await context.in_session(
        visit_papers.add,
        speaker,
        draft.answers["visit"],
        file_id=document.file_id,
        name=document.file_name or "",
        size=document.file_size or 0,
        now=context.now(),
    )
    await Forms(*FORMS).start(update, context, ADD, _answers(speaker, found))


async def _finish(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)
    await context.in_session(drop, context, speaker.chat_id, ADD)
    found = await context.read(visit_pages.read, speaker, answers["visit"], now=context.now())
    await show(update, context, *visit_manage.managing(context, speaker, found))


async def roster(update: Update, context: WuxueContext) -> None:
    """花名册: everybody on the list, officials too, as a sheet or a document to print."""
    speaker = await context.speaker(update)
    visit_id, kind = carried(update, "visit_roster", 2)
    if kind not in ("xlsx", "docx"):
        raise NotThere
    visit = await context.read(visit_pages.read, speaker, number(visit_id), now=context.now())
    lines = await context.read(visit_answers.everybody, speaker, visit.visit_id)
    await context.answer(update, context.label("working", speaker.language))
    renderer, language, now = context.services.renderer, speaker.language, context.now()

    def make() -> bytes:
        if kind == "xlsx":
            return roster_workbook(visit, lines, renderer, language, made_at=now)
        return documents.docx(roster_document(visit, lines, renderer, language))

    data = await asyncio.to_thread(make)
    await _send(context, speaker, data, "roster", kind)


async def programme(update: Update, context: WuxueContext) -> None:
    """行程单: day by day with hosts and what to pack, for whoever travels."""
    speaker = await context.speaker(update)
    visit_id, kind = carried(update, "visit_programme", 2)
    if kind not in ("docx", "pdf"):
        raise NotThere
    visit = await context.read(visit_pages.read, speaker, number(visit_id), now=context.now())
    await context.answer(update, context.label("working", speaker.language))
    made = programme_document(visit, context.services.renderer, speaker.language)
    data = await asyncio.to_thread(documents.pdf if kind == "pdf" else documents.docx, made)
    await _send(context, speaker, data, "programme", kind)


async def _send(context: WuxueContext, speaker: Speaker, data: bytes, what: str, kind: str) -> None:
    name = report_words(speaker.language)["visit"][what]
    file = InputFile(data, filename=f"{name}.{kind}")
    await context.patiently(lambda: context.bot.send_document(speaker.chat_id, file))


BUTTONS: dict[str, Act] = {"visit_roster": roster, "visit_programme": programme}
FORM_BUTTONS = {ADD: begin}
FORMS = (
    Form(
        ADD,
        (Step("files", "visit_papers", ((DONE, "visit_done"),)),),
        _finish,
        asks_again=True,
        way_on=("visit_manage", "visit_manage", "{visit}"),
    ),
)
