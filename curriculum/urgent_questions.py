"""急用: an urgent question goes to one supervisor after the other until somebody deals with it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from curriculum import topic_dates, working_days
from curriculum.facts import TIMED, Facts, NotWanted, Verdict
from curriculum.people import COORDINATOR, SUPERVISOR, ZONE
from curriculum.promises import WEEKDAYS
from curriculum.rhythm import local_date
from storage import audit, deliveries, questions, responders
from storage.deliveries import Claimed
from storage.questions import OPEN_STATES, URGENT, Question

KIND = "urgent_question"
# Working days that one supervisor has before it is the next one's turn.
A_TURN = 2


def give_turn(session: Session, question: Question, *, bot: int, now: datetime) -> int | None:
    """Give an urgent question to the next supervisor, and tell her; returns who it is.

    Each question begins with another supervisor of the unit and goes round them once, the asker
    herself passed over, then to the coordinators. None where nobody is left to be told: it stays
    in the list, and nobody hears of it twice.
    """
    whose = _next(session, question, bot=bot, now=now)
    if whose is None:
        return None
    question.assigned_to, question.assigned_at = whose, now
    session.add(question)
    session.flush()
    deliveries.add(
        session,
        bot=bot,
        kind=KIND,
        occasion=f"{question.id}:{now.timestamp():.0f}",
        recipient=whose,
        person_id=whose,
        subject_id=question.id,
        urgency=TIMED,
        due_at=now,
        created_at=now,
    )
    audit.add(
        session,
        at=now,
        actor_id=None,
        action="give_turn",
        object_kind="question",
        object_id=question.id,
        person=whose,
    )
    return whose


def _next(session: Session, question: Question, *, bot: int, now: datetime) -> int | None:
    path, on = _path(session, question), local_date(now, ZONE)
    turns: list[int] = []
    for role in (SUPERVISOR, COORDINATOR):
        found = responders.of_unit(session, path, roles=[role], bot=bot, on=on)
        ids = [one.person_id for one in found if one.person_id != question.asker_id]
        first = (question.id or 0) % len(ids) if ids else 0
        turns += [one for one in (*ids[first:], *ids[:first]) if one not in turns]
    # Who had it last may have left: then it begins anew.
    place = turns.index(question.assigned_to) + 1 if question.assigned_to in turns else 0
    return turns[place] if place < len(turns) else None


def _path(session: Session, question: Question) -> str:
    found = questions.find(session, question.id or 0)
    return found[1] if found else ""


def move_on(session: Session, *, bot: int, now: datetime) -> int:
    """Give every urgent question whose turn is over to the next one; returns how many."""
    moved = 0
    for question in questions.urgent_overdue(session, bot=bot, before=now - timedelta(days=A_TURN)):
        if question.assigned_at is None or _is_over(session, question, now=now):
            moved += give_turn(session, question, bot=bot, now=now) is not None
    return moved


def _is_over(session: Session, question: Question, *, now: datetime) -> bool:
    if question.assigned_at is None:
        return True
    calendar = working_days.calendar_of(
        session, unit_path=_path(session, question), working_weekdays=WEEKDAYS
    )
    begun = local_date(question.assigned_at, ZONE)
    return local_date(now, ZONE) > topic_dates.working_days_after(begun, A_TURN, calendar)


def facts(session: Session, claimed: Sequence[Claimed], *, now: datetime) -> dict[int, Verdict]:
    """What each of the few claimed ones says: that it waits, and by when; never who asked."""
    del now
    return {row.id: _verdict(session, row) for row in claimed}


def _verdict(session: Session, row: Claimed) -> Verdict:
    found = questions.find(session, row.subject_id or 0)
    if found is None or found[0].state not in OPEN_STATES or found[0].urgency != URGENT:
        return NotWanted("not_wanted")
    if found[0].assigned_to != row.person_id:
        return NotWanted("not_wanted")
    to = responders.reachable(session, [row.person_id or 0], bot=row.bot)
    if not to:
        return NotWanted("unreachable")
    question = found[0]
    return Facts(
        KIND,
        to[0].chat_id,
        to[0].language,
        f"{KIND}/{row.id}",
        None,
        {"question_id": question.id, "answer_by": question.answer_by},
    )
