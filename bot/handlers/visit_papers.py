"""The papers of a visit: those sent to it, and its roster and programme as files."""

import asyncio
from functools import partial

from telegram import Update

from bot.context import WuxueContext
from bot.handlers.event_papers import Desk
from bot.handlers.visit_manage import managing
from bot.reports import documents
from bot.reports.visit_sheets import programme_document, roster_document, roster_workbook
from bot.reports.words import report_words
from bot.taps import Act, carried, number
from curriculum import visit_answers, visit_pages
from curriculum.errors import NotThere
from curriculum.people import Speaker
from curriculum.visit_papers import SHELF

DESK = Desk("visit", "visit", SHELF, visit_pages.read, managing)
received = DESK.received


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
    await context.send_file(speaker.chat_id, data, f"{name}.{kind}")


BUTTONS: dict[str, Act] = DESK.buttons | {
    "visit_files": partial(DESK.send, verb="visit_files"),
    "visit_roster": roster,
    "visit_programme": programme,
}
FORM_BUTTONS = {DESK.adding: DESK.begin}
FORMS = (DESK.form,)
