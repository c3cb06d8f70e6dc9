"""Everybody's acts on stories at one noon, for the tests of their rules."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import select

from curriculum import stories, story_library, story_reviews
from curriculum.people import Speaker
from curriculum.story_texts import PARTS, StoryView
from storage.engine import Database
from storage.sealed import NoteKey
from storage.stories import Story
from tests.curriculum.centre import Centre

NOON = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
LATER = NOON + timedelta(days=1)


class Desk:
    """Everybody's acts on stories, at noon."""

    def __init__(self, database: Database, centre: Centre, note_key: NoteKey) -> None:
        self.database = database
        self.centre = centre
        self.key = note_key

    def write(self, fn: Callable[..., Any], *args: Any, **wishes: Any) -> Any:
        """Run one act."""
        given: dict[str, Any] = {"note_key": self.key, "now": NOON} | wishes
        return self.database.write_now(fn, *args, **given)

    def read(self, fn: Callable[..., Any], *args: Any) -> Any:
        """Run one query that opens sealed text."""
        return self.database.read_now(fn, *args, note_key=self.key)

    def whole(self, author: Speaker, title: str = "先听后说") -> StoryView:
        """A story with all its parts."""
        story_id = self.write(stories.begin, author)
        view = self.read(stories.one, author, story_id)
        for part in ("title", *PARTS):
            text = title if part == "title" else f"{part}：请同村的人一起入户"
            view = self.write(stories.save_part, author, story_id, part, text, version=view.version)
        assert isinstance(view, StoryView)
        return view

    def handed_in(self, author: Speaker, scope: str = "county", **wishes: Any) -> StoryView:
        """One that waits for its reviewers."""
        view = self.whole(author)
        found = self.write(
            stories.hand_in,
            author,
            view.story_id,
            scope=scope,
            may_become_lesson=False,
            version=view.version,
            **wishes,
        )
        assert isinstance(found, StoryView)
        return found

    def approve(self, reviewer: Speaker, story_id: int) -> int:
        """Her approval of it as it stands."""
        view = self.read(story_reviews.one, reviewer, story_id)
        count = self.write(story_reviews.approve, reviewer, story_id, version=view.version)
        assert isinstance(count, int)
        return count

    def published(self, author: Speaker, scope: str = "county") -> int:
        """One that is in the library."""
        story_id = self.handed_in(author, scope).story_id
        for reviewer in (self.centre.supervisor, self.centre.coordinator):
            self.approve(reviewer, story_id)
        return story_id

    def titles(self, reader: Speaker, words: str = "") -> list[str]:
        """What a reader finds."""
        shelf = self.database.read_now(story_library.shelf, reader, words=words)
        return [line.title for line in shelf.lines]

    def row(self) -> Story:
        """The only story."""
        return self.database.read_now(lambda session: session.exec(select(Story)).one())
