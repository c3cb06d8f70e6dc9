"""急用: an urgent question goes to one supervisor after the other until somebody deals with it.

The first one of a day is told at once; the others of that day join its message silently, and all
that wait stand in the next morning's 今日待办.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlmodel import Session

from curriculum import topic_dates, working_days
from curriculum.facts import FOLDABLE, TIMED, Facts, NotNow, NotWanted, Verdict
from curriculum.people import COORDINATOR, SUPERVISOR, ZONE
from curriculum.promises import WEEKDAYS
from curriculum.rhythm import local_date, moment_at
from storage import audit, deliveries, deputies, questions, responders
from storage import urgent_questions as stored
from storage.deliveries import Claimed
from storage.questions import Question

KIND, JOINED = "urgent_question", "urgent_joined"
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
    _tell(session, question, whose, bot=bot, now=now)
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


def _tell(session: Session, question: Question, whose: int, *, bot: int, now: datetime) -> None:
    """Tell her of the day's first question; let a later one join that message."""
    day = local_date(now, ZONE).isoformat()
    row = {
        "bot": bot,
        "recipient": whose,
        "person_id": whose,
        "subject_id": question.id,
        "due_at": now,
        "created_at": now,
    }
    if not deliveries.add(session, kind=KIND, occasion=day, urgency=TIMED, **row):
        deliveries.add(
            session, kind=JOINED, occasion=f"{day}:{question.id}", urgency=FOLDABLE, **row
        )


def _next(session: Session, question: Question, *, bot: int, now: datetime) -> int | None:
    path, on = _path(session, question), local_date(now, ZONE)
    turns: list[int] = []
    for role in (SUPERVISOR, COORDINATOR):
        found = responders.of_unit(session, path, roles=[role], bot=bot, on=on)
        ids = [one.person_id for one in found if one.person_id != question.asker_id]
        first = (question.id or 0) % len(ids) if ids else 0
        turns += [one for one in (*ids[first:], *ids[:first]) if one not in turns]
    # Who had it last may be away: then her deputy had it. She may have left: it begins anew.
    had = question.assigned_to or 0
    had = deputies.away_among(session, [had], on=on).get(had) or had
    place = turns.index(had) + 1 if had in turns else 0
    return turns[place] if place < len(turns) else None


def _path(session: Session, question: Question) -> str:
    found = questions.find(session, question.id or 0)
    return found[1] if found else ""


def move_on(session: Session, *, bot: int, now: datetime) -> int:
    """Give every urgent question whose turn is over to the next one; returns how many."""
    moved = 0
    for question in stored.overdue(session, bot=bot, before=now - timedelta(days=A_TURN)):
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
    """What each of the few claimed ones says: how many wait, and by when; never who asked."""
    del now
    return {row.id: _verdict(session, row, row.occasion, None) for row in claimed}


def _verdict(session: Session, row: Claimed, day: str, message_id: int | None) -> Verdict:
    to = responders.reachable(session, [row.person_id or 0], bot=row.bot)
    if not to:
        return NotWanted("unreachable")
    waiting = _given_on(session, row, day)
    if not waiting:
        return NotWanted("not_wanted")
    return Facts(
        row.kind,
        to[0].chat_id,
        to[0].language,
        f"{row.kind}/{row.id}",
        None,
        {
            "question_id": waiting[0].id,
            "count": len(waiting),
            "answer_by": min((one.answer_by for one in waiting if one.answer_by), default=None),
            "message_id": message_id,
        },
    )


def _given_on(session: Session, row: Claimed, day: str) -> list[Question]:
    """The questions of the message of a day that are still her turn, each told in one message."""
    try:
        since = moment_at(date.fromisoformat(day), time(), ZONE)
    except ValueError:
        # Owed by an earlier release, one message for each question.
        found = stored.of_person(session, row.person_id or 0, bot=row.bot)
        return [one for one in found if one.id == row.subject_id]
    until = since + timedelta(days=1)
    return stored.of_person(session, row.person_id or 0, bot=row.bot, since=since, until=until)


@dataclass(eq=False)
class _Joined:
    """A later question of the same day, as the postman asks for it."""

    KIND: str

    def facts(
        self, session: Session, claimed: Sequence[Claimed], *, now: datetime
    ) -> dict[int, Verdict]:
        """The day's message as it reads now, edited; anew where it never went out."""
        return {row.id: self._one(session, row, now=now) for row in claimed}

    def _one(self, session: Session, row: Claimed, *, now: datetime) -> Verdict:
        day = row.occasion.partition(":")[0]
        first = stored.message(session, row.person_id or 0, kind=KIND, occasion=day)
        status, chat_id, message_id = first or (deliveries.SKIPPED, None, None)
        if status == deliveries.WAITING:
            return NotWanted("said_by_the_first")
        if status == deliveries.CLAIMED:
            return NotNow(now + timedelta(minutes=1))
        waiting = _given_on(session, row, day)
        if not waiting or waiting[-1].id != row.subject_id:
            # The last of the day that still waits brings them all.
            return NotWanted("not_wanted")
        verdict = _verdict(session, row, day, message_id)
        if isinstance(verdict, Facts) and chat_id not in (None, verdict.chat_id):
            return _verdict(session, row, day, None)
        return verdict


NOTICES = (_Joined(JOINED),)
