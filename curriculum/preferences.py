"""What a person decides for herself: the hour her lesson comes, the languages she reads."""

from dataclasses import dataclass
from datetime import datetime, time

from sqlmodel import Session

from curriculum import cohorts, daily_lesson
from curriculum.errors import NotThere
from curriculum.occasions import Occasion
from curriculum.people import Speaker
from curriculum.people_errors import HourInQuiet
from curriculum.rhythm import local_date
from storage import cohorts as stored_cohorts
from storage import deliveries
from storage import lesson_deliveries as owed
from storage.people import Person

LANGUAGES = ("zh", "en")
CONTENT_LANGUAGES = ("zh", "bo", "both")


@dataclass(frozen=True, slots=True)
class OwnHour:
    """When a person's lesson comes: her own hour, or None for the cohort's, which is `shared`."""

    own: time | None
    shared: time


def own_hour(session: Session, speaker: Speaker) -> OwnHour:
    """When her lesson comes; NotThere for somebody who learns in no cohort."""
    for member, cohort in stored_cohorts.cohorts_of(session, speaker.person_id):
        beat = cohorts.beat_of(session, cohort, kind=daily_lesson.KIND)
        if beat is not None and cohort.bot == speaker.bot:
            return OwnHour(member.own_time, beat.time_of_day)
    raise NotThere


def set_own_hour(
    session: Session, speaker: Speaker, *, hour: time | None, now: datetime
) -> OwnHour:
    """Take her own hour in every cohort (None: the cohort's), today's waiting lesson included.

    Raises HourInQuiet where an hour lies in a cohort's quiet hours.
    """
    for member, cohort in stored_cohorts.cohorts_of(session, speaker.person_id):
        beat = cohorts.beat_of(session, cohort, kind=daily_lesson.KIND)
        if beat is None or cohort.bot != speaker.bot:
            continue
        today = local_date(now, beat.zone)
        if hour is not None and beat.is_quiet(beat.due_at(today, hour)):
            raise HourInQuiet(
                quiet_from=f"{beat.quiet_from:%H:%M}", quiet_to=f"{beat.quiet_to:%H:%M}"
            )
        member.own_time = hour
        session.add(member)
        # A date that was moved stays moved: nobody gets it before that hour.
        standing = owed.occasion_on(
            session, kind=daily_lesson.KIND, cohort_id=beat.cohort_id, local_date=today
        )
        due = beat.hour_on(hour, standing.moved_to if standing else None)
        # An hour that is past already brings it at once; the late rule still counts from it.
        deliveries.redue(
            session,
            where={
                "kind": daily_lesson.KIND,
                "occasion": Occasion(beat, today).name,
                "person_id": speaker.person_id,
            },
            due_at=beat.due_at(today, due),
            not_after=beat.not_after(today, due),
        )
    session.flush()
    return own_hour(session, speaker)


def languages(session: Session, speaker: Speaker) -> tuple[str, str]:
    """The languages of her interface and of her lessons."""
    person = session.get_one(Person, speaker.person_id)
    return person.language, person.content_language


def set_languages(session: Session, speaker: Speaker, *, language: str, content: str) -> None:
    """From now on; NotThere for a language there is none of."""
    if language not in LANGUAGES or content not in CONTENT_LANGUAGES:
        raise NotThere
    person = session.get_one(Person, speaker.person_id)
    person.language, person.content_language = language, content
    session.add(person)
