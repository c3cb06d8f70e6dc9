"""用表格 in chat: the blank sheet of pairs, one sent back, the check, 导入 and 撤销."""

import asyncio
from dataclasses import astuple

from sqlmodel import Session
from telegram import Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, drop, show
from bot.roster_cells import MAX_FILE
from bot.supervision_sheets import blank_sheet, read_sheet, word_problem, words
from bot.taps import Act, carried, number
from curriculum import supervision_sheet as rules
from curriculum.people import Speaker
from curriculum.rich_text import split
from curriculum.roster_problems import RosterRefused
from curriculum.supervision_sheet import Problem, SheetRow

SHEET, YES = "pair_sheet", "yes"
PROBLEMS_SHOWN = 12


async def offer(update: Update, context: WuxueContext) -> None:
    """用表格: the blank sheet, with the supervisors that may be written in it."""
    speaker = await context.speaker(update)
    carried(update, "pair_sheet", 1)
    names = await context.read(rules.supervisors_within, speaker, now=context.now())
    data = await asyncio.to_thread(
        blank_sheet, names, language=speaker.language, made_at=context.now()
    )
    await context.answer(update)
    name = words(speaker.language)["sheets"]["pairs"]
    caption = context.text("supervision_sheet_how", speaker.language).text
    await context.send_file(speaker.chat_id, data, f"{name}.xlsx", caption=caption)


async def received(update: Update, context: WuxueContext, forms: Forms) -> bool:
    """A file from a coordinator that is a sheet of pairs: what it would do. False for any other."""
    message = update.effective_message
    document = message.document if message is not None else None
    speaker = await context.speaker(update)
    if (
        document is None
        or not speaker.may("assign_supervision")
        or (document.file_size or 0) > MAX_FILE
        or not (document.file_name or "").lower().endswith((".xlsx", ".csv"))
    ):
        return False
    sent = await context.bot.get_file(document.file_id)
    data = bytes(await sent.download_as_bytearray())
    try:
        read = await asyncio.to_thread(read_sheet, data, document.file_name or "")
    except RosterRefused:
        # Whoever takes files next says what is wrong with it.
        return False
    if read is None:
        return False
    rows, unreadable = read
    plan = await context.read(rules.check, speaker, rows, now=context.now())
    problems = sorted([*unreadable, *plan.problems], key=lambda one: one.line)
    if problems or not plan.entries:
        await _say_problems(context, speaker, problems, same=plan.same)
        return True
    answers: Answers = {
        "language": speaker.language,
        "rows": [astuple(row) for row in rows],
        "new": len(plan.entries),
        "same": plan.same,
    }
    await forms.start(update, context, SHEET, answers)
    return True


async def _say_problems(
    context: WuxueContext, speaker: Speaker, problems: list[Problem], *, same: int
) -> None:
    shown = [word_problem(problem, speaker.language) for problem in problems[:PROBLEMS_SHOWN]]
    text = context.text(
        "supervision_sheet_problems",
        speaker.language,
        shown=shown,
        more=len(problems) - len(shown),
        same=same,
    )
    for part in split(text):
        await context.say(speaker.chat_id, part)


async def _finish(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)
    rows = [SheetRow(*row) for row in answers["rows"]]

    def store(session: Session) -> int:
        entry = rules.import_pairs(
            session, speaker, rows, expected=answers["new"], now=context.now()
        )
        drop(session, context, speaker.chat_id, SHEET)
        return entry

    entry_id = await context.in_session(store)
    text = context.text("supervision_sheet_done", speaker.language, new=answers["new"], undone=None)
    undo = buttons.press(context.label("undo", speaker.language), "sheet_undo", entry_id)
    await show(update, context, text, buttons.row(undo))


async def take_back(update: Update, context: WuxueContext) -> None:
    """撤销 of the whole sheet."""
    speaker = await context.speaker(update)
    (entry_id,) = map(number, carried(update, "sheet_undo", 1))
    undone = await context.in_session(rules.take_back, speaker, entry_id, now=context.now())
    await context.answer(update, context.label("taken_back_toast", speaker.language))
    text = context.text("supervision_sheet_done", speaker.language, new=undone, undone=undone)
    await show(update, context, text)


BUTTONS: dict[str, Act] = {"pair_sheet": offer, "sheet_undo": take_back}
FORMS = (
    Form(
        SHEET,
        (Step("sure", "supervision_sheet_check", ((YES, "import_roster"),)),),
        _finish,
        way_on=("back_to_pairs", "pairs", "0", ""),
    ),
)
