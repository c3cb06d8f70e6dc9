"""What a monthly topic asks of somebody today: approving a draft, entering answers.

A draft waits with the coordinators of its unit; after two working days its unit's next coordinator
up the tree is asked too, and so on. Whoever stands in for a coordinator who is away has two working
days of her own. An administrator is never asked to approve content.
"""

from datetime import date, datetime

from sqlmodel import Session

from curriculum import approvals, topics, working_days
from curriculum.people import Speaker
from curriculum.rhythm import local_date
from curriculum.todo_items import SOON, TODAY, Item
from storage import topic_people
from storage import topics as stored
from storage.topics import DRAFT, HELD, Standing

APPROVE, ANSWER = "approve_topic", "answer_topic"


def items(session: Session, speaker: Speaker, *, now: datetime) -> list[Item]:
    """The topics that wait for somebody."""
    found = []
    for one in stored.in_states(session, (DRAFT, HELD), bot=speaker.bot):
        today = local_date(now, one.cohort.zone)
        if one.topic.state == DRAFT:
            has_any = bool(stored.themes(session, one.topic.id or 0))
            if has_any and speaker.person_id in asked(session, one, today=today):
                found.append(_approve(one, today))
        elif (
            topics.leads(speaker, one)
            and speaker.person_id in _answerers(session, one, today=today)
            and (item := _answer(session, one))
        ):
            found.append(item)
    return found


def trainers(session: Session, *, bot: int) -> set[int]:
    """Whose answers are waited for, whatever roles they hold."""
    held = stored.in_states(session, (HELD,), bot=bot)
    return {one.topic.trainer_id for one in held if one.topic.trainer_id is not None}


def asked(session: Session, standing: Standing, *, today: date) -> set[int]:
    """Who is asked to approve a draft by now: one unit further up for each two working days."""
    topic = standing.topic
    levels = topic_people.coordinators(session, standing.unit_path, bot=topic.bot, on=today)
    made = topic.made_at or topic.starts_at
    calendar = working_days.calendar_of(
        session,
        unit_path=standing.unit_path,
        working_weekdays=standing.cohort.working_weekdays,
    )
    since = local_date(made, standing.cohort.zone)
    return approvals.asked(session, levels, since, calendar, today=today)


def _answerers(session: Session, standing: Standing, *, today: date) -> set[int]:
    """The trainer and the nearest coordinators."""
    topic = standing.topic
    levels = topic_people.coordinators(session, standing.unit_path, bot=topic.bot, on=today)
    return {*(levels[0] if levels else ()), topic.trainer_id or 0}


def _approve(standing: Standing, today: date) -> Item:
    topic = standing.topic
    rank = TODAY if topic.due_on <= today else SOON
    return Item(APPROVE, "topic", f"{topic.id}:0", rank, standing.cohort.name, due_on=topic.due_on)


def _answer(session: Session, standing: Standing) -> Item | None:
    topic = standing.topic
    shown = [one for one in stored.themes(session, topic.id or 0) if not one.is_hidden]
    answered = stored.answers(session, [one.id or 0 for one in shown])
    left = sum(one.id not in answered for one in shown)
    if not left:
        return None
    return Item(ANSWER, "topic", f"{topic.id}:0", TODAY, standing.cohort.name, count=left)
