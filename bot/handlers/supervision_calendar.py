"""日历 of a supervision session: the file that puts it into her own calendar, or takes it out."""

from datetime import timedelta
from typing import Any

from telegram import InputFile, Update

from bot.context import WuxueContext
from bot.reports.calendar_file import Entry, calendar
from bot.taps import Act, carried, number
from curriculum import supervision_pages as pages


async def as_calendar(update: Update, context: WuxueContext) -> None:
    """日历: the session as a file for her own calendar; one that is cancelled leaves it again."""
    speaker = await context.speaker(update)
    (booking_id,) = map(number, carried(update, "sup_calendar", 1))
    found = await context.read(pages.session_of, speaker, booking_id, now=context.now())
    is_link = found.place.startswith(("https://", "http://"))
    entry = Entry(
        uid=f"supervision-{found.booking_id}@wuxue",
        sequence=found.change - 1,
        title=context.label("supervision", speaker.language),
        starts_at=found.starts_at,
        ends_at=found.starts_at + timedelta(minutes=found.minutes),
        said_at=found.changed_at,
        place="" if is_link else found.place,
        link=found.place if is_link else "",
    )
    data = calendar([entry], cancelled=found.state != "booked")
    file: Any = InputFile(data, filename=f"supervision-{found.booking_id}.ics")
    await context.answer(update)
    # Not protected: what may not be saved cannot be put into a calendar. It names nobody.
    await context.patiently(lambda: context.bot.send_document(speaker.chat_id, file))


BUTTONS: dict[str, Act] = {"sup_calendar": as_calendar}
