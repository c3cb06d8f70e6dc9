"""日历 of a supervision session: the file that puts it into her own calendar, or takes it out."""

from typing import Any

from telegram import InputFile, Update

from bot.context import WuxueContext
from bot.reports.supervision_meetings import group_file, pair_file
from bot.taps import Act, carried, number
from curriculum import supervision_group_words as groups
from curriculum import supervision_pages as pages
from curriculum.people import Speaker


async def as_calendar(update: Update, context: WuxueContext) -> None:
    """日历: the session as a file for her own calendar; one that is cancelled leaves it again."""
    speaker = await context.speaker(update)
    (booking_id,) = map(number, carried(update, "sup_calendar", 1))
    found = await context.read(pages.session_of, speaker, booking_id, now=context.now())
    data = pair_file(found, context.label("supervision", speaker.language))
    await _give(update, context, speaker, data, f"supervision-{booking_id}")


async def group_as_calendar(update: Update, context: WuxueContext) -> None:
    """The same of a session with several, for everybody who is called to it."""
    speaker = await context.speaker(update)
    (group_id,) = map(number, carried(update, "sup_gcalendar", 1))
    found = await context.read(groups.view, group_id, speaker.person_id, now=context.now())
    data = group_file(found, context.label("supervision_group", speaker.language))
    await _give(update, context, speaker, data, f"supervision-group-{group_id}")


async def _give(
    update: Update, context: WuxueContext, speaker: Speaker, data: bytes, name: str
) -> None:
    file: Any = InputFile(data, filename=f"{name}.ics")
    await context.answer(update)
    # Not protected: what may not be saved cannot be put into a calendar. It names nobody.
    await context.patiently(lambda: context.bot.send_document(speaker.chat_id, file))


BUTTONS: dict[str, Act] = {"sup_calendar": as_calendar, "sup_gcalendar": group_as_calendar}
