"""A quarter's share in its coordinator's hands: opening the call, its dates, stopping it."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlmodel import Session

from curriculum import cohorts, gatherings, gatherings_back, share_dates
from curriculum.errors import ChangedMeanwhile, NotThere
from curriculum.occasions import Beat
from curriculum.people import Speaker
from curriculum.quarterly_share import DEFAULTS, KIND, call_name, is_open, open_call
from curriculum.rhythm import local_date, moment_at
from curriculum.second_thoughts import TAKE_BACK
from curriculum.share_dates import ShareDates
from storage import audit, deliveries, story_calls
from storage import gatherings as stored_gatherings
from storage import schedule as stored_schedule
from storage import stories as stored
from storage.cohorts import Cohort
from storage.columns import LARGEST_ID
from storage.people import Unit
from storage.stories import APPROVED, RETURNED, SUBMITTED
from storage.story_calls import CANCELLED, OPEN, StoryCall


@dataclass(frozen=True, slots=True)
class CallView:
    """A quarter's share as its coordinator sees it; `call_id` is None before the call.

    `mark` is what a change of it is made on. `handed_in` counts stories that reviewers have or
    gave back, `approved` those that two people agreed to, `people` whom a call reaches;
    `collected` and `shared` are the stories of her unit handed in, and told, this year.
    """

    cohort_id: int
    cohort: str
    call_id: int | None
    mark: int
    dates: ShareDates
    starts_at: datetime
    minutes: int
    is_on: bool
    handed_in: int
    approved: int
    people: int
    is_over: bool
    has_digest: bool
    collected: int
    shared: int


def mine(session: Session, speaker: Speaker, *, now: datetime) -> list[tuple[int, str]]:
    """The running cohorts whose share she runs, as (id, name)."""
    speaker.require("run_share")
    rows = stored_schedule.cohorts_under(session, speaker.reach("run_share"), bot=speaker.bot)
    return [
        (cohort.id or 0, cohort.name)
        for cohort, *_ in rows
        if cohort.end_on is None or cohort.end_on >= local_date(now, cohort.zone)
    ]


def cohort_of(session: Session, speaker: Speaker, cohort_id: int) -> Cohort:
    """A cohort whose share she runs; raises NotThere."""
    cohort = session.get(Cohort, cohort_id) if cohort_id < LARGEST_ID else None
    if cohort is None or cohort.bot != speaker.bot:
        raise NotThere
    speaker.require("run_share", unit_path=session.get_one(Unit, cohort.unit_id).path)
    return cohort


def overview(session: Session, speaker: Speaker, cohort_id: int, *, now: datetime) -> CallView:
    """How a cohort's share stands: the newest call, or the dates the next one would have."""
    cohort = cohort_of(session, speaker, cohort_id)
    beat, rhythm = cohorts.beat_or_default(session, cohort, DEFAULTS)
    today = local_date(now, beat.zone)
    call = _shown(session, cohort_id, today=today, zone=beat.zone)
    found = next_dates(beat, today) if call is None else dates_of(call, beat.zone)
    states = _states(session, call)
    minutes = share_dates.minutes_of(beat.settings) if call is None else call.minutes
    starts_at = beat.due_at(found.day) if call is None else call.starts_at
    year = moment_at(date(today.year, 1, 1), time(), beat.zone)
    collected, shared = stored.count_between(
        session, unit_path=beat.unit_path, since=year, until=now
    )
    people = stored_schedule.people_in(session, [cohort_id], bot=speaker.bot, on=today)
    return CallView(
        cohort_id=cohort_id,
        cohort=cohort.name,
        call_id=call.id if call else None,
        mark=call.version if call else 0,
        dates=found,
        starts_at=starts_at,
        minutes=minutes,
        is_on=rhythm is not None and rhythm.is_on,
        handed_in=len(states) - states.count(APPROVED),
        approved=states.count(APPROVED),
        people=people.get(cohort_id, 0),
        is_over=call is not None and now >= starts_at + timedelta(minutes=minutes),
        has_digest=call is not None and call.digest_at is not None,
        collected=collected,
        shared=shared,
    )


def _shown(session: Session, cohort_id: int, *, today: date, zone: str) -> StoryCall | None:
    """The newest call; one whose digest went out on an earlier day makes room for the next."""
    call = story_calls.standing(session, cohort_id)
    if call is None or call.state == CANCELLED:
        return None
    if call.digest_at is None:
        return call
    return call if local_date(call.digest_at, zone) >= today else None


def next_dates(beat: Beat, today: date) -> ShareDates:
    """The dates of a call that is opened by hand today."""
    found = share_dates.next_dates(today, beat.settings, beat.calendar)
    return ShareDates(today, found.closes_on, found.review_by, found.day)


def dates_of(call: StoryCall, zone: str) -> ShareDates:
    """A call's dates where its cohort lives."""
    return ShareDates(
        call.opens_on, call.closes_on, call.review_by, local_date(call.starts_at, zone)
    )


def _states(session: Session, call: StoryCall | None) -> list[str]:
    if call is None:
        return []
    rows = stored.of_call(session, call.id or 0, states=(SUBMITTED, RETURNED, APPROVED))
    return [story.state for story, _ in rows]


def open_now(session: Session, speaker: Speaker, cohort_id: int, *, now: datetime) -> CallView:
    """开始征集: everybody is told, a minute from now, so that it can be taken back."""
    cohort = cohort_of(session, speaker, cohort_id)
    # Of two who open it at once the second waits here, and then sees that it is open.
    session.refresh(cohort, with_for_update=True)
    beat, _ = cohorts.beat_or_default(session, cohort, DEFAULTS)
    if is_open(session, cohort_id, now=now):
        raise ChangedMeanwhile
    found = next_dates(beat, local_date(now, beat.zone))
    known = story_calls.on_day(session, cohort_id, found.opens_on)
    if known is None:
        call, _ = open_call(
            session,
            beat,
            found,
            due_at=now + TAKE_BACK,
            actor_id=speaker.person_id,
            now=now,
        )
    else:
        call = _open_again(session, speaker, known, now=now)
    write_down(session, speaker, "open_call", call, now=now)
    return overview(session, speaker, cohort_id, now=now)


def _open_again(session: Session, speaker: Speaker, call: StoryCall, *, now: datetime) -> StoryCall:
    """A call of the same day that was taken back stands again, with its session."""
    call.state, call.version = OPEN, call.version + 1
    story_calls.owe_again(session, call, kind=KIND, due_at=now + TAKE_BACK)
    session.add(call)
    held = stored_gatherings.gathering(session, call.gathering_id or 0)
    if held is not None and held.state == stored_gatherings.CANCELLED:
        gatherings_back.bring_back(session, speaker, held.id or 0, seen=held.version, now=now)
    return call


def cancel(
    session: Session, speaker: Speaker, cohort_id: int, *, mark: int, now: datetime
) -> CallView:
    """停止征集, or 撤回 within the minute: no session, and what waits is not sent."""
    call = to_change(session, speaker, cohort_id, mark=mark)
    call.state = CANCELLED
    call.version += 1
    session.add(call)
    session.flush()
    held = stored_gatherings.gathering(session, call.gathering_id or 0)
    is_ahead = held is not None and held.starts_at > now
    if held is not None and is_ahead and held.state == stored_gatherings.PLANNED:
        gatherings.cancel(
            session,
            speaker,
            held.id or 0,
            reason="",
            seen=None,
            # Within the minute nobody has heard of the call, so there is nothing to take back.
            is_told=_is_said(session, call),
            now=now,
        )
    write_down(session, speaker, "cancel_call", call, now=now)
    return overview(session, speaker, cohort_id, now=now)


def _is_said(session: Session, call: StoryCall) -> bool:
    """Whether anybody has heard of a call."""
    return deliveries.has_any(
        session,
        kind=KIND,
        occasion=call_name(call.cohort_id, call.opens_on),
        statuses=(deliveries.SENT, deliveries.CLAIMED),
    )


def to_change(session: Session, speaker: Speaker, cohort_id: int, *, mark: int) -> StoryCall:
    """The cohort's open call, locked; raises NotThere, ChangedMeanwhile."""
    cohort_of(session, speaker, cohort_id)
    newest = story_calls.standing(session, cohort_id)
    call = story_calls.locked(session, newest.id or 0) if newest is not None else None
    if call is None:
        raise NotThere
    if call.state != OPEN or call.version != mark:
        raise ChangedMeanwhile
    return call


def switch(
    session: Session, speaker: Speaker, cohort_id: int, *, is_on: bool, now: datetime
) -> CallView:
    """Whether each quarter's call opens by itself."""
    cohort = cohort_of(session, speaker, cohort_id)
    cohorts.switch(session, cohort, DEFAULTS, is_on=is_on, today=local_date(now, cohort.zone))
    audit.add(
        session,
        at=now,
        actor_id=speaker.person_id,
        action="switch_share",
        object_kind="cohort",
        object_id=cohort_id,
        is_on=is_on,
    )
    return overview(session, speaker, cohort_id, now=now)


def write_down(
    session: Session, speaker: Speaker, action: str, call: StoryCall, *, now: datetime, **facts: str
) -> None:
    """Keep in the audit trail what she did to a call: ids and codes only."""
    session.flush()
    audit.add(
        session,
        at=now,
        actor_id=speaker.person_id,
        action=action,
        object_kind="story_call",
        object_id=call.id,
        cohort=call.cohort_id,
        **facts,
    )
