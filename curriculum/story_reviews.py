"""Two people read a story before others do: the list, the words back, the approval."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from curriculum import story_words
from curriculum.clean_text import clean
from curriculum.directory import folded, page_of
from curriculum.errors import ChangedMeanwhile, NotThere
from curriculum.people import Speaker
from curriculum.second_thoughts import UNDO
from curriculum.stories import note
from curriculum.story_consent import publish
from curriculum.story_errors import StoryNotWhole, StoryTagsNotUsable, StoryTextNotUsable
from curriculum.story_texts import PARTS, TITLE, WHOLE, StoryView, seal, texts_of, usable, view
from storage import stories as stored
from storage import story_calls, story_reviews
from storage.people import Unit
from storage.sealed import NoteKey
from storage.stories import APPROVED, RETURNED, SUBMITTED, Story
from storage.story_reviews import APPROVES, COMMENTS, SORTS, StoryReview

# So many people have to agree.
APPROVALS = 2
PAGE = 6
COMMENT_LIMIT = 400
TAGS, TAG_LIMIT = 5, 8
# How long a speaker has in the programme before a coordinator says otherwise.
MINUTES = 15


@dataclass(frozen=True, slots=True)
class Waiting:
    """A story in a reviewer's list; `approvals` are those it has in this round."""

    story_id: int
    author: str
    handed_in_at: datetime
    approvals: int


@dataclass(frozen=True, slots=True)
class Queue:
    """One page of what waits for a reviewer, counted from 0."""

    lines: tuple[Waiting, ...]
    page: int
    pages: int
    count: int


def queue(session: Session, speaker: Speaker, *, page: int = 0) -> Queue:
    """What waits for her word, oldest first; raises NotThere for who may not review."""
    speaker.require("review_stories")
    rows = story_reviews.for_review(
        session,
        bot=speaker.bot,
        reviewer_id=speaker.person_id,
        reach=speaker.reach("review_stories"),
    )
    page, pages = page_of(len(rows), page)
    shown = rows[page * PAGE : (page + 1) * PAGE]
    lines = tuple(
        Waiting(story.id or 0, name, story.submitted_at or story.updated_at, approvals)
        for story, name, approvals in shown
    )
    return Queue(lines, page, pages, len(rows))


def one(session: Session, speaker: Speaker, story_id: int, *, note_key: NoteKey) -> StoryView:
    """A story that waits for her word; raises NotThere, ChangedMeanwhile when it no longer does."""
    story = _hers(session, speaker, session.get(Story, story_id))
    return view(session, story, speaker, note_key)


def _hers(session: Session, speaker: Speaker, story: Story | None) -> Story:
    unit = session.get(Unit, story.unit_id) if story is not None and story.unit_id else None
    if story is None or unit is None or story.bot != speaker.bot:
        raise NotThere
    speaker.require("review_stories", unit_path=unit.path)
    # What was never handed in is its author's alone, and looks like what is not there.
    if story.author_id == speaker.person_id or not story.round:
        raise NotThere
    if story.state != SUBMITTED:
        raise ChangedMeanwhile
    return story


def _to_review(session: Session, speaker: Speaker, story_id: int, version: int) -> Story:
    story = _hers(session, speaker, stored.locked(session, story_id))
    if story.version != version:
        raise ChangedMeanwhile
    return story


def _write(
    session: Session, story: Story, speaker: Speaker, verdict: str, now: datetime
) -> StoryReview:
    """Her word on this round; one person's second word is refused."""
    known = story_reviews.reviews_of(session, story.id or 0, of_round=story.round)
    if any(row.reviewer_id == speaker.person_id for row in known):
        raise ChangedMeanwhile
    row = StoryReview(
        story_id=story.id or 0,
        reviewer_id=speaker.person_id,
        round=story.round,
        verdict=verdict,
        reviewed_at=now,
    )
    session.add(row)
    session.flush()
    return row


def approve(
    session: Session,
    speaker: Speaker,
    story_id: int,
    *,
    version: int,
    note_key: NoteKey,
    now: datetime,
) -> int:
    """Agree to a story; gives how many have. With two it is in the library and the programme.

    Raises StoryNotWhole while its five parts are not there: sort it first, or ask her.
    """
    story = _to_review(session, speaker, story_id, version)
    is_whole = all(texts_of(story, note_key).get(part) for part in (TITLE, *PARTS))
    # What a reviewer sorted is the author's only once she has agreed to it.
    if not is_whole or story.is_sorted:
        raise StoryNotWhole
    _write(session, story, speaker, APPROVES, now)
    reviews = story_reviews.reviews_of(session, story_id, of_round=story.round)
    approvals = sum(row.verdict == APPROVES for row in reviews)
    if approvals >= APPROVALS:
        _settle(session, story, note_key, now=now)
    note(session, story, speaker, "approve_story", now)
    return approvals


def _settle(session: Session, story: Story, note_key: NoteKey, *, now: datetime) -> None:
    publish(session, story, note_key)
    story.approved_at = now
    call = story_calls.locked(session, story.call_id) if story.call_id else None
    if call is not None and call.state == story_calls.OPEN and call.starts_at > now:
        known = stored.of_call(session, call.id or 0, states=(APPROVED,))
        story.position = 1 + max((other.position or 0 for other, _ in known), default=0)
        story.minutes = MINUTES
    # Not before it can no longer be undone: to unsay a welcome would be worse than to wait.
    at = now + UNDO
    story_words.owe(session, story, story_words.APPROVED, story.author_id, at=at, now=now)


def usable_comment(written: str) -> str:
    """A word to the author as it is kept; raises StoryTextNotUsable."""
    text = clean(written).strip()
    if not 1 <= len(text) <= COMMENT_LIMIT:
        raise StoryTextNotUsable(limit=COMMENT_LIMIT, length=len(text))
    return text


def comment(
    session: Session,
    speaker: Speaker,
    story_id: int,
    words: str,
    *,
    version: int,
    note_key: NoteKey,
    now: datetime,
) -> None:
    """Give a story back to its author with a word only she reads."""
    story = _to_review(session, speaker, story_id, version)
    row = _write(session, story, speaker, COMMENTS, now)
    row.sealed = note_key.seal(usable_comment(words), about=f"story_review:{row.id}")
    session.add(row)
    story.state = RETURNED
    note(session, story, speaker, "return_story", now)
    at = now + UNDO
    story_words.owe(session, story, story_words.RETURNED, story.author_id, at=at, now=now)


def sort_part(
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
    """Put one of the five parts, or the title, in place for an author who told it all at once."""
    story = _to_review(session, speaker, story_id, version)
    texts = texts_of(story, note_key)
    has_voice = any(file.kind == "voice" for file in stored.files_of(session, story_id))
    if not texts.get(WHOLE) and not has_voice:
        raise NotThere
    seal(story, texts | {part: usable(part, text)}, note_key)
    story.is_sorted = True
    note(session, story, speaker, "sort_story", now)
    return view(session, story, speaker, note_key)


def hand_back_sorted(
    session: Session,
    speaker: Speaker,
    story_id: int,
    *,
    version: int,
    note_key: NoteKey,
    now: datetime,
) -> None:
    """Show the author, a minute from now, what was made of her words: she agrees or changes them.

    It can be taken back for ten minutes, as a word to her can.
    """
    story = _to_review(session, speaker, story_id, version)
    if not story.is_sorted or view(session, story, speaker, note_key).missing:
        raise StoryNotWhole
    _write(session, story, speaker, SORTS, now)
    story.state = RETURNED
    note(session, story, speaker, "hand_back_story", now)
    story_words.owe_sorted(session, story, now=now)


def usable_tags(written: str) -> list[str]:
    """Tags as they are kept, each once; raises StoryTagsNotUsable."""
    tags = [*dict.fromkeys(folded(clean(written)).replace("、", " ").replace("，", " ").split())]
    tags = [tag.lstrip("#") for tag in tags]
    if not 1 <= len(tags) <= TAGS or any(not 1 <= len(tag) <= TAG_LIMIT for tag in tags):
        raise StoryTagsNotUsable(count=TAGS, limit=TAG_LIMIT)
    return tags


def tag(
    session: Session,
    speaker: Speaker,
    story_id: int,
    written: str,
    *,
    now: datetime,
) -> None:
    """Say by which words a story is found: whoever may review it, before or after."""
    story = stored.locked(session, story_id)
    unit = session.get(Unit, story.unit_id) if story is not None and story.unit_id else None
    if story is None or unit is None or story.state not in (SUBMITTED, APPROVED):
        raise NotThere
    speaker.require("review_stories", unit_path=unit.path)
    stored.set_tags(session, story_id, usable_tags(written))
    note(session, story, speaker, "tag_story", now)
