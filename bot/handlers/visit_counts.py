"""参观统计 in chat: the figures of a period and of all time, and as a workbook."""

import asyncio
import io
from typing import Any

from telegram import InputFile, Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import show
from bot.handlers.directory import with_navigation
from bot.reports.visit_summaries import counts_sheet
from bot.taps import Act, carried
from curriculum import visit_counts
from curriculum.errors import NotThere
from curriculum.people import ZONE
from curriculum.records import read_period
from curriculum.rhythm import local_date

# How a period is named where it is read, by what its button carries.
PERIODS = {"quarter": "本季度", "year": "今年", "all": "全部"}


async def counts(update: Update, context: WuxueContext) -> None:
    """参观统计 of a period, and of all time up to its end."""
    speaker = await context.speaker(update)
    (period,) = carried(update, "visit_counts", 1)
    found = await context.read(
        visit_counts.counts_for, speaker, _period(context, period), now=context.now()
    )
    await context.answer(update)
    language = speaker.language
    keys = [
        buttons.press(context.label(f"visit_span_{name}", language), "visit_counts", name)
        for name in PERIODS
        if name != period
    ]
    keys.append(buttons.press(context.label("visit_xlsx", language), "visit_xlsx", period))
    back = buttons.press(context.label("visit_all", language), "visits", 0, "")
    text = context.text("visit_counts", language, found=found)
    await show(update, context, text, with_navigation(keys, [back]))


def _period(context: WuxueContext, name: str) -> Any:
    if name not in PERIODS:
        raise NotThere
    return read_period(PERIODS[name], today=local_date(context.now(), ZONE))


async def sheet(update: Update, context: WuxueContext) -> None:
    """下载表格: the figures, the batches and who was there, as a workbook."""
    speaker = await context.speaker(update)
    (period,) = carried(update, "visit_xlsx", 1)
    found = await context.read(
        visit_counts.counts_for, speaker, _period(context, period), now=context.now()
    )
    await context.answer(update, context.label("working", speaker.language))
    out = io.BytesIO()
    await asyncio.to_thread(
        counts_sheet, found, out, language=speaker.language, made_at=context.now()
    )
    name = context.label("visit_counts", speaker.language)
    file = InputFile(out.getvalue(), filename=f"{name}.xlsx")
    await context.patiently(lambda: context.bot.send_document(speaker.chat_id, file))


BUTTONS: dict[str, Act] = {"visit_counts": counts, "visit_xlsx": sheet}
