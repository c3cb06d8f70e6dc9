"""Stories from practice: written part by part, kept sealed, handed in, or refused.

Every change names the version it was made on, so that of two made at once the second is refused.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlmodel import Session

from curriculum import story_words
from curriculum.errors import ChangedMeanwhile, NotThere
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.story_errors import StoryFileNotTaken, StoryNotWhole
from curriculum.story_texts import (
    COHORT,
    COUNTY,
    SCOPES,
    FileLine,
    StoryView,
    seal,
    texts_of,
    usable,
    view,
)
from storage import audit, people, story_calls, story_people, story_reviews, story_sources
from storage import stories as stored
from storage import units as stored_units
from storage.people import Unit
from storage.sealed import NoteKey
from storage.stories import (
    APPROVED,
    DECLINED,
    DRAFT,
    NOMINATED,
    SUBMITTED,
    WRITABLE,
    Story,
    StoryFile,
)

FILES, FILE_BYTES = 5, 10 * 1024 * 1024


def note(session: Session, story: Story, speaker: Speaker, action: str, now: datetime) -> None:
    """Count the change and write it to the audit trail: ids and codes only."""
    story.version += 1
    story.updated_at = now
    session.add(story)
    session.flush()
    audit.add(
        session,
        at=now,
        actor_id=speaker.person_id,
        action=action,
        object_kind="story",
        object_id=story.id,
        state=story.state,
    )


def begin(session: Session, speaker: Speaker, *, note_key: NoteKey, now: datetime) -> int:
    """The id of the story she is writing, or of a new one for the call that stands open."""
    speaker.require("share_story")
    writing = stored.of_author(session, speaker.person_id, bot=speaker.bot, states=(DRAFT,))
    if writing:
        return writing[0].id or 0
    return create(session, speaker, speaker.person_id, {}, note_key=note_key, now=now).id or 0


def create(
    session: Session,
    speaker: Speaker,
    author_id: int,
    texts: Mapping[str, str],
    *,
    note_key: NoteKey,
    now: datetime,
) -> Story:
    """Store a draft for somebody, within the call that takes stories of her cohort today."""
    cohort_ids = story_people.cohort_ids_of(session, author_id, bot=speaker.bot)
    call = story_calls.taking(session, cohort_ids, on=local_date(now, ZONE))
    unit = people.unit_of(session, author_id)
    is_hers = author_id == speaker.person_id
    story = Story(
        bot=speaker.bot,
        author_id=author_id,
        unit_id=unit.id if unit else None,
        cohort_id=call.cohort_id if call else next(iter(cohort_ids), None),
        call_id=call.id if call else None,
        nominated_by=None if is_hers else speaker.person_id,
        state=DRAFT if is_hers else NOMINATED,
        version=0,
        created_at=now,
        updated_at=now,
    )
    session.add(story)
    session.flush()
    seal(story, texts, note_key)
    note(session, story, speaker, "begin_story" if is_hers else "nominate_story", now)
    if call is not None:
        story_words.owe_closing(session, story, call, now=now)
    return story


def own(session: Session, speaker: Speaker, *, note_key: NoteKey) -> list[StoryView]:
    """Her own stories that are not gone, the last changed first."""
    states = (*WRITABLE, SUBMITTED, APPROVED, stored.WITHDRAWN)
    rows = stored.of_author(session, speaker.person_id, bot=speaker.bot, states=states)
    return [view(session, story, speaker, note_key) for story in rows]


def one(session: Session, speaker: Speaker, story_id: int, *, note_key: NoteKey) -> StoryView:
    """A story of hers; raises NotThere."""
    story = session.get(Story, story_id)
    if story is None or story.author_id != speaker.person_id or story.bot != speaker.bot:
        raise NotThere
    if story.state == DECLINED:
        raise NotThere
    return view(session, story, speaker, note_key)


def to_change(
    session: Session,
    speaker: Speaker,
    story_id: int,
    *,
    version: int | None,
    states: Sequence[str] = WRITABLE,
) -> Story:
    """A story of hers, locked; raises NotThere, ChangedMeanwhile when it is another by now."""
    story = stored.locked(session, story_id)
    if story is None or story.author_id != speaker.person_id or story.bot != speaker.bot:
        raise NotThere
    if story.state not in states or (version is not None and story.version != version):
        raise ChangedMeanwhile
    return story


def save_part(
    session: Session,
    speaker: Speaker,
    story_id: int,
    part: str,
    text: str,
    *,
    version: int,
    note_key: NoteKey,
    now: datetime,
) -> StoryView:
    """Keep one part at once, so that nothing is lost; gives the story as it stands."""
    story = to_change(session, speaker, story_id, version=version)
    seal(story, texts_of(story, note_key) | {part: usable(part, text)}, note_key)
    if story.state == NOMINATED:
        story.state = DRAFT
    note(session, story, speaker, "write_story", now)
    return view(session, story, speaker, note_key)


def add_file(
    session: Session,
    speaker: Speaker,
    story_id: int,
    file: FileLine,
    *,
    note_key: NoteKey,
    now: datetime,
) -> StoryView:
    """Lay a picture, document or voice beside a story; raises StoryFileNotTaken."""
    story = to_change(session, speaker, story_id, version=None)
    if file.size > FILE_BYTES or len(stored.files_of(session, story_id)) >= FILES:
        raise StoryFileNotTaken(count=FILES, limit=FILE_BYTES // 1024 // 1024)
    session.add(
        StoryFile(
            story_id=story_id, kind=file.kind, file_id=file.file_id, size=file.size, added_at=now
        )
    )
    note(session, story, speaker, "add_story_file", now)
    return view(session, story, speaker, note_key)


def drop_files(
    session: Session, speaker: Speaker, story_id: int, *, note_key: NoteKey, now: datetime
) -> StoryView:
    """Take away everything that lies beside a story."""
    story = to_change(session, speaker, story_id, version=None)
    stored.drop_files(session, story_id)
    note(session, story, speaker, "drop_story_files", now)
    return view(session, story, speaker, note_key)


def hand_in(
    session: Session,
    speaker: Speaker,
    story_id: int,
    *,
    scope: str,
    may_become_lesson: bool,
    version: int,
    note_key: NoteKey,
    now: datetime,
) -> StoryView:
    """Give a story to the reviewers with the consent she chose; raises StoryNotWhole.

    One that comes after the call's last day goes into the library only, not into the session.
    """
    story = to_change(session, speaker, story_id, version=version)
    if scope not in SCOPES:
        raise NotThere
    if not view(session, story, speaker, note_key).can_be_handed_in:
        raise StoryNotWhole
    call = story_calls.call_of(session, story.call_id)
    if call is not None and not story.round and call.closes_on < local_date(now, ZONE):
        story.call_id = None
    story.scope, story.scope_path = scope, scope_path(session, story, scope)
    story.may_become_lesson = may_become_lesson
    story.state, story.is_sorted = SUBMITTED, False
    story.round += 1
    story.submitted_at = story.submitted_at or now
    note(session, story, speaker, "hand_in_story", now)
    return view(session, story, speaker, note_key)


def scope_path(session: Session, story: Story, scope: str) -> str:
    """The unit under which a story may be read; "" for its cohort alone."""
    unit = session.get(Unit, story.unit_id) if story.unit_id else None
    if unit is None or (scope == COHORT and story.cohort_id):
        return ""
    above = stored_units.with_those_above(session, unit.path)
    if scope == COHORT:
        return unit.path
    if scope == COUNTY:
        return next((u.path for u in above if u.level == "county_centre"), unit.path)
    return min((u.path for u in above), key=len)


def decline(session: Session, speaker: Speaker, story_id: int, *, now: datetime) -> None:
    """不用了: what was not handed in goes, words and files with it."""
    story = to_change(session, speaker, story_id, version=None)
    clear(session, story, DECLINED)
    if story.nominated_by is None:
        # What she began herself she may begin anew; a no to somebody else holds.
        story_sources.release(session, story_id)
    note(session, story, speaker, "decline_story", now)


def clear(session: Session, story: Story, state: str) -> None:
    """Forget everything a story says; that there was one stays."""
    story.state = state
    story.sealed, story.parts, story.search_text = None, None, ""
    stored.drop_files(session, story.id or 0)
    stored.set_tags(session, story.id or 0, ())
    story_reviews.drop(session, story.id or 0)
