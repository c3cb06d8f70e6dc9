"""Sample data of the studies where people meet, so that a newcomer to the page finds some of each.

Each study's samples are set up by a module of its own, through the rules a real one uses.
"""

from datetime import datetime

from sqlmodel import Session

from bot.context import bot_id
from bot.rehearsal import sample_supervision, sample_trainings, sample_visits
from bot.rehearsal.rehearse import Rehearsal
from storage.sealed import NoteKey

# In this order; a study that gets samples of its own is added here.
SAMPLES = (sample_trainings.set_up, sample_supervision.set_up, sample_visits.set_up)


async def set_samples(running: Rehearsal) -> None:
    """Set all of them up once; a rehearsal that goes on has them already."""
    services = running.wuxue
    await services.database.write(
        _set_up,
        bot=bot_id(services.bot),
        note_key=services.note_key,
        now=running.clock.now(),
    )
    await running.settle()


def _set_up(session: Session, *, bot: int, note_key: NoteKey, now: datetime) -> None:
    if sample_trainings.is_there(session, bot=bot):
        return
    for set_up in SAMPLES:
        set_up(session, bot=bot, note_key=note_key, now=now)
