"""暂停: rests from learning, with dates or open, set by herself or a coordinator; no reasons.

An absence stops lessons, nudges and denominators; what a person asks for herself still comes.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlmodel import Session

from curriculum import catch_up, cohorts, daily_lesson
from curriculum.facts import FOLDABLE
from curriculum.occasions import Beat
from curriculum.people import ZONE, Speaker
from curriculum.people_errors import AbsenceNotClear, NotAway
from curriculum.rhythm import local_date, next_working_day
from storage import absences, audit, deliveries, lesson_requests, staffing
from storage import cohorts as stored_cohorts
from storage.absences import Absence
from storage.lesson_requests import Owed

LONGEST = timedelta(days=366)
WELCOME = "welcome_back"
# A little before the day's lesson, so that it is read first.
BEFORE_LESSON = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Away:
    """A pause as shown: `last` day away and first day `back`, both None while it is open."""

    since: date
    last: date | None
    back: date | None


@dataclass(frozen=True, slots=True)
class Return:
    """What 欢迎回来 says: three lessons to catch up on, how many more, where the others are."""

    chosen: tuple[Owed, ...]
    behind: int
    place: int | None
    whole: int | None


def present(session: Session, speaker: Speaker, *, now: datetime) -> Away | None:
    """The pause she is in, or the next one."""
    found = absences.present_or_coming(session, speaker.person_id, on=local_date(now, ZONE))
    return _shown(found) if found else None


def _shown(absence: Absence) -> Away:
    last = absence.until - timedelta(days=1) if absence.until else None
    return Away(absence.since, last, absence.until)


def pause(
    session: Session, speaker: Speaker, *, since: date, back: date | None, now: datetime
) -> Away:
    """She rests from `since` until `back`, her first day again (None: until she says so).

    Raises AbsenceNotClear for dates that are past, in the wrong order or further than a year away.
    """
    absence = set_pause(
        session,
        speaker.person_id,
        bot=speaker.bot,
        since=since,
        back=back,
        set_by=speaker.person_id,
        now=now,
    )
    return _shown(absence)


def set_pause(
    session: Session,
    person_id: int,
    *,
    bot: int,
    since: date,
    back: date | None,
    set_by: int,
    now: datetime,
) -> Absence:
    """A pause by the person or by whoever may set it for her; the caller has asked whether.

    A pause she is in, or the next one, is changed rather than doubled. Raises AbsenceNotClear.
    """
    today = local_date(now, ZONE)
    if since < today or since > today + LONGEST:
        raise AbsenceNotClear
    if back is not None and not since < back <= since + LONGEST:
        raise AbsenceNotClear
    standing = _locked(session, person_id, today=today)
    if standing is not None and standing.since <= today:
        since = standing.since
    absence = standing or Absence(person_id=person_id, since=since, set_by=set_by, set_at=now)
    absence.since, absence.until, absence.set_by, absence.set_at = since, back, set_by, now
    session.add(absence)
    session.flush()
    _write_down(session, "pause", person_id, actor_id=set_by, now=now)
    if back is not None:
        _owe_welcome(session, person_id, absence, back, bot=bot, now=now)
    return absence


def resume(session: Session, speaker: Speaker, *, now: datetime) -> Return:
    """She is back today; NotAway when there is no pause."""
    end_pause(session, speaker.person_id, ended_by=speaker.person_id, now=now)
    return welcome(session, speaker, now=now)


def end_pause(session: Session, person_id: int, *, ended_by: int, now: datetime) -> Absence:
    """End a pause today; one that had not begun is taken back. NotAway when there is none."""
    today = local_date(now, ZONE)
    absence = _locked(session, person_id, today=today)
    if absence is None:
        raise NotAway
    # One that had not begun covers no day at all.
    absence.until = max(absence.since, today)
    absence.ended_at = now
    session.add(absence)
    session.flush()
    _write_down(session, "resume", person_id, actor_id=ended_by, now=now)
    return absence


def _locked(session: Session, person_id: int, *, today: date) -> Absence | None:
    """Her pause, present or next, which two who change it at once change one after the other."""
    staffing.locked_person(session, person_id)
    return absences.present_or_coming(session, person_id, on=today)


def _write_down(
    session: Session, action: str, person_id: int, *, actor_id: int, now: datetime
) -> None:
    audit.add(
        session,
        at=now,
        actor_id=actor_id,
        action=action,
        object_kind="person",
        object_id=person_id,
    )


def welcome(session: Session, speaker: Speaker, *, now: datetime) -> Return:
    """What waits for somebody who is back: never a pile, three lessons at most."""
    waiting = catch_up.waiting(session, speaker, now=now)
    place = whole = None
    for _, cohort in stored_cohorts.cohorts_of(session, speaker.person_id):
        if cohort.pace == cohorts.TOGETHER:
            place, whole = lesson_requests.place_in_pack(session, cohort_id=cohort.id or 0) or (
                None,
                None,
            )
            break
    chosen = tuple(waiting[: catch_up.CHOSEN])
    return Return(chosen, max(0, len(waiting) - len(chosen)), place, whole)


def _owe_welcome(
    session: Session, person_id: int, absence: Absence, back: date, *, bot: int, now: datetime
) -> None:
    """欢迎回来 on the first working day back, just before the lesson."""
    beat = beat_for(session, person_id, bot=bot)
    if beat is None:
        return
    day = back if beat.calendar.is_working(back) else next_working_day(back, beat.calendar)
    deliveries.add(
        session,
        bot=bot,
        kind=WELCOME,
        occasion=f"{absence.id}:{back.isoformat()}",
        recipient=person_id,
        person_id=person_id,
        cohort_id=beat.cohort_id,
        subject_id=absence.id,
        urgency=FOLDABLE,
        due_at=beat.before(day, None, by=BEFORE_LESSON),
        not_after=beat.not_after(day),
        created_at=now,
    )


def beat_for(session: Session, person_id: int, *, bot: int) -> Beat | None:
    """The beat of the lessons somebody rests from, at her own hour; None for no cohort."""
    for member, cohort in stored_cohorts.cohorts_of(session, person_id):
        beat = cohorts.beat_of(session, cohort, kind=daily_lesson.KIND)
        if beat is not None and cohort.bot == bot:
            return replace(beat, time_of_day=member.own_time or beat.time_of_day)
    return None
