"""A visit by sheet: a blank one to fill in, and one sent back read before anything is stored."""

import asyncio
from collections.abc import Sequence

from telegram import Update

from bot.context import WuxueContext
from bot.forms import Answers, Forms
from bot.handlers.visit_forms import NEW, as_written, usual_packing
from bot.roster_cells import MAX_FILE
from bot.taps import Act, carried
from bot.visit_files import blank_visit, read_visit, sheet_words, word_fault
from curriculum import visit_rows
from curriculum.people import Speaker
from curriculum.rich_text import split
from curriculum.visit_plans import Plan
from curriculum.visit_rows import Checked, Fault

FAULTS_SHOWN = 15
XLSX = ".xlsx"


async def blank(update: Update, context: WuxueContext) -> None:
    """空白表格."""
    speaker = await context.speaker(update)
    carried(update, "visit_blank", 1)
    speaker.require("run_visit")
    await context.answer(update)
    language = speaker.language
    data = await asyncio.to_thread(blank_visit, language=language, made_at=context.now())
    name = sheet_words(language)["names"]["file"]
    caption = context.text("visit_blank", language).text
    await context.send_file(speaker.chat_id, data, f"{name}{XLSX}", caption=caption)


async def received(update: Update, context: WuxueContext, forms: Forms) -> bool:
    """A visit's sheet from whoever arranges visits; False for any other file."""
    speaker, message = await context.speaker(update), update.effective_message
    document = message.document if message is not None else None
    if document is None or not speaker.may("run_visit"):
        return False
    name = document.file_name or ""
    if not name.lower().endswith(XLSX) or (document.file_size or 0) > MAX_FILE:
        return False
    sent = await context.bot.get_file(document.file_id)
    data = bytes(await sent.download_as_bytearray())
    written = await asyncio.to_thread(read_visit, data, name)
    if written is None:
        return False
    usual = usual_packing(context.services.renderer, speaker.language)
    checked = await context.read(visit_rows.check, speaker, written, usual=usual, now=context.now())
    if checked.plan is None:
        await _say_faults(context, speaker, checked.faults)
        return True
    await forms.start(update, context, NEW, _answers(speaker, checked, checked.plan))
    return True


async def _say_faults(context: WuxueContext, speaker: Speaker, faults: Sequence[Fault]) -> None:
    """Each fault by row; nothing is stored, and the same file can be sent again, mended."""
    language = speaker.language
    shown = [word_fault(fault, language) for fault in faults[:FAULTS_SHOWN]]
    more = len(faults) - len(shown)
    text = context.text("visit_faults", language, count=len(faults), shown=shown, more=more)
    for part in split(text):
        await context.say(speaker.chat_id, part)


def _answers(speaker: Speaker, checked: Checked, plan: Plan) -> Answers:
    """The plan as the form keeps it until it is confirmed."""
    return {
        "language": speaker.language,
        "from_sheet": True,
        "units": [],
        "unit": str(plan.unit_id),
        "title": plan.title,
        "aims": plan.aims,
        "organiser": plan.organiser,
        "first": plan.starts_on.isoformat(),
        "days": str((plan.ends_on - plan.starts_on).days + 1),
        "stops": [as_written(one) for one in plan.stops],
        "packing": list(plan.packing),
        "people": list(checked.person_ids),
        "officials": [[o.name, o.post, o.unit_name, o.phone] for o in checked.officials],
    }


BUTTONS: dict[str, Act] = {"visit_blank": blank}
