"""What stories ask of somebody today: reading what waits for review, a digest after the session."""

from datetime import date, datetime, timedelta

from sqlmodel import Session

from curriculum.people import Speaker
from curriculum.rhythm import local_date
from curriculum.todo_items import SOON, TODAY, WHEN_POSSIBLE, Item
from storage import schedule as stored_schedule
from storage import story_calls, story_reviews

REVIEW, DIGEST = "review_stories", "send_digest"
# A review is soon due when so little time is left.
NEAR = timedelta(days=3)


def items(session: Session, speaker: Speaker, *, now: datetime) -> list[Item]:
    """The stories and sessions that wait for somebody."""
    return [*_reviews(session, speaker, now=now), *_digests(session, speaker, now=now)]


def _reviews(session: Session, speaker: Speaker, *, now: datetime) -> list[Item]:
    """All that wait for her word, as one line, by the day the first of them is due."""
    rows = story_reviews.for_review(
        session,
        bot=speaker.bot,
        # A deputy reads as herself: what she has reviewed waits for her no more.
        reviewer_id=speaker.deputy_id or speaker.person_id,
        reach=speaker.reach("review_stories"),
    )
    if not rows:
        return []
    ids = {story.call_id for story, _, _ in rows if story.call_id}
    calls = story_calls.of_ids(session, sorted(ids))
    dues = [(call.review_by, local_date(now, cohort.zone)) for call, cohort in calls.values()]
    due_on, today = min(dues, default=(None, None))
    return [Item(REVIEW, "story_reviews", "0", _rank(due_on, today), "", due_on, len(rows))]


def _rank(due_on: date | None, today: date | None) -> int:
    if due_on is None or today is None:
        return WHEN_POSSIBLE
    if due_on <= today:
        return TODAY
    return SOON if due_on - today <= NEAR else WHEN_POSSIBLE


def _digests(session: Session, speaker: Speaker, *, now: datetime) -> list[Item]:
    """Sessions of cohorts she runs that are over and have no digest yet."""
    reach = speaker.reach("run_share")
    rows = stored_schedule.cohorts_under(session, reach, bot=speaker.bot)
    names = {cohort.id or 0: cohort.name for cohort, *_ in rows}
    return [
        Item(DIGEST, "share_of", str(call.cohort_id), SOON, names[call.cohort_id])
        for call in story_calls.unfinished(session, list(names))
        if call.starts_at + timedelta(minutes=call.minutes) <= now
    ]
