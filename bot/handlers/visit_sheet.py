"""A visit by sheet: a blank one to fill in, and one sent back read before anything is stored."""

import asyncio

from telegram import Update

from bot.context import WuxueContext
from bot.forms import Answers, Forms
from bot.handlers.event_sheets import say_faults, send_blank, sent_workbook
from bot.handlers.visit_forms import NEW, as_written, usual_packing
from bot.taps import Act
from bot.visit_files import SHEET, blank_visit, read_visit
from curriculum import visit_rows
from curriculum.people import Speaker
from curriculum.visit_plans import Plan
from curriculum.visit_rows import Checked


async def blank(update: Update, context: WuxueContext) -> None:
    """空白表格."""
    await send_blank(update, context, SHEET, "run_visit", blank_visit)


async def received(update: Update, context: WuxueContext, forms: Forms) -> bool:
    """A visit's sheet from whoever arranges visits; False for any other file."""
    sent = await sent_workbook(update, context, "run_visit")
    if sent is None:
        return False
    speaker, data, name = sent
    written = await asyncio.to_thread(read_visit, data, name)
    if written is None:
        return False
    usual = usual_packing(context.services.renderer, speaker.language)
    checked = await context.read(visit_rows.check, speaker, written, usual=usual, now=context.now())
    if checked.plan is None:
        await say_faults(context, speaker, SHEET, checked.faults)
        return True
    await forms.start(update, context, NEW, _answers(speaker, checked, checked.plan))
    return True


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
