"""每月专题学, the monthly topic: when a month's pool closes, and the page for who was absent."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlmodel import Session

from curriculum import people, topic_page
from curriculum.attendance import MADE_UP, PRESENT
from curriculum.facts import Facts, NotWanted, Verdict
from curriculum.occasions import Beat, Occasion
from curriculum.topic_dates import TopicDates, of_month
from curriculum.topic_errors import TopicDatesTooClose
from curriculum.topic_rules import months, rule_of
from storage import gatherings as stored_gatherings
from storage import people as stored_people
from storage import rooms as seating
from storage import topics
from storage.deliveries import Claimed
from storage.topics import DUE, Topic

KIND = "monthly_topic"


def _closing(beat: Beat, since: date, until: date) -> dict[date, tuple[date, TopicDates]]:
    """The closing days between two dates, each with its month and dates."""
    try:
        rule_of(beat.settings)
    except TopicDatesTooClose:
        # Only a hand in the database can have set this; it is better to plan nothing.
        return {}
    found = {
        month: of_month(month.year, month.month, beat.calendar, beat.settings)
        for month in months(since, until)
    }
    return {
        dates.closes_on: (month, dates)
        for month, dates in found.items()
        if since <= dates.closes_on <= until
    }


def dates(beat: Beat, since: date, until: date) -> list[date]:
    """The dates of this rhythm: the days on which a pool closes."""
    return sorted(_closing(beat, since, until))


def plan(session: Session, occasion: Occasion, *, now: datetime) -> int:
    """Mark a month's topic as due to be drafted; the drafting itself is long and done apart."""
    beat, day = occasion.beat, occasion.local_date
    month, found = _closing(beat, day, day)[day]
    starts_at = beat.due_at(found.held_on)
    if starts_at <= now or topics.named(session, cohort_id=beat.cohort_id, month=month):
        return 0
    session.add(
        Topic(
            bot=beat.bot,
            cohort_id=beat.cohort_id,
            month=month,
            closes_on=found.closes_on,
            due_on=found.approved_by,
            starts_at=starts_at,
            minutes=rule_of(beat.settings).minutes,
            state=DUE,
            version=0,
            texts={},
        )
    )
    session.flush()
    return 1


def note_missed(session: Session, occasion: Occasion, *, state: str, now: datetime) -> None:
    """A closing day that was slept through is made up for while the session lies ahead."""
    del state
    plan(session, occasion, now=now)


def facts(session: Session, claimed: Sequence[Claimed], *, now: datetime) -> dict[int, Verdict]:
    """The page of a session for each who was absent."""
    return {row.id: _verdict(session, row, now=now) for row in claimed}


def _was_there(session: Session, topic: Topic, person_id: int) -> bool:
    """Whether she led it, was there, or has read it up already."""
    if topic.trainer_id == person_id:
        return True
    held = stored_gatherings.gathering(session, topic.gathering_id or 0)
    for room in seating.of_session(session, held) if held is not None else ():
        if room.facilitator_id == person_id and room.is_confirmed:
            return True
        known = stored_gatherings.attendance_of(session, room.id or 0, person_id)
        if known is not None and known.state in (*PRESENT, MADE_UP):
            return True
    return False


def _verdict(session: Session, row: Claimed, *, now: datetime) -> Verdict:
    standing = topics.standing(session, row.subject_id or 0)
    account = stored_people.account_of(session, bot=row.bot, person_id=row.person_id or 0)
    if standing is None or standing.topic.state not in topic_page.PUBLISHED:
        return NotWanted("not_approved")
    if account is None or not account.reachable:
        return NotWanted("unreachable")
    if _was_there(session, standing.topic, row.person_id or 0):
        return NotWanted("not_wanted")
    speaker = people.who(session, bot=row.bot, chat_id=account.chat_id, now=now)
    if speaker is None:
        return NotWanted("left")
    page = topic_page.of(session, standing)
    return Facts(
        KIND,
        account.chat_id,
        speaker.language,
        f"{KIND}/{row.subject_id}/{standing.topic.version}",
        None,
        {"page": page},
    )
