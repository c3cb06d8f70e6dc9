"""每日一学, the daily lesson: who gets which, on which working day, and what answering is worth."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlmodel import Session

from curriculum import lessons, media, occasions, pack_ending, rounds
from curriculum.cohorts import TOGETHER
from curriculum.errors import NotThere
from curriculum.facts import FOLDABLE, Facts, NotWanted, Verdict
from curriculum.occasions import Beat, Occasion
from curriculum.people import ZONE
from curriculum.rhythm import local_date, working_days
from curriculum.rich_text import RichText
from storage import deliveries, essentials, owing, people
from storage import lesson_deliveries as owed
from storage import lessons as stored_lessons
from storage import schedule as stored_schedule
from storage.deliveries import Claimed, Delivery
from storage.lesson_deliveries import Addressee
from storage.lessons import LessonContent

KIND = "daily_lesson"
# A lesson outside the shared order: asked for, caught up on, or one that everybody must know.
ASKED = "asked_lesson"
KINDS = (KIND, ASKED)
# No rhythm is ever due in quiet hours, so a lesson that is was asked for just now.
IS_ASKED_FOR_AT_NIGHT = True
# What the occasion of a must holds: which lesson, and on which day it was owed.
MUST = ":must:"
# How long before the shared lesson a late joiner gets the one she missed.
ESSENTIAL_BEFORE = timedelta(minutes=30)


def dates(beat: Beat, since: date, until: date) -> list[date]:
    """The dates of this rhythm: every working day of the cohort."""
    return working_days(since, until, beat.calendar)


def plan(session: Session, occasion: Occasion, *, now: datetime) -> int:
    """Owe a working day's lesson to everyone in the cohort; returns how many rows were added.

    A cohort that learns together moves on only when somebody received the last lesson; where each
    goes at her own pace, each moves on when she received hers. So nothing due is lost when the
    bot, a phone or a person was away.
    """
    beat, day = occasion.beat, occasion.local_date
    lesson_id: int | None = None
    if beat.pace == TOGETHER:
        lesson_id = next_for_all(session, occasion)
        if lesson_id is None:
            return 0
    standing = _take_up(session, occasion, lesson_id, now=now)
    if standing.state == occasions.HELD:
        return 0
    lesson_id, added = standing.lesson_id, 0
    hours = owed.hours_of(session, beat.cohort_id)
    for hour in hours:
        due = beat.hour_on(hour, standing.moved_to)
        added += owing.owe_members(
            session,
            cohort_id=beat.cohort_id,
            pack_id=beat.pack_id,
            bot=beat.bot,
            kind=KIND,
            occasion=occasion.name,
            day=day,
            own_time=hour,
            lesson_id=lesson_id,
            urgency=FOLDABLE,
            due_at=beat.due_at(day, due),
            not_after=beat.not_after(day, due),
            now=now,
        )
    if beat.pace == TOGETHER:
        for hour in hours:
            added += _owe_essentials(session, occasion, hour, now=now)
        added += _owe_around(session, occasion, standing, now=now)
    return added


def _owe_around(
    session: Session, occasion: Occasion, standing: deliveries.Occasion, *, now: datetime
) -> int:
    """The work groups get the shared lesson; whoever coordinates hears that the pack ends."""
    beat, day = occasion.beat, occasion.local_date
    hour = beat.hour_on(None, standing.moved_to)
    due_at = beat.due_at(day, hour)
    added = owing.owe_groups(
        session,
        cohort_id=beat.cohort_id,
        bot=beat.bot,
        kind=KIND,
        occasion=occasion.name,
        lesson_id=standing.lesson_id,
        urgency=FOLDABLE,
        due_at=due_at,
        not_after=beat.not_after(day, hour),
        now=now,
    )
    if standing.lesson_id is not None:
        added += pack_ending.tell(session, occasion, standing.lesson_id, due_at=due_at, now=now)
    return added


def _owe_essentials(
    session: Session, occasion: Occasion, hour: time | None, *, now: datetime
) -> int:
    """必学: a late joiner gets what she missed, one a day, before her shared lesson."""
    beat, day = occasion.beat, occasion.local_date
    return essentials.owe_essentials(
        session,
        cohort_id=beat.cohort_id,
        pack_id=beat.pack_id,
        bot=beat.bot,
        kind=ASKED,
        study=KIND,
        mark=MUST,
        day=day,
        own_time=hour,
        urgency=FOLDABLE,
        due_at=beat.before(day, hour, by=ESSENTIAL_BEFORE),
        not_after=beat.not_after(day, hour),
        now=now,
    )


def _take_up(
    session: Session, occasion: Occasion, lesson_id: int | None, *, now: datetime
) -> deliveries.Occasion:
    """The date's row as a coordinator left it; one that is not held is planned from now on."""
    standing = stored_schedule.lock_occasion(
        session,
        kind=KIND,
        cohort_id=occasion.beat.cohort_id,
        local_date=occasion.local_date,
        now=now,
    )
    if standing.state != occasions.HELD:
        standing.state = occasions.PLANNED
        standing.lesson_id = standing.lesson_id or lesson_id
        session.add(standing)
        session.flush()
    return standing


def note_missed(session: Session, occasion: Occasion, *, state: str, now: datetime) -> None:
    """Keep a date that was merged or skipped where a coordinator can see it."""
    owed.add_occasion(
        session,
        kind=KIND,
        cohort_id=occasion.beat.cohort_id,
        local_date=occasion.local_date,
        state=state,
        lesson_id=None,
        now=now,
    )
    stored_schedule.settle_moved(
        session,
        kind=KIND,
        cohort_id=occasion.beat.cohort_id,
        local_date=occasion.local_date,
        state=state,
    )


def next_for_all(session: Session, occasion: Occasion) -> int | None:
    """The lesson of the day for a cohort that learns together; after the last one, a new round."""
    beat, day = occasion.beat, occasion.local_date
    last = owed.last_taught(session, kind=KIND, cohort_id=beat.cohort_id, before=day)
    if last is None:
        return owed.next_lesson(session, beat.pack_id, after=-1, on=day)
    was_received = deliveries.has_any(
        session,
        kind=KIND,
        occasion=Occasion(beat, last.local_date).name,
        statuses=(deliveries.SENT, deliveries.WAITING, deliveries.CLAIMED),
    )
    lesson = session.get_one(stored_lessons.Lesson, last.lesson_id)
    if lesson.pack_id != beat.pack_id:
        # A pack chosen since: from its first lesson.
        return owed.next_lesson(session, beat.pack_id, after=-1, on=day)
    # A withdrawn one stands at the place of whoever came before it, and is not given again.
    # So does one that was let pass after a restore: it may have arrived.
    is_passed_by = lesson.is_withdrawn or last.state == occasions.SKIPPED
    is_given_again = not was_received and not is_passed_by
    return owed.next_lesson(session, beat.pack_id, after=lesson.position - is_given_again, on=day)


def facts(session: Session, claimed: Sequence[Claimed], *, now: datetime) -> dict[int, Verdict]:
    """What each claimed delivery says, asked again at the moment of sending.

    Four queries for any number of them, five where a lesson comes for the second time.
    """
    addressees = owed.addressees(session, [row.id for row in claimed], on=local_date(now, ZONE))
    versions = {a.version_id for a in addressees.values() if a.version_id}
    contents = stored_lessons.contents(session, versions)
    again = rounds.reviews(
        session, KIND, [(row.occasion, row.subject_id) for row in claimed if row.kind == KIND]
    )
    return {row.id: _verdict(row, addressees.get(row.id), contents, again) for row in claimed}


def _verdict(
    row: Claimed,
    to: Addressee | None,
    contents: dict[tuple[int, str], LessonContent],
    again: set[str],
) -> Verdict:
    """Whether one delivery is still wanted, and its facts."""
    if to is None or to.version_id is None:
        return NotWanted("lesson_withdrawn")
    refusal = _refusal(row, to)
    if refusal is not None or to.chat_id is None:
        return NotWanted(refusal or "unreachable")
    content = lessons.for_reader(contents, to.version_id, to.content_language)
    if content is None:
        return NotWanted("lesson_withdrawn")
    is_group = row.group_id is not None
    return Facts(
        kind=row.kind,
        chat_id=to.chat_id,
        language=to.language,
        content_key=f"{row.kind}/{content.version_id}/{content.status}/{content.language}/{row.occasion}/{is_group}",
        content_version=content.version_id,
        values=lesson_values(
            content,
            occasion=row.occasion,
            is_group=is_group,
            is_asked=row.kind == ASKED,
            is_review=row.occasion in again,
        ),
    )


def _refusal(row: Claimed, to: Addressee) -> str | None:
    """Why a lesson may not go to its reader, or None."""
    if not to.is_member:
        return "left"
    if to.is_away and (row.kind == KIND or MUST in row.occasion):
        return "paused"
    return None if to.is_reachable else "unreachable"


def lesson_values(
    content: LessonContent,
    *,
    occasion: str,
    is_group: bool = False,
    is_asked: bool = False,
    is_review: bool = False,
) -> dict[str, Any]:
    """A lesson's content as template values; the body is text with entities, ready to splice."""
    return {
        # The same key, the same words: they are put together once.
        "key": (content.version_id, content.status, content.language),
        "number": content.code.lstrip("0"),
        "title": content.title,
        "body": RichText.from_json(content.body),
        "minutes": content.minutes,
        "is_draft": content.status == "draft",
        "is_group": is_group,
        "is_asked": is_asked,
        "is_review": is_review,
        "is_must": MUST in occasion,
        "occasion": occasion,
        "question": content.question,
        "media": media.offers(content),
        # The notices that are folded into it, added when it is claimed.
        "footers": (),
    }


def values_sent(session: Session, delivery: Delivery) -> dict[str, Any]:
    """The values of a lesson as this delivery brought it to a person."""
    return values_of_content(
        session,
        content_of(session, delivery),
        kind=delivery.kind,
        occasion=delivery.occasion,
        lesson_id=delivery.subject_id,
    )


def values_of_content(
    session: Session, content: LessonContent, *, kind: str, occasion: str, lesson_id: int | None
) -> dict[str, Any]:
    """The values of a lesson whose content is at hand, as a delivery of it brought it."""
    is_asked = kind == ASKED
    given = [] if is_asked else [(occasion, lesson_id)]
    return lesson_values(
        content,
        occasion=occasion,
        is_asked=is_asked,
        is_review=bool(rounds.reviews(session, KIND, given)),
    )


def content_of(session: Session, delivery: Delivery) -> LessonContent:
    """The version this delivery was sent with, in the language of its reader."""
    version_id = delivery.content_version or 0
    contents = stored_lessons.contents(session, {version_id})
    reader = session.get_one(people.Person, delivery.person_id)
    content = lessons.for_reader(contents, version_id, reader.content_language)
    if content is None:
        raise NotThere
    return content
