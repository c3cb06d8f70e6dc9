"""The words that go out about stories: to authors, speakers, and whoever was not there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sqlmodel import Session

from curriculum.facts import FOLDABLE, Facts, NotWanted, Verdict
from curriculum.people import ZONE
from curriculum.rhythm import local_date, moment_at
from curriculum.second_thoughts import TAKE_BACK
from curriculum.story_texts import reach_of
from storage import deliveries, share_speakers, story_calls, story_lessons
from storage import stories as stored
from storage.cohorts import Cohort
from storage.deliveries import Claimed
from storage.people import Person
from storage.stories import Story
from storage.story_calls import Recipient, StoryCall

KIND = "story_word"
NOMINATED, RETURNED, SORTED, UNSORTED, APPROVED, CLOSING = (
    "nominated",
    "returned",
    "sorted",
    "unsorted",
    "approved",
    "closing",
)
SPEAKER, EVE, DATES, DIGEST = "speaker", "eve", "dates", "digest"
LESSON_ASKED, LESSON_AGREED, LESSON = "lesson_asked", "lesson_agreed", "lesson"
OF_LESSON = (LESSON_ASKED, LESSON_AGREED, LESSON)
OF_CALL = (DATES, DIGEST)
# What coordinators hear of a speaker: not this time, or after all.
UNABLE, ABLE = "unable", "able"
OF_SPEAKER = (UNABLE, ABLE)
# In which state of the story a word of its round still holds.
OF_A_ROUND = {
    NOMINATED: stored.NOMINATED,
    RETURNED: stored.RETURNED,
    SORTED: stored.RETURNED,
    UNSORTED: stored.SUBMITTED,
    APPROVED: stored.APPROVED,
}
# What needs no button can be a line of the next lesson.
AS_LINES = (APPROVED, CLOSING, EVE, DATES, DIGEST, LESSON)
# When a word about a coming day is due, in local time.
MORNING = time(9, 0)


def owe(
    session: Session,
    story: Story,
    what: str,
    person_id: int,
    *,
    at: datetime,
    now: datetime,
    mark: str = "",
) -> None:
    """Owe one person one word about a story; `mark` tells what it says from what it said before."""
    occasion = f"{what}:{story.id}:{mark or story.round}"
    share_speakers.owe_again(session, kind=KIND, occasion=occasion, due_at=at)
    deliveries.add(
        session,
        bot=story.bot,
        kind=KIND,
        occasion=occasion,
        recipient=person_id,
        person_id=person_id,
        cohort_id=story.cohort_id,
        subject_id=story.id,
        urgency=FOLDABLE,
        due_at=at,
        created_at=now,
    )


def owe_sorted(session: Session, story: Story, *, is_so: bool = True, now: datetime) -> None:
    """In a minute ask an author to look at what was made of her words, or tell her to wait."""
    what = SORTED if is_so else UNSORTED
    # In one round she may be asked, told to wait, and asked again.
    mark = f"{story.round}-{story.version}"
    owe(session, story, what, story.author_id, at=now + TAKE_BACK, now=now, mark=mark)


def owe_closing(session: Session, story: Story, call: StoryCall, *, now: datetime) -> None:
    """Remind the writer of a story the day before its call closes."""
    day = call.closes_on - timedelta(days=1)
    at = moment_at(day, MORNING, ZONE)
    if at > now:
        mark = call.closes_on.isoformat()
        owe(session, story, CLOSING, story.author_id, at=at, now=now, mark=mark)


def programme_mark(story: Story, call: StoryCall) -> str:
    """What a speaker was told: when, which place, how long."""
    return f"{call.starts_at.timestamp():.0f}-{story.position}-{story.minutes}"


def owe_speaker(session: Session, story: Story, call: StoryCall, *, now: datetime) -> None:
    """Tell a speaker her place in a minute, and remind her the day before."""
    at, mark = now + TAKE_BACK, programme_mark(story, call)
    owe(session, story, SPEAKER, story.author_id, at=at, now=now, mark=mark)
    day = local_date(call.starts_at, ZONE) - timedelta(days=1)
    at = moment_at(day, MORNING, ZONE)
    if at > now:
        owe(session, story, EVE, story.author_id, at=at, now=now, mark=mark)


def line(facts: Facts) -> Mapping[str, Any] | None:
    """What needs no button as a line of a lesson."""
    return facts.values if facts.values["what"] in AS_LINES else None


def facts(session: Session, claimed: Sequence[Claimed], *, now: datetime) -> dict[int, Verdict]:
    """What each claimed word says, or that it is not wanted any more; a few queries for a batch."""
    to = story_calls.recipients(session, [row.id for row in claimed], on=local_date(now, ZONE))
    of_stories = [row for row in claimed if _what(row) not in OF_CALL]
    stories = stored.of_ids(session, [row.subject_id or 0 for row in of_stories])
    ids = [story.call_id for story in stories.values() if story.call_id]
    ids += [row.subject_id for row in claimed if _what(row) in OF_CALL and row.subject_id]
    calls = story_calls.of_ids(session, ids)
    said = {row.id: _of_lesson(session, row) for row in claimed if _what(row) in OF_LESSON}
    said |= {row.id: _of_speaker(session, row) for row in claimed if _what(row) in OF_SPEAKER}
    return {
        row.id: _verdict(row, to.get(row.id), stories, calls, said.get(row.id), now=now)
        for row in claimed
    }


@dataclass(frozen=True, slots=True)
class Aside:
    """What a few words say besides: who asked, or whom it is of, or the lesson's number."""

    is_so: bool
    asker: str
    number: str


def _of_lesson(session: Session, row: Claimed) -> Aside:
    """How it stands with a story's lesson; such words are few, so each is asked for by itself."""
    what, mark = _what(row), row.occasion.split(":")[-1]
    standing = story_lessons.of_story(session, row.subject_id or 0)
    if standing is None:
        return Aside(is_so=False, asker="", number="")
    lesson = story_lessons.lesson_of(session, row.subject_id or 0)
    at = standing.asked_at if what == LESSON_ASKED else standing.answered_at
    if what == LESSON:
        is_so = lesson is not None and not lesson.is_withdrawn
    else:
        state = story_lessons.ASKED if what == LESSON_ASKED else story_lessons.AGREED
        is_so = standing.state == state and at is not None and mark == f"{at.timestamp():.0f}"
    return Aside(
        is_so=is_so,
        asker=session.get_one(Person, standing.asked_by).name,
        number=(lesson.code.lstrip("0") or lesson.code) if lesson is not None else "",
    )


def _of_speaker(session: Session, row: Claimed) -> Aside:
    """Whether a speaker's word stands: nothing became of her story since."""
    what, mark = _what(row), row.occasion.split(":")[-1]
    story = session.get(Story, row.subject_id)
    if story is None:
        return Aside(is_so=False, asker="", number="")
    return Aside(
        is_so=mark == str(story.version) and (story.position is None) == (what == UNABLE),
        asker=session.get_one(Person, story.author_id).name,
        number="",
    )


def _what(row: Claimed) -> str:
    return row.occasion.split(":", 1)[0]


def _verdict(
    row: Claimed,
    to: Recipient | None,
    stories: Mapping[int, Story],
    calls: Mapping[int, tuple[StoryCall, Cohort]],
    aside: Aside | None,
    *,
    now: datetime,
) -> Verdict:
    if to is None or not to.is_active:
        return NotWanted("left")
    if to.chat_id is None or not to.is_reachable:
        return NotWanted("unreachable")
    what, mark = _what(row), row.occasion.split(":")[-1]
    if what in OF_CALL:
        found = calls.get(row.subject_id or 0)
        wanted = found is not None and to.is_member and _is_call_word(what, mark, found[0])
        story = None
    else:
        story = stories.get(row.subject_id or 0)
        found = calls.get(story.call_id) if story is not None and story.call_id else None
        if story is not None and aside is not None:
            wanted = aside.is_so and story.state == stored.APPROVED
        else:
            wanted = story is not None and _is_story_word(
                row, story, found[0] if found else None, now=now
            )
    if not wanted:
        return NotWanted("story_changed")
    return Facts(
        kind=KIND,
        chat_id=to.chat_id,
        language=to.language,
        content_key=f"{KIND}/{row.id}/{row.occasion}",
        content_version=None,
        values=_values(what, story, found, aside),
    )


def _is_call_word(what: str, mark: str, call: StoryCall) -> bool:
    if what == DATES:
        return call.state == story_calls.OPEN and mark == str(call.version)
    return call.state == story_calls.HELD and call.digest_at is not None


def _is_story_word(
    row: Claimed,
    story: Story,
    call: StoryCall | None,
    *,
    now: datetime,
) -> bool:
    """Whether what a word says of a story still holds."""
    what, mark = _what(row), row.occasion.split(":")[-1]
    if what in OF_A_ROUND:
        return story.state == OF_A_ROUND[what] and mark.partition("-")[0] == str(story.round)
    if call is None or call.state != story_calls.OPEN:
        return False
    if what == CLOSING:
        return story.state in stored.WRITABLE and mark == call.closes_on.isoformat()
    is_told = story.position is not None and mark == programme_mark(story, call)
    return is_told and story.state == stored.APPROVED and call.starts_at > now


def _values(
    what: str,
    story: Story | None,
    found: tuple[StoryCall, Cohort] | None,
    aside: Aside | None,
) -> dict[str, Any]:
    call = found[0] if found else None
    return {
        "what": what,
        "story_id": story.id if story else None,
        "call_id": call.id if call else None,
        "position": story.position if story else None,
        "minutes": story.minutes if story else None,
        "closes_on": call.closes_on if call else None,
        "starts_at": call.starts_at if call else None,
        "place": call.place if call else "",
        "cohort": found[1].name if found else "",
        "cohort_id": found[1].id if found else None,
        "title": (story.parts or {}).get("title", "") if aside and story else "",
        "scope": reach_of(story.scope) if story else "",
        "asker": aside.asker if aside else "",
        "number": aside.number if aside else "",
    }
