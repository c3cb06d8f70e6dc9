"""每季度线上经验分享学: when stories are called for, who is told, the quarter's dates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlmodel import Session

from curriculum import cohorts, occasions, share_dates, story_words
from curriculum.cohorts import BeatDefaults
from curriculum.errors import ChangedMeanwhile, NotThere, ShareDatesNotPossible
from curriculum.facts import FOLDABLE, Facts, NotWanted, Verdict
from curriculum.occasions import Beat, Occasion
from curriculum.people import Speaker
from curriculum.rhythm import local_date, moment_at
from curriculum.share_dates import ShareDates
from storage import audit, deliveries, story_calls
from storage import cohorts as stored_cohorts
from storage import lesson_deliveries as owed
from storage import schedule as stored_schedule
from storage import stories as stored
from storage.cohorts import Cohort, Rhythm
from storage.deliveries import Claimed
from storage.people import Unit
from storage.stories import APPROVED, SUBMITTED
from storage.story_calls import CANCELLED, OPEN, Recipient, StoryCall

KIND = "quarterly_share"
# For a cohort that was created before this rhythm was: what config.example.toml says.
DEFAULTS = BeatDefaults(KIND, True, time(15, 0), occasions.MERGE, 10, share_dates.SETTINGS)
# Whoever sends a call to many can take it back that long.
TAKE_BACK = timedelta(seconds=60)
CLOSES, REVIEW, SESSION = "closes", "review", "session"
CHANGEABLE = (CLOSES, REVIEW, SESSION)


@dataclass(frozen=True, slots=True)
class CallView:
    """A quarter's share as its coordinator sees it; `call_id` is None before the call.

    `mark` is what a change of it is made on. `handed_in` counts stories in review, `approved`
    those that two people agreed to; `people` whom a call reaches.
    """

    cohort_id: int
    cohort: str
    call_id: int | None
    mark: int
    dates: ShareDates
    starts_at: datetime
    minutes: int
    place: str
    is_on: bool
    handed_in: int
    approved: int
    people: int
    is_over: bool
    has_digest: bool


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
    if _is_open(session, beat.cohort_id, now=now):
        return 0
    due_at = max(now, moment_at(day, beat.quiet_to, beat.zone))
    return _open(session, beat, found, due_at=due_at, now=now)[1]


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


def _is_open(session: Session, cohort_id: int, *, now: datetime) -> bool:
    call = story_calls.standing(session, cohort_id)
    return call is not None and call.state == OPEN and call.starts_at > now


def _open(
    session: Session, beat: Beat, found: ShareDates, *, due_at: datetime, now: datetime
) -> tuple[StoryCall, int]:
    """Store a call and owe it to every member; gives it and how many rows were added."""
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
    session.add(call)
    session.flush()
    added = story_calls.owe_members(
        session,
        call=call,
        bot=beat.bot,
        kind=KIND,
        occasion=f"{beat.cohort_id}:{found.opens_on.isoformat()}",
        urgency=FOLDABLE,
        hours=owed.hours_of(session, beat.cohort_id),
        due_at=due_at,
        not_after=moment_at(found.closes_on, beat.quiet_from, beat.zone),
        day=local_date(now, beat.zone),
        now=now,
    )
    return call, added


def line(facts: Facts) -> Mapping[str, Any]:
    """The call as a line of the next lesson."""
    return {"closes_on": facts.values["closes_on"]}


def facts(session: Session, claimed: Sequence[Claimed], *, now: datetime) -> dict[int, Verdict]:
    """What each claimed call says, in two queries for any number of them."""
    to = story_calls.recipients(session, [row.id for row in claimed], on=now.date())
    calls = story_calls.of_ids(session, [row.subject_id or 0 for row in claimed])
    return {
        row.id: _verdict(row, to.get(row.id), calls.get(row.subject_id or 0), now=now)
        for row in claimed
    }


def _verdict(
    row: Claimed, to: Recipient | None, found: tuple[StoryCall, Cohort] | None, *, now: datetime
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


def mine(session: Session, speaker: Speaker, *, now: datetime) -> list[tuple[int, str]]:
    """The running cohorts whose share she runs, as (id, name)."""
    speaker.require("run_share")
    rows = stored_schedule.cohorts_under(session, speaker.reach("run_share"), bot=speaker.bot)
    today = now.date()
    return [
        (cohort.id or 0, cohort.name)
        for cohort, *_ in rows
        if cohort.end_on is None or cohort.end_on >= today
    ]


def cohort_of(session: Session, speaker: Speaker, cohort_id: int) -> Cohort:
    """A cohort whose share she runs; raises NotThere."""
    cohort = session.get(Cohort, cohort_id)
    if cohort is None or cohort.bot != speaker.bot:
        raise NotThere
    speaker.require("run_share", unit_path=session.get_one(Unit, cohort.unit_id).path)
    return cohort


def _beat(session: Session, cohort: Cohort) -> tuple[Beat, Rhythm | None]:
    """The cohort's rhythm; the defaults where it has none yet."""
    rhythm = stored_cohorts.rhythm_of(session, cohort_id=cohort.id or 0, kind=KIND)
    path = session.get_one(Unit, cohort.unit_id).path
    return cohorts.as_beat(session, rhythm or cohorts.rhythm(cohort, DEFAULTS), cohort, path), rhythm


def overview(session: Session, speaker: Speaker, cohort_id: int, *, now: datetime) -> CallView:
    """How a cohort's share stands: the newest call, or the dates the next one would have."""
    cohort = cohort_of(session, speaker, cohort_id)
    beat, rhythm = _beat(session, cohort)
    today = local_date(now, beat.zone)
    call = story_calls.standing(session, cohort_id)
    is_old = call is not None and call.digest_at is not None and call.starts_at < now
    if call is not None and is_old and local_date(call.starts_at, beat.zone) < today:
        call = None
    counts = stored_schedule.people_in(session, [cohort_id], bot=speaker.bot, on=today)
    found = next_call(beat, today) if call is None else _dates_of(call, beat.zone)
    states = [story.state for story, _ in _stories(session, call)]
    starts_at = beat.due_at(found.day) if call is None else call.starts_at
    minutes = share_dates.minutes_of(beat.settings) if call is None else call.minutes
    return CallView(
        cohort_id=cohort_id,
        cohort=cohort.name,
        call_id=call.id if call else None,
        mark=call.version if call else 0,
        dates=found,
        starts_at=starts_at,
        minutes=minutes,
        place=call.place if call else "",
        is_on=rhythm is not None and rhythm.is_on,
        handed_in=states.count(SUBMITTED),
        approved=states.count(APPROVED),
        people=counts.get(cohort_id, 0),
        is_over=call is not None and now >= starts_at + timedelta(minutes=minutes),
        has_digest=call is not None and call.digest_at is not None,
    )


def next_call(beat: Beat, today: date) -> ShareDates:
    """The dates of a call that is opened by hand today."""
    found = share_dates.next_dates(today, beat.settings, beat.calendar)
    return ShareDates(today, found.closes_on, found.review_by, found.day)


def _dates_of(call: StoryCall, zone: str) -> ShareDates:
    return ShareDates(
        call.opens_on, call.closes_on, call.review_by, local_date(call.starts_at, zone)
    )


def _stories(session: Session, call: StoryCall | None) -> list[tuple[stored.Story, str]]:
    if call is None:
        return []
    return stored.of_call(session, call.id or 0, states=(SUBMITTED, APPROVED, stored.RETURNED))


def open_now(session: Session, speaker: Speaker, cohort_id: int, *, now: datetime) -> CallView:
    """开始征集: everybody is told, a minute from now, so that it can be taken back."""
    cohort = cohort_of(session, speaker, cohort_id)
    beat, _ = _beat(session, cohort)
    if _is_open(session, cohort_id, now=now):
        raise ChangedMeanwhile
    found = next_call(beat, local_date(now, beat.zone))
    known = story_calls.on_day(session, cohort_id, found.opens_on)
    if known is not None:
        # One of the same day that was taken back: its name is taken, so it is opened again.
        known.state, known.version = OPEN, known.version + 1
        session.add(known)
        stored_schedule.reopen_all(session, kind=KIND, subject_id=known.id or 0, due_at=now + TAKE_BACK)
        call = known
    else:
        call, _ = _open(session, beat, found, due_at=now + TAKE_BACK, now=now)
    write_down(session, speaker, "open_call", call, now=now)
    return overview(session, speaker, cohort_id, now=now)


def cancel(
    session: Session, speaker: Speaker, cohort_id: int, *, mark: int, now: datetime
) -> CallView:
    """停止征集, or 撤回 within the minute: no session, and what waits is not sent."""
    call = to_change(session, speaker, cohort_id, mark=mark)
    call.state = CANCELLED
    call.version += 1
    session.add(call)
    session.flush()
    write_down(session, speaker, "cancel_call", call, now=now)
    return overview(session, speaker, cohort_id, now=now)


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


def change(
    session: Session,
    speaker: Speaker,
    cohort_id: int,
    which: str,
    day: date,
    hour: time | None,
    *,
    mark: int,
    now: datetime,
) -> CallView:
    """Move the closing day, the reading day or the session; those concerned are told once.

    Raises ShareDatesNotPossible where they would no longer follow one another.
    """
    call = to_change(session, speaker, cohort_id, mark=mark)
    zone = cohort_of(session, speaker, cohort_id).zone
    old = _dates_of(call, zone)
    found = ShareDates(
        old.opens_on,
        day if which == CLOSES else old.closes_on,
        day if which == REVIEW else old.review_by,
        day if which == SESSION else old.day,
    )
    if not found.is_in_order() or day < local_date(now, zone):
        raise ShareDatesNotPossible
    call.closes_on, call.review_by = found.closes_on, found.review_by
    if which == SESSION:
        clock = hour or call.starts_at.astimezone(_zone(zone)).time()
        call.starts_at = moment_at(day, clock, zone)
    call.version += 1
    session.add(call)
    session.flush()
    write_down(session, speaker, "move_call", call, now=now, which=which)
    _tell_dates(session, call, which, speaker.bot, now=now)
    return overview(session, speaker, cohort_id, now=now)
