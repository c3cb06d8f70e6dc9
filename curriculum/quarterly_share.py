"""每季度线上经验分享学: when stories are called for, who is told, the quarter's dates."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from sqlmodel import Session

from curriculum import gatherings, occasions, share_dates
from curriculum.cohorts import BeatDefaults
from curriculum.facts import FOLDABLE, Facts, NotWanted, Verdict
from curriculum.occasions import Beat, Occasion
from curriculum.rhythm import local_date, moment_at
from curriculum.share_dates import ShareDates
from storage import lesson_deliveries as owed
from storage import schedule as stored_schedule
from storage import story_calls
from storage.cohorts import Cohort
from storage.deliveries import Claimed
from storage.story_calls import OPEN, Recipient, StoryCall

KIND = "quarterly_share"
# For a cohort that was created before this rhythm was: what config.example.toml says.
DEFAULTS = BeatDefaults(
    kind=KIND,
    is_on=True,
    time_of_day=time(15, 0),
    late=occasions.MERGE,
    skip_after_hours=10,
    settings=share_dates.SETTINGS,
)
# The session's name on reminders and in the ledger.
TITLE = "每季度线上经验分享学"


def dates(beat: Beat, since: date, until: date) -> list[date]:
    """The dates of this rhythm: the days on which a call opens."""
    return share_dates.opening_days(since, until, beat.settings, beat.calendar)


def plan(session: Session, occasion: Occasion, *, now: datetime) -> int:
    """Open the quarter's call and owe it to everyone in the cohort."""
    beat, day = occasion.beat, occasion.local_date
    standing = stored_schedule.lock_occasion(
        session, kind=KIND, cohort_id=beat.cohort_id, local_date=day, now=now
    )
    found = share_dates.dates_opening(day, beat.settings, beat.calendar)
    if standing.state == occasions.HELD or found is None:
        return 0
    standing.state = occasions.PLANNED
    session.add(standing)
    if is_open(session, beat.cohort_id, now=now):
        return 0
    due_at = max(now, moment_at(day, beat.quiet_to, beat.zone))
    return open_call(session, beat, found, due_at=due_at, actor_id=None, now=now)[1]


def note_missed(session: Session, occasion: Occasion, *, state: str, now: datetime) -> None:
    """Keep a missed date; a call is still of use while stories can come in, so it opens late."""
    beat, day = occasion.beat, occasion.local_date
    found = share_dates.dates_opening(day, beat.settings, beat.calendar)
    is_of_use = found is not None and found.closes_on > local_date(now, beat.zone)
    if is_of_use and beat.late != occasions.SKIP:
        plan(session, occasion, now=now)
        return
    owed.add_occasion(
        session,
        kind=KIND,
        cohort_id=beat.cohort_id,
        local_date=day,
        state=state,
        lesson_id=None,
        now=now,
    )


def is_open(session: Session, cohort_id: int, *, now: datetime) -> bool:
    """Whether a cohort's newest call stands and its session lies ahead."""
    call = story_calls.standing(session, cohort_id)
    return call is not None and call.state == OPEN and call.starts_at > now


def open_call(
    session: Session,
    beat: Beat,
    found: ShareDates,
    *,
    due_at: datetime,
    actor_id: int | None,
    now: datetime,
) -> tuple[StoryCall, int]:
    """Store a call with its session and owe it to every member; gives how many rows were added."""
    call = StoryCall(
        cohort_id=beat.cohort_id,
        opens_on=found.opens_on,
        closes_on=found.closes_on,
        review_by=found.review_by,
        starts_at=beat.due_at(found.day),
        minutes=share_dates.minutes_of(beat.settings),
        place=str(beat.settings.get("place", "")),
        created_at=now,
    )
    call.gathering_id = add_session(session, call, actor_id=actor_id, now=now)
    session.add(call)
    session.flush()
    added = story_calls.owe_members(
        session,
        call=call,
        bot=beat.bot,
        kind=KIND,
        occasion=call_name(beat.cohort_id, found.opens_on),
        urgency=FOLDABLE,
        hours=owed.hours_of(session, beat.cohort_id),
        due_at=due_at,
        not_after=moment_at(found.closes_on, beat.quiet_from, beat.zone),
        day=local_date(now, beat.zone),
        now=now,
    )
    return call, added


def call_name(cohort_id: int, opens_on: date) -> str:
    """What a call's deliveries are called: its cohort and the day it opened."""
    return f"{cohort_id}:{opens_on.isoformat()}"


def add_session(
    session: Session, call: StoryCall, *, actor_id: int | None, now: datetime
) -> int | None:
    """Announce a call's session: reminders, 我来了 and the roll are the gatherings' own."""
    cohort = session.get_one(Cohort, call.cohort_id)
    found = gatherings.add(
        session,
        cohort,
        kind=KIND,
        day=local_date(call.starts_at, cohort.zone),
        title=TITLE,
        starts_at=call.starts_at,
        minutes=call.minutes,
        place=call.place,
        agenda=(),
        opens_before=gatherings.OPENS_BEFORE,
        closes_after=gatherings.CLOSES_AFTER,
        actor_id=actor_id,
        now=now,
    )
    gatherings.owe(session, found, cohort.zone, now=now)
    return found.id


def line(facts: Facts) -> Mapping[str, Any]:
    """The call as a line of the next lesson."""
    return {"closes_on": facts.values["closes_on"]}


def facts(session: Session, claimed: Sequence[Claimed], *, now: datetime) -> dict[int, Verdict]:
    """What each claimed call says, in two queries for any number of them."""
    to = story_calls.recipients(session, [row.id for row in claimed], on=now.date())
    calls = story_calls.of_ids(session, [row.subject_id or 0 for row in claimed])
    return {
        row.id: _verdict(to.get(row.id), calls.get(row.subject_id or 0), now=now) for row in claimed
    }


def _verdict(
    to: Recipient | None, found: tuple[StoryCall, Cohort] | None, *, now: datetime
) -> Verdict:
    if to is None or not (to.is_active and to.is_member):
        return NotWanted("left")
    if to.chat_id is None or not to.is_reachable:
        return NotWanted("unreachable")
    if to.is_away:
        return NotWanted("paused")
    if found is None or found[0].state != OPEN:
        return NotWanted("call_cancelled")
    call, cohort = found
    if call.closes_on < local_date(now, cohort.zone):
        return NotWanted("call_closed")
    return Facts(
        kind=KIND,
        chat_id=to.chat_id,
        language=to.language,
        content_key=f"{KIND}/{call.id}/{call.version}",
        content_version=None,
        values={"closes_on": call.closes_on, "starts_at": call.starts_at, "minutes": call.minutes},
    )
