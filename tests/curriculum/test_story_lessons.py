"""A story becomes a lesson only if its author agrees, and she hears its number once."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, select

from curriculum import lessons, stories, story_consent, story_lessons, story_library, story_words
from curriculum.errors import ChangedMeanwhile, NotThere, UndoTooLate
from curriculum.facts import Facts
from curriculum.lesson_pack import read_pack
from curriculum.people import Speaker
from storage.lessons import Lesson
from storage.stories import Story
from tests.county import LESSON
from tests.curriculum.outbox import Outbox
from tests.curriculum.story_desk import LATER, NOON, Desk

MINUTES = timedelta(minutes=1)


def _story(desk: Desk, *, scope: str = "county", may_become_lesson: bool = True) -> int:
    """An approved story of the first learner's."""
    author = desk.centre.county.learners[0]
    view = desk.whole(author)
    desk.write(
        stories.hand_in,
        author,
        view.story_id,
        scope=scope,
        may_become_lesson=may_become_lesson,
        version=view.version,
    )
    for reviewer in (desk.centre.supervisor, desk.centre.coordinator):
        desk.approve(reviewer, view.story_id)
    return view.story_id


def _ask(desk: Desk, story_id: int, by: Speaker, now: datetime = NOON) -> Any:
    return desk.write(story_lessons.ask, by, story_id, now=now)


def _answer(desk: Desk, story_id: int, *, agrees: bool, now: datetime = NOON) -> None:
    author = desk.centre.county.learners[0]
    desk.database.write_now(story_lessons.answer, author, story_id, agrees=agrees, now=now)


def _words(desk: Desk, at: datetime) -> list[tuple[int, str]]:
    """(chat, what) of every word about lessons that is due and wanted; none was sent."""
    found = Outbox(desk.database).ask(at, kinds=[story_words.KIND])
    told = [(v.chat_id, v.values["what"]) for v in found if isinstance(v, Facts)]
    return [(chat, what) for chat, what in told if what in story_words.OF_LESSON]


def _import(
    desk: Desk, folder: Path, *, mark: str, status: str, code: str = "073", now: datetime = LATER
) -> list[Lesson]:
    """Import a pack whose only lesson says that it came from a story; gives what is stored."""
    pack = folder / f"{status}{code}"
    pack.mkdir(exist_ok=True)
    head = 'code = "local"\ntitle = "本地"\nversion = "1"\n[[modules]]\ncode = "M1"\ntitle = "一"\n'
    (pack / "pack.toml").write_text(head, encoding="utf-8")
    reviewer = "null" if status == "draft" else "央金"
    lesson = LESSON.format(code=code, minutes=5, reviewed_by=reviewer, status=status, body="正文。")
    written = lesson.replace("---\n", f"---\nstory: {mark}\n", 1)
    (pack / f"{code}.zh.md").write_text(written, encoding="utf-8")
    desk.database.write_now(lessons.import_pack, read_pack(pack), now=now)
    return desk.database.read_now(_lessons, ("073", "074"))


def _lessons(session: Session, codes: Sequence[str]) -> list[Lesson]:
    return [one for one in session.exec(select(Lesson)) if one.code in codes]


def test_only_within_its_consent_a_lesson_is_asked_for(desk: Desk) -> None:
    """Not without the author's first yes, not from one for her cohort alone, by no supervisor."""
    centre = desk.centre
    first = _story(desk, may_become_lesson=False)
    second = _story(desk, scope="cohort")
    third = _story(desk)
    for story_id, who in (
        (first, centre.coordinator),
        (second, centre.coordinator),
        (third, centre.supervisor),
        (third, centre.county.learners[1]),
    ):
        with pytest.raises(NotThere):
            _ask(desk, story_id, who)
    view = desk.read(story_library.one, centre.coordinator, third)
    assert story_lessons.may_ask(centre.coordinator, view)
    assert not story_lessons.may_ask(centre.supervisor, view)
    assert _ask(desk, third, centre.coordinator) is None


def test_a_yes_brings_the_draft_after_ten_minutes_and_can_be_taken_back(desk: Desk) -> None:
    """Until then it looks as if nothing was said; the word goes to whoever asked."""
    centre, author = desk.centre, desk.centre.county.learners[0]
    story_id, asker = _story(desk), centre.coordinator
    assert _ask(desk, story_id, asker) is None
    assert _words(desk, NOON) == [(author.chat_id, "lesson_asked")]
    assert desk.read(stories.one, author, story_id).is_asked_for_lesson
    _answer(desk, story_id, agrees=True)
    with pytest.raises(ChangedMeanwhile):
        _answer(desk, story_id, agrees=False)
    assert _ask(desk, story_id, asker, NOON + 9 * MINUTES) is None
    desk.database.write_now(story_lessons.unanswer, author, story_id, now=NOON + 9 * MINUTES)
    assert _words(desk, NOON + 11 * MINUTES) == [(author.chat_id, "lesson_asked")]
    _answer(desk, story_id, agrees=True, now=NOON + 12 * MINUTES)
    draft = _ask(desk, story_id, asker, LATER)
    assert draft.story.title == "先听后说"
    assert (asker.chat_id, "lesson_agreed") in _words(desk, LATER)
    with pytest.raises(UndoTooLate):
        desk.database.write_now(story_lessons.unanswer, author, story_id, now=LATER)


def test_a_no_is_told_to_nobody_and_holds(desk: Desk) -> None:
    """Whoever asked, and asks again, sees the same as one who waits."""
    story_id, asker = _story(desk), desk.centre.coordinator
    _ask(desk, story_id, asker)
    _answer(desk, story_id, agrees=False)
    assert _ask(desk, story_id, asker, LATER) is None
    assert _words(desk, LATER) == []
    desk.database.write_now(story_lessons.take_back, asker, story_id, now=NOON)
    assert _ask(desk, story_id, asker, LATER) is None
    assert _words(desk, LATER) == []


def test_the_asking_can_be_taken_back_for_ten_minutes(desk: Desk) -> None:
    """The word to the author is not wanted then; later it stands; nobody else takes it back."""
    story_id, asker = _story(desk), desk.centre.coordinator
    _ask(desk, story_id, asker)
    with pytest.raises(NotThere):
        desk.database.write_now(story_lessons.take_back, desk.centre.colleague, story_id, now=NOON)
    desk.database.write_now(story_lessons.take_back, asker, story_id, now=NOON)
    assert _words(desk, NOON) == []
    _ask(desk, story_id, asker, NOON + MINUTES)
    with pytest.raises(UndoTooLate):
        desk.database.write_now(story_lessons.take_back, asker, story_id, now=LATER)


def _agreed(desk: Desk) -> tuple[int, str]:
    """A story that may become a lesson, and its mark."""
    story_id = _story(desk)
    _ask(desk, story_id, desk.centre.coordinator)
    _answer(desk, story_id, agrees=True)
    return story_id, _ask(desk, story_id, desk.centre.coordinator, LATER).mark


def test_the_author_hears_the_number_once_when_it_is_reviewed(desk: Desk, tmp_path: Path) -> None:
    """No word while it is a draft; one with the lesson's own number; none at the next import."""
    author = desk.centre.county.learners[0]
    _, mark = _agreed(desk)
    (lesson,) = _import(desk, tmp_path, mark=mark, status="draft")
    assert not lesson.is_withdrawn
    assert _words(desk, LATER) == [(desk.centre.coordinator.chat_id, "lesson_agreed")]
    for _ in range(2):
        _import(desk, tmp_path, mark=mark, status="reviewed")
    found = Outbox(desk.database).ask(LATER, kinds=[story_words.KIND])
    told = [(v.chat_id, v.values["number"]) for v in found if isinstance(v, Facts)]
    assert told == [(author.chat_id, "73")]


def test_taking_a_story_back_ends_its_lesson(desk: Desk, tmp_path: Path) -> None:
    """At once, and the next import changes nothing of that; undone, it is taught again."""
    author = desk.centre.county.learners[0]
    story_id, mark = _agreed(desk)
    _import(desk, tmp_path, mark=mark, status="reviewed")
    desk.write(story_consent.withdraw, author, story_id)
    (lesson,) = _import(desk, tmp_path, mark=mark, status="published")
    assert lesson.is_withdrawn
    assert (author.chat_id, "lesson") not in _words(desk, LATER)
    desk.write(story_consent.restore, author, story_id)
    (lesson,) = desk.database.read_now(_lessons, ("073",))
    assert not lesson.is_withdrawn
    desk.database.write_now(story_consent.erase, author.person_id, now=LATER)
    (lesson,) = desk.database.read_now(_lessons, ("073",))
    assert lesson.is_withdrawn


def test_a_lesson_without_its_authors_yes_is_not_taught(desk: Desk, tmp_path: Path) -> None:
    """Nobody was asked here; a mark of another installation's story says nothing here."""
    story_id = _story(desk)
    mark = desk.database.read_now(
        lambda session: story_lessons.mark_of(session.get_one(Story, story_id))
    )
    (lesson,) = _import(desk, tmp_path, mark=mark, status="reviewed")
    assert lesson.is_withdrawn
    (foreign,) = [
        one
        for one in _import(
            desk, tmp_path, mark=f"{story_id}-00000000", status="reviewed", code="074"
        )
        if one.code == "074"
    ]
    assert not foreign.is_withdrawn
    assert _words(desk, LATER) == []
