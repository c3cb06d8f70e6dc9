"""What questions ask of somebody today: those that wait for her answer, as one line."""

from datetime import datetime, timedelta

from sqlmodel import Session

from curriculum.people import SUPERVISOR, ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.todo_items import SOON, TODAY, Item
from storage import questions
from storage import urgent_questions as urgent
from storage.questions import NEW

WAITING = "waiting_questions"
NEAR = timedelta(days=3)


def items(session: Session, speaker: Speaker, *, now: datetime) -> list[Item]:
    """A supervisor's waiting questions; of anybody else those urgent ones that are her turn.

    An urgent one that is her turn, or one that is due, waits for her today. Where none is and all
    have days until they are due there is nothing to say; those in a monthly topic wait with that.
    """
    paths = tuple(sorted({g.unit_path for g in speaker.grants if g.role == SUPERVISOR}))
    hers = urgent.of_person(session, speaker.person_id, bot=speaker.bot)
    count = questions.count_waiting(session, paths, states=(NEW,)) if paths else len(hers)
    if not count:
        return []
    due_on = urgent.first_due(session, paths, states=(NEW,)) if paths else None
    dues = [one.answer_by for one in hers if one.answer_by]
    due_on = min([due_on, *dues]) if due_on else min(dues, default=None)
    today = local_date(now, ZONE)
    if not hers and (due_on is None or due_on - today > NEAR):
        return []
    rank = TODAY if hers or (due_on is not None and due_on <= today) else SOON
    return [Item(WAITING, "open", "waiting_questions", rank, "", due_on, count)]
