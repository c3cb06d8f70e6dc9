"""第一步做了吗: asked once, 30 days after a visit; the answer is hers, shared if she says so."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from curriculum.errors import NotThere
from curriculum.list_words import Sought, sought
from curriculum.people import Speaker
from curriculum.visit_access import arranged, fellow, usable, write_down
from curriculum.visit_asks import check_at
from curriculum.visit_return import FIRST_STEP, begun
from storage import visit_logs as logs

# 做了, 在做, 还没有, 换了做法.
DONE, DOING, NOT_YET, OTHERWISE = STEPS = ("done", "doing", "not_yet", "otherwise")
TEXT_LIMIT = 200
# The answer is taken, and can be changed, for so long.
OPEN_FOR = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Followed:
    """What somebody said of her first step; `first_step` are her own words of it."""

    visit_id: int
    title: str
    name: str
    first_step: str
    step: str
    text: str
    is_shared: bool


def readable(written: str) -> str:
    """A sentence as it is kept; raises VisitWordsNotUsable."""
    return " ".join(usable(written, TEXT_LIMIT).split())


def note(
    session: Session, speaker: Speaker, visit_id: int, step: str, text: str = "", *, now: datetime
) -> Followed:
    """Keep what she says, in place of what she said before.

    Raises NotThere for a visit she was not on, or that is not asked about now.
    """
    visit, line = fellow(session, speaker, visit_id)
    since = check_at(visit)
    if step not in STEPS or not since <= now < since + OPEN_FOR:
        raise NotThere
    row = logs.brought(session, line.id or 0, lock=True) or begun(line, now=now)
    # A sentence about one answer says nothing of another.
    row.step_text = text or (row.step_text if row.step == step else "")
    row.step, row.step_at = step, now
    session.add(row)
    session.flush()
    write_down(session, visit_id, "say_visit_step", actor_id=speaker.person_id, now=now, step=step)
    return Followed(
        visit_id,
        visit.title,
        line.name,
        row.parts.get(FIRST_STEP, ""),
        step,
        row.step_text,
        row.step_shared,
    )


def share(
    session: Session, speaker: Speaker, visit_id: int, *, is_shared: bool, now: datetime
) -> Followed:
    """Let whoever arranges the visit read it, or not any more; raises NotThere."""
    visit, line = fellow(session, speaker, visit_id)
    row = logs.brought(session, line.id or 0, lock=True)
    if row is None or not row.step:
        raise NotThere
    row.step_shared = is_shared
    session.add(row)
    action = "share_visit_step" if is_shared else "keep_visit_step"
    write_down(session, visit_id, action, actor_id=speaker.person_id, now=now)
    first = row.parts.get(FIRST_STEP, "")
    return Followed(
        visit_id, visit.title, line.name, first, row.step, row.step_text, row.step_shared
    )


def shared(
    session: Session, speaker: Speaker, visit_id: int, *, words: str = "", page: int = 0
) -> Sought[Followed]:
    """One page of what travellers let whoever arranges the visit read; NotThere, SearchTooLong.

    Who said nothing, or keeps it to herself, is not told apart. `words` in name or what was said.
    """
    visit = arranged(session, speaker, visit_id)
    found = [
        Followed(
            visit_id,
            visit.title,
            line.name,
            row.parts.get(FIRST_STEP, "") if row.sharing == logs.FELLOWS else "",
            row.step,
            row.step_text,
            is_shared=True,
        )
        for row, line in logs.all_brought(session, visit_id)
        if row.step_shared and row.step
    ]
    return sought(found, words, lambda one: (one.name, one.text, one.first_step), page=page)
