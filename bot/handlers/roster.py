"""名册导入 in chat: the blank sheet, a file sent back, the dry run, 导入, then links and cards."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import astuple
from datetime import datetime
from hashlib import sha256

from sqlmodel import Session
from telegram import Update
from telegram.constants import ChatAction

from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, current, drop
from bot.jobs import Arguments
from bot.reports.invite_cards import invite_cards
from bot.reports.roster_sheet import blank_sheet, problems_sheet, result_sheet
from bot.roster_files import MAX_FILE, read_roster
from bot.roster_wording import sheet_words, word_changes, word_problem
from curriculum import roster
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.rich_text import split
from curriculum.roster import Imported, RosterChanged
from curriculum.roster_check import Plan
from curriculum.roster_problems import RosterProblem, RosterRefused
from curriculum.roster_rows import RosterRow

ROSTER = "roster"
IMPORT, RESEND = "import", "resend"
IMPORT_JOB = "roster_import"
# More problems than these are given as a file; as many changes are named before importing.
PROBLEMS_SHOWN, CHANGES_SHOWN, UNITS_SHOWN = 15, 5, 8
CARDS_A_FILE = 1_000


async def offer(update: Update, context: WuxueContext) -> None:
    """名册导入: the blank sheet, with the units and cohorts that may be written in it."""
    speaker = await context.speaker(update)
    reach = roster.reach_of(speaker)
    units, cohorts = await context.read(roster.places_to_write, reach, now=context.now())
    data = await asyncio.to_thread(
        blank_sheet, units, cohorts, language=speaker.language, made_at=context.now()
    )
    caption = context.text("roster_how", speaker.language).text
    await _send(context, speaker, data, "blank_name", "xlsx", caption=caption)


async def received(update: Update, context: WuxueContext, forms: Forms) -> None:
    """A file from somebody who may import: what it would do, or what has to be mended first."""
    speaker = await context.speaker(update)
    message = update.effective_message
    document = message.document if message is not None else None
    if document is None or not speaker.may("import_people"):
        await context.say(speaker.chat_id, context.text("only_text", speaker.language))
        return
    try:
        if (document.file_size or 0) > MAX_FILE:
            limit = {"limit": MAX_FILE // 1024 // 1024}
            raise RosterRefused([RosterProblem(0, "", "file_too_large", limit)])  # noqa: TRY301
        await context.bot.send_chat_action(speaker.chat_id, ChatAction.TYPING)
        sent = await context.bot.get_file(document.file_id)
        data = bytes(await sent.download_as_bytearray())
        file = await asyncio.to_thread(read_roster, data, document.file_name or "")
        plan = await context.read(
            roster.check,
            roster.reach_of(speaker),
            file.rows,
            unreadable=file.problems,
            now=context.now(),
        )
        if plan.problems:
            raise RosterRefused(plan.problems)  # noqa: TRY301
    except RosterRefused as refused:
        await _say_problems(context, speaker, refused.problems)
        return
    await forms.start(update, context, ROSTER, _answers(speaker, file.rows, plan))


def _answers(speaker: Speaker, rows: Sequence[RosterRow], plan: Plan) -> Answers:
    """The rows as they wait in the draft, and what is said of them."""
    sign = sheet_words(speaker.language)["sentences"]["list_sign"]
    changed = [entry for entry in plan.entries if entry.person_id and entry.changes]
    units = [unit.label for unit in plan.new_units]
    return {
        "language": speaker.language,
        "rows": [astuple(row) for row in rows],
        "counts": plan.counts,
        "total": len(plan.entries),
        "invites": plan.invites,
        "units": sign.join(units[:UNITS_SHOWN]),
        "more_units": max(0, len(units) - UNITS_SHOWN),
        "changes": [
            (entry.name, word_changes(entry.changes, speaker.language))
            for entry in changed[:CHANGES_SHOWN]
        ],
        "more_changes": max(0, len(changed) - CHANGES_SHOWN),
    }


def _rows(answers: Answers) -> list[RosterRow]:
    return [
        RosterRow(line, unit, name, tuple(roles), *rest)
        for line, unit, name, roles, *rest in answers["rows"]
    ]


async def _say_problems(
    context: WuxueContext, speaker: Speaker, problems: Sequence[RosterProblem]
) -> None:
    """Each problem by row; many as a file that can be worked through."""
    language = speaker.language
    shown = [word_problem(problem, language) for problem in problems[:PROBLEMS_SHOWN]]
    text = context.text(
        "roster_problems",
        language,
        count=len(problems),
        shown=shown,
        more=len(problems) - len(shown),
    )
    for part in split(text):
        await context.say(speaker.chat_id, part)
    if len(problems) > len(shown):
        data = await asyncio.to_thread(
            problems_sheet, problems, language=language, made_at=context.now()
        )
        await _send(context, speaker, data, "problems_name", "xlsx")


async def _finish(update: Update, context: WuxueContext, answers: Answers) -> None:
    """导入 or 重发邀请: a job, since the cards of a whole county take a while."""
    speaker, message = await context.speaker(update), update.effective_message
    text = context.text("roster_under_way", speaker.language, total=answers["total"])
    if update.callback_query is not None and message is not None:
        message_id = message.message_id
        await context.edit(speaker.chat_id, message_id, text)
    else:
        message_id = (await context.say(speaker.chat_id, text)).message_id
    arguments = {
        "chat_id": speaker.chat_id,
        "message_id": message_id,
        "choice": answers["confirm"],
        "checked": fingerprint(answers),
    }
    await context.services.jobs.run(IMPORT_JOB, arguments)


def fingerprint(answers: Answers) -> str:
    """What tells the roster that was confirmed from one that was sent after it."""
    return sha256(json.dumps(answers["rows"]).encode()).hexdigest()


async def import_kept(context: WuxueContext, arguments: Arguments) -> None:
    """Import the roster that waits in the form, checked again in the transaction that writes it.

    It is imported once, however often this is done: the rows go with that transaction.
    """
    speaker = await context.speaker_in(int(arguments["chat_id"]))
    chat_id, message_id = speaker.chat_id, int(arguments["message_id"])
    draft = await context.read(current, context, chat_id, ROSTER)
    if draft is None or fingerprint(draft.answers) != arguments["checked"]:
        await context.edit(chat_id, message_id, context.text("roster_gone", speaker.language))
        return
    answers = draft.answers | {"confirm": arguments["choice"]}
    try:
        imported = await context.in_session(_import, context, speaker, answers)
    except (RosterChanged, RosterRefused) as error:
        await context.in_session(drop, context, chat_id, ROSTER)
        await context.edit(chat_id, message_id, context.text("roster_changed", speaker.language))
        if isinstance(error, RosterRefused):
            await _say_problems(context, speaker, error.problems)
        return
    text = context.text(
        "roster_imported",
        speaker.language,
        counts=imported.counts,
        invited=len(imported.invited),
    )
    await context.edit(chat_id, message_id, text)
    await _send_files(context, speaker, imported)


def _import(
    session: Session, context: WuxueContext, speaker: Speaker, answers: Answers
) -> Imported:
    imported = roster.import_roster(
        session,
        roster.reach_of(speaker),
        _rows(answers),
        resend=answers["confirm"] == RESEND,
        expected=answers["counts"],
        now=context.now(),
    )
    drop(session, context, speaker.chat_id, ROSTER)
    return imported


async def _send_files(context: WuxueContext, speaker: Speaker, imported: Imported) -> None:
    """The sheet with numbers, links and codes, and the cards of everybody invited."""
    renderer, language = context.services.renderer, speaker.language
    await context.bot.send_chat_action(speaker.chat_id, ChatAction.UPLOAD_DOCUMENT)
    sheet = await asyncio.to_thread(
        result_sheet,
        imported,
        language=language,
        bot_username=renderer.bot_username,
        moment=lambda moment: renderer.moment(moment, language),
        made_at=context.now(),
    )
    await _send(context, speaker, sheet, "sheet_name", "xlsx")
    for start in range(0, len(imported.invited), CARDS_A_FILE):
        cards = await asyncio.to_thread(
            invite_cards,
            imported.invited[start : start + CARDS_A_FILE],
            language=language,
            bot_username=renderer.bot_username,
            day=lambda moment: renderer.day(local_date(moment, ZONE), language),
        )
        await _send(context, speaker, cards, "cards_name", "pdf")


async def _send(
    context: WuxueContext,
    speaker: Speaker,
    data: bytes,
    name: str,
    ending: str,
    *,
    caption: str | None = None,
) -> None:
    """A file under the name that roster_sheet.toml gives it, with today's date where it says so."""
    words: Mapping[str, str] = sheet_words(speaker.language)["sentences"]
    file_name = words[name].format(day=_day(context.now()))
    await context.send_file(speaker.chat_id, data, f"{file_name}.{ending}", caption=caption)


def _day(now: datetime) -> str:
    return local_date(now, ZONE).isoformat()


FORMS = (
    Form(
        ROSTER,
        (
            Step(
                "confirm",
                "roster_checked",
                ((IMPORT, "import_roster"), (RESEND, "resend_invites")),
            ),
        ),
        _finish,
        way_on=("import_people", "open", "import_people"),
    ),
)
