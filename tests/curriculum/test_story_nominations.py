"""Where stories begin: proposed by who may see it, the author's to refuse for good, or her own."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from curriculum import (
    answer_feedback,
    answering,
    gathering_minutes,
    gatherings,
    questions,
    stories,
    story_nominations,
    story_reviews,
    story_sources,
    story_words,
    used_lessons,
)
from curriculum.errors import NotThere, UndoTooLate
from curriculum.people import Speaker
from curriculum.story_errors import StoryProposed
from curriculum.story_sources import ANSWER, MINUTES
from storage import used_lessons as stored_used
from tests.curriculum.outbox import Outbox
from tests.curriculum.story_desk import LATER, NOON, Desk

SOON = NOON + timedelta(hours=1)


def _minutes(desk: Desk) -> int:
    """A weekly session with one point, one decision and one question; its id."""
    leader = desk.centre.coordinator
    cohort_id = desk.centre.county.cohort.id or 0

    def held(session: Any) -> int:
        found = gatherings.announce(
            session,
            leader,
            kind=gatherings.WEEKLY,
            cohort_id=cohort_id,
            title="共学",
            starts_at=SOON,
            minutes=60,
            place="",
            now=NOON,
        )
        lines = {"point": ["先打电话再入户"], "decision": ["两人同去"], "question": ["怎么劝"]}
        gathering_minutes.write(session, leader, found, lines, now=LATER)
        return found

    return desk.database.write_now(held)


def _nominate(
    desk: Desk, by: Speaker, whom: Speaker, source: tuple[str, int] | None, **wishes: Any
) -> int:
    proposed = desk.write(
        story_nominations.nominate, by, whom.person_id, "先打电话再入户", source=source, **wishes
    )
    return int(proposed.story_id)


def _refused(act: Callable[[], object]) -> str:
    with pytest.raises(StoryProposed) as refusal:
        act()
    return str(refusal.value.code)


def test_a_line_of_minutes_is_proposed_by_who_leads_or_learns_there(desk: Desk) -> None:
    """Points and decisions, no open question; a supervisor who was not there sees none of it."""
    gathering_id, centre = _minutes(desk), desk.centre
    author = centre.county.learners[0]
    read = desk.database.read_now
    found = read(story_sources.minutes, centre.coordinator, gathering_id, page=0)
    assert [text for _, text in found.lines] == ["先打电话再入户", "两人同去"]
    point_id = found.lines[0][0]
    for other in (author, centre.supervisor, centre.of_station):
        with pytest.raises(NotThere):
            read(story_sources.minutes, other, gathering_id, page=0)
        with pytest.raises(NotThere):
            _nominate(desk, other, centre.county.learners[1], (MINUTES, point_id))
    with pytest.raises(NotThere):
        read(story_sources.from_minutes, centre.coordinator, point_id + 2)
    story_id = _nominate(desk, centre.coordinator, author, (MINUTES, point_id))
    assert desk.read(stories.one, author, story_id).texts == {"whole": "先打电话再入户"}


def test_nothing_reaches_a_reviewer_before_she_agrees(desk: Desk) -> None:
    """A proposal is in no reviewer's list, whoever made it; agreed to, it is in both."""
    centre, author = desk.centre, desk.centre.county.learners[0]
    story_id = _nominate(desk, centre.coordinator, author, None)
    for reviewer in (centre.coordinator, centre.supervisor):
        assert desk.database.read_now(story_reviews.queue, reviewer).count == 0
        with pytest.raises(NotThere):
            desk.read(story_reviews.one, reviewer, story_id)
    view = desk.read(stories.one, author, story_id)
    desk.write(
        stories.hand_in,
        author,
        story_id,
        scope="county",
        may_become_lesson=False,
        version=view.version,
    )
    assert desk.database.read_now(story_reviews.queue, centre.supervisor).count == 1


def test_a_no_is_private_and_final_for_its_source(desk: Desk) -> None:
    """Proposed again it is refused with the same words whether she said no, yes or nothing yet."""
    gathering_id, centre = _minutes(desk), desk.centre
    author, other = centre.county.learners[:2]
    found = desk.database.read_now(story_sources.minutes, centre.coordinator, gathering_id, page=0)
    first, second = ((MINUTES, point_id) for point_id, _ in found.lines)
    story_id = _nominate(desk, centre.coordinator, author, first)

    def again(source: tuple[str, int]) -> str:
        return _refused(lambda: _nominate(desk, centre.coordinator, author, source))

    waiting = again(first)
    desk.database.write_now(stories.decline, author, story_id, now=NOON)
    assert again(first) == waiting
    assert desk.read(stories.own, author) == []
    # It was somebody else's practice after all; and another line is another source.
    _nominate(desk, centre.coordinator, other, first)
    _nominate(desk, centre.coordinator, author, second)


def test_a_proposal_can_be_taken_back_for_ten_minutes(desk: Desk) -> None:
    """The draft and its word go; what she began to write stays hers, and that is not told."""
    centre, author = desk.centre, desk.centre.county.learners[0]

    def undo(story_id: int, by: Speaker = centre.coordinator, now: datetime = NOON) -> None:
        desk.database.write_now(story_nominations.take_back, by, story_id, now=now)

    first = _nominate(desk, centre.coordinator, author, None)
    with pytest.raises(NotThere):
        undo(first, by=centre.supervisor)
    undo(first)
    (verdict,) = Outbox(desk.database).ask(LATER, kinds=[story_words.KIND])
    assert getattr(verdict, "reason", "") == "story_changed"
    assert desk.read(stories.own, author) == []

    second = _nominate(desk, centre.coordinator, author, None)
    view = desk.read(stories.one, author, second)
    desk.write(stories.save_part, author, second, "title", "先听", version=view.version)
    undo(second)
    assert desk.read(stories.one, author, second).texts["title"] == "先听"
    third = _nominate(desk, centre.coordinator, author, None)
    with pytest.raises(UndoTooLate):
        undo(third, now=NOON + timedelta(minutes=11))


def test_an_answer_that_helped_is_proposed_to_whoever_gave_it(desk: Desk) -> None:
    """Not before somebody said so, not by herself, not by a learner; its author is fixed."""
    centre, asker = desk.centre, desk.centre.county.learners[0]
    write = desk.database.write_now
    asked = write(questions.add, asker, "老人不愿开门怎么办", now=NOON).question_id
    given = write(answering.answer, centre.supervisor, asked, "请同村的人一起去", now=NOON)
    assert given is not None
    answer_id = desk.database.read_now(_standing, asked)

    def may(speaker: Speaker) -> bool:
        return bool(desk.database.read_now(story_sources.may_propose, speaker, ANSWER, asked))

    assert not may(centre.coordinator)
    write(answer_feedback.say, asker, answer_id, helped=True, now=NOON)
    assert [may(who) for who in (centre.coordinator, centre.supervisor, asker)] == [
        True,
        False,
        False,
    ]
    # The station's coordinator has no say over a supervisor of the county.
    assert not may(centre.of_station)
    with pytest.raises(NotThere):
        _nominate(desk, centre.coordinator, asker, (ANSWER, asked))
    story_id = _nominate(desk, centre.coordinator, centre.supervisor, (ANSWER, asked))
    assert desk.read(stories.one, centre.supervisor, story_id).state == "nominated"
    _refused(lambda: _nominate(desk, centre.coordinator, centre.supervisor, (ANSWER, asked)))
    write(answer_feedback.say, asker, answer_id, helped=False, now=NOON)
    assert not may(centre.coordinator)


def _standing(session: Any, question_id: int) -> int:
    from storage import questions as stored

    found = stored.answer_of(session, question_id)
    return found.id or 0 if found is not None else 0


def test_a_used_sentence_is_a_story_for_its_writer_alone(desk: Desk) -> None:
    """Sealed and hers; once, and anew after she dropped it; nobody proposes from it."""
    centre = desk.centre
    author, other = centre.county.learners[:2]
    week = NOON.date() - timedelta(days=NOON.weekday())
    used_id = desk.database.write_now(
        stored_used.note,
        author.person_id,
        week,
        cohort_id=centre.county.cohort.id or 0,
        lesson_id=None,
        text="先问了老人自己想怎么办",
        now=NOON,
    )
    for stranger in (other, centre.supervisor, centre.coordinator):
        with pytest.raises(NotThere):
            desk.write(story_sources.begin_from_used, stranger, used_id)
        with pytest.raises(NotThere):
            desk.database.write_now(used_lessons.share, stranger, used_id, is_shared=True, now=NOON)
        with pytest.raises(NotThere):
            _nominate(desk, stranger, author, ("used", used_id))
    story_id = desk.write(story_sources.begin_from_used, author, used_id)
    assert desk.write(story_sources.begin_from_used, author, used_id) == story_id
    view = desk.read(stories.one, author, story_id)
    assert (view.state, view.texts) == ("draft", {"practice": "先问了老人自己想怎么办"})
    assert "先问".encode() not in (desk.row().sealed or b"")
    for reader in (centre.supervisor, centre.coordinator):
        with pytest.raises(NotThere):
            desk.read(story_reviews.one, reader, story_id)
    desk.database.write_now(stories.decline, author, story_id, now=NOON)
    assert desk.write(story_sources.begin_from_used, author, used_id) != story_id
