"""Moving a quarter's days: the closing day, the reading day, the session; told once each."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from sqlmodel import Session

from curriculum import gatherings, story_words
from curriculum.facts import FOLDABLE
from curriculum.people import ZONE, Speaker
from curriculum.quarterly_share import add_session
from curriculum.rhythm import local_date, moment_at
from curriculum.second_thoughts import TAKE_BACK
from curriculum.share_call import CallView, dates_of, overview, to_change, write_down
from curriculum.share_dates import ShareDates
from curriculum.story_errors import ShareDatesNotPossible
from storage import lesson_deliveries as owed
from storage import stories as stored
from storage import story_calls
from storage.cohorts import Cohort
from storage.story_calls import StoryCall

CLOSES, REVIEW, SESSION = "closes", "review", "session"
CHANGEABLE = (CLOSES, REVIEW, SESSION)


def change(
    session: Session,
    speaker: Speaker,
    cohort_id: int,
    which: str,
    *,
    day: date,
    hour: time | None,
    mark: int,
    now: datetime,
) -> CallView:
    """Move the closing day, the reading day or the session; those concerned are told once.

    Raises ShareDatesNotPossible where they would no longer follow one another.
    """
    call = to_change(session, speaker, cohort_id, mark=mark)
    zone = session.get_one(Cohort, cohort_id).zone
    old = dates_of(call, zone)
    found = ShareDates(
        old.opens_on,
        day if which == CLOSES else old.closes_on,
        day if which == REVIEW else old.review_by,
        day if which == SESSION else old.day,
    )
    if which not in CHANGEABLE or not found.is_in_order() or day < local_date(now, zone):
        raise ShareDatesNotPossible
    call.closes_on, call.review_by = found.closes_on, found.review_by
    call.version += 1
    if which == SESSION:
        clock = hour or call.starts_at.astimezone(ZoneInfo(zone)).time()
        _move_session(session, speaker, call, moment_at(day, clock, zone), now=now)
    session.add(call)
    session.flush()
    if which == CLOSES:
        _tell_closing(session, call, speaker.bot, now=now)
    write_down(session, speaker, "move_call", call, now=now, which=which)
    return overview(session, speaker, cohort_id, now=now)


def _move_session(
    session: Session, speaker: Speaker, call: StoryCall, at: datetime, *, now: datetime
) -> None:
    """Another time for the session; the cohort hears of it as of any gathering, speakers too."""
    call.starts_at = at
    if call.gathering_id is None:
        call.gathering_id = add_session(session, call, actor_id=speaker.person_id, now=now)
    else:
        gatherings.rearrange(
            session, speaker, call.gathering_id, starts_at=at, reason="", seen=None, now=now
        )


def _tell_closing(session: Session, call: StoryCall, bot: int, *, now: datetime) -> None:
    """Everybody hears of another closing day once; writers are reminded before it."""
    story_calls.owe_members(
        session,
        call=call,
        bot=bot,
        kind=story_words.KIND,
        occasion=f"{story_words.DATES}:{call.id}:{call.version}",
        urgency=FOLDABLE,
        hours=owed.hours_of(session, call.cohort_id),
        due_at=now + TAKE_BACK,
        not_after=None,
        day=local_date(now, ZONE),
        now=now,
    )
    for story, _ in stored.of_call(session, call.id or 0, states=stored.WRITABLE):
        story_words.owe_closing(session, story, call, now=now)
