"""Stories: sealed while they are hers, read by two, seen only as far as their author agreed."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session

from curriculum import (
    stories,
    story_consent,
    story_library,
    story_nominations,
    story_review_undo,
    story_reviews,
    story_words,
    todo,
)
from curriculum.errors import ChangedMeanwhile, NotThere, UndoTooLate
from curriculum.people import COORDINATOR, Speaker
from curriculum.personal_data import Counts
from curriculum.story_errors import (
    StoryFileNotTaken,
    StoryNotWhole,
    StoryTagsNotUsable,
    StoryTextNotUsable,
    StoryTitleNotUsable,
)
from curriculum.story_texts import PARTS, FileLine
from storage.people import add_unit
from tests.county import join
from tests.curriculum.centre import at_once, audited
from tests.curriculum.outbox import Outbox
from tests.curriculum.story_desk import LATER, NOON, Desk

FILE = FileLine("F", "picture", 9)


def test_a_draft_is_sealed_and_only_its_author_reads_it(desk: Desk) -> None:
    """Nothing of it stands in the row; everybody else finds nothing; each part is audited."""
    author, other = desk.centre.county.learners[:2]
    view = desk.whole(author)
    row = desk.row()
    assert (row.state, row.parts, row.search_text) == ("draft", None, "")
    assert "同村".encode() not in (row.sealed or b"")
    for who in (other, desk.centre.supervisor):
        with pytest.raises(NotThere):
            desk.read(stories.one, who, view.story_id)
    with pytest.raises(NotThere):
        desk.read(story_reviews.one, desk.centre.supervisor, view.story_id)
    assert {entry.action for entry in audited(desk.database, 6)} == {"write_story"}
    assert desk.write(stories.begin, author) == view.story_id


def test_a_part_has_its_limits_and_a_stale_one_is_refused(desk: Desk) -> None:
    """Too long, empty or no words is said; a version that passed changes nothing."""
    author = desk.centre.county.learners[0]
    story_id = desk.write(stories.begin, author)
    for text in ("", "长" * 21):
        with pytest.raises(StoryTextNotUsable):
            desk.write(stories.save_part, author, story_id, "title", text, version=1)
    for text in ("😀", "!!", "一", "😀一"):
        with pytest.raises(StoryTitleNotUsable):
            desk.write(stories.save_part, author, story_id, "title", text, version=1)
    desk.write(stories.save_part, author, story_id, "title", "一户", version=1)
    with pytest.raises(ChangedMeanwhile):
        desk.write(stories.save_part, author, story_id, "title", "二户", version=1)
    with pytest.raises(StoryNotWhole):
        desk.write(
            stories.hand_in,
            author,
            story_id,
            scope="cohort",
            may_become_lesson=False,
            version=2,
        )
    for _ in range(stories.FILES):
        desk.write(stories.add_file, author, story_id, FILE)
    with pytest.raises(StoryFileNotTaken):
        desk.write(stories.add_file, author, story_id, FILE)
    assert desk.write(stories.drop_files, author, story_id).files == ()
    with pytest.raises(StoryFileNotTaken):
        desk.write(
            stories.add_file, author, story_id, FileLine("F", "document", stories.FILE_BYTES + 1)
        )


def test_two_different_people_approve_and_nobody_her_own(desk: Desk) -> None:
    """One person's second word is refused; the second person's makes it readable."""
    author = desk.centre.county.learners[0]
    story_id = desk.handed_in(author).story_id
    assert desk.approve(desk.centre.supervisor, story_id) == 1
    with pytest.raises(ChangedMeanwhile):
        desk.approve(desk.centre.supervisor, story_id)
    assert desk.row().state == "submitted"
    assert desk.approve(desk.centre.coordinator, story_id) == 2
    row = desk.row()
    assert (row.state, row.sealed) == ("approved", None)
    assert row.parts is not None
    own = desk.handed_in(desk.centre.coordinator).story_id
    with pytest.raises(NotThere):
        desk.approve(desk.centre.coordinator, own)
    with pytest.raises(NotThere):
        desk.approve(desk.centre.of_station, own)


def test_two_approvals_at_once_are_both_counted_or_one_is_asked_again(desk: Desk) -> None:
    """Neither is lost silently: the second sees that the story changed."""
    story_id = desk.handed_in(desk.centre.county.learners[0]).story_id
    view = desk.read(story_reviews.one, desk.centre.supervisor, story_id)

    def approving(reviewer: Speaker) -> Callable[[], object]:
        return lambda: desk.write(story_reviews.approve, reviewer, story_id, version=view.version)

    both = at_once(approving(desk.centre.supervisor), approving(desk.centre.coordinator))
    assert both == ["changed_meanwhile", "done"]


def test_a_word_back_is_sealed_and_starts_a_new_round(desk: Desk) -> None:
    """The author alone reads it; an approval of the round before counts no more."""
    author = desk.centre.county.learners[0]
    view = desk.handed_in(author)
    desk.approve(desk.centre.supervisor, view.story_id)
    seen = desk.read(story_reviews.one, desk.centre.coordinator, view.story_id)
    desk.write(
        story_reviews.comment,
        desk.centre.coordinator,
        view.story_id,
        "请写怎么开的口",
        version=seen.version,
    )
    back = desk.read(stories.one, author, view.story_id)
    assert (back.state, back.comments) == ("returned", ("请写怎么开的口",))
    again = desk.write(
        stories.hand_in,
        author,
        view.story_id,
        scope="cohort",
        may_become_lesson=False,
        version=back.version,
    )
    assert again.comments == ()
    assert desk.approve(desk.centre.supervisor, view.story_id) == 1


def test_a_reviewers_word_is_taken_back_within_ten_minutes(desk: Desk) -> None:
    """Approval or advice: it waits again, the author hears nothing before, and only once after.

    Also when the other agreed meanwhile; not later, not by others, not once the author went on.
    """
    author, other = desk.centre.county.learners[0], desk.centre.coordinator
    reviewer, soon = desk.centre.supervisor, NOON + timedelta(minutes=5)
    story_id = desk.handed_in(author).story_id
    take_back = story_review_undo.take_back
    desk.approve(reviewer, story_id)
    for who in (other, author):
        with pytest.raises(NotThere):
            desk.write(take_back, who, story_id)
    desk.approve(other, story_id)
    with pytest.raises(UndoTooLate):
        desk.write(take_back, reviewer, story_id, now=NOON + timedelta(minutes=11))
    assert desk.write(take_back, reviewer, story_id, now=soon).verdict == "approves"
    row = desk.row()
    assert (row.state, row.parts, row.search_text, row.approved_at) == ("submitted", None, "", None)
    seen = desk.read(story_reviews.one, reviewer, story_id)

    def advise() -> None:
        desk.write(
            story_reviews.comment, reviewer, story_id, "请写开口", version=desk.row().version
        )

    assert seen.title == "先听后说"
    advise()
    assert desk.write(take_back, reviewer, story_id).words == "请写开口"
    assert desk.read(story_reviews.one, other, story_id).comments == ()
    advise()
    outbox = Outbox(desk.database)
    assert outbox.ask(NOON + timedelta(minutes=9), kinds=[story_words.KIND]) == []
    told = outbox.ask(NOON + timedelta(minutes=11), kinds=[story_words.KIND])
    assert [getattr(verdict, "values", {}).get("what") for verdict in told] == ["returned"]
    back = desk.read(stories.one, author, story_id)
    write, text = stories.save_part, "好，再写"
    desk.write(write, author, story_id, "background", text, version=back.version, now=soon)
    with pytest.raises(ChangedMeanwhile):
        desk.write(take_back, reviewer, story_id, now=soon)
    assert [entry.action for entry in audited(desk.database, 4)].count("undo_review_story") == 1


def test_what_was_sorted_is_shown_after_a_minute_and_taken_back_for_ten(desk: Desk) -> None:
    """Taken back unheard nobody is told; heard of, the author is told to wait; then asked anew."""
    author, reviewer = desk.centre.county.learners[0], desk.centre.coordinator
    outbox, minute = Outbox(desk.database), timedelta(minutes=1)
    begun = desk.write(stories.begin, author)
    view = desk.read(stories.one, author, begun)
    for part, text in (("title", "先听后说"), ("whole", "他请同村的人一起入户")):
        view = desk.write(stories.save_part, author, begun, part, text, version=view.version)
    desk.write(
        stories.hand_in,
        author,
        begun,
        scope="county",
        may_become_lesson=False,
        version=view.version,
    )
    for part in PARTS:
        seen = desk.read(story_reviews.one, reviewer, begun)
        desk.write(story_reviews.sort_part, reviewer, begun, part, "请他开口", version=seen.version)

    def hand_back(now: datetime) -> None:
        seen = desk.read(story_reviews.one, reviewer, begun)
        desk.write(story_reviews.hand_back_sorted, reviewer, begun, version=seen.version, now=now)

    def said(now: datetime) -> list[str]:
        asked = outbox.tell(now, kinds=[story_words.KIND])
        return [fact.values["what"] for fact in asked]

    take_back = story_review_undo.take_back
    hand_back(NOON)
    assert said(NOON) == []
    undone = desk.write(take_back, reviewer, begun, now=NOON)
    assert (undone.verdict, undone.is_heard) == ("sorts", False)
    assert said(NOON + 2 * minute) == []
    hand_back(NOON + 2 * minute)
    assert said(NOON + 4 * minute) == ["sorted"]
    with pytest.raises(NotThere):
        desk.write(take_back, desk.centre.supervisor, begun, now=NOON + 4 * minute)
    assert desk.write(take_back, reviewer, begun, now=NOON + 5 * minute).is_heard
    assert desk.row().state == "submitted"
    assert said(NOON + 7 * minute) == ["unsorted"]
    hand_back(NOON + 7 * minute)
    assert said(NOON + 9 * minute) == ["sorted"]
    with pytest.raises(UndoTooLate):
        desk.write(take_back, reviewer, begun, now=NOON + 18 * minute)
    back = desk.read(stories.one, author, begun)
    write = stories.save_part
    desk.write(write, author, begun, "title", "先听", version=back.version, now=NOON + 8 * minute)
    with pytest.raises(ChangedMeanwhile):
        desk.write(take_back, reviewer, begun, now=NOON + 9 * minute)


@pytest.mark.parametrize(
    ("scope", "station", "cohort", "elsewhere"),
    [
        ("cohort", True, True, False),
        ("county", True, True, False),
        ("region", True, True, True),
        ("briefing", True, True, True),
    ],
)
def test_a_story_is_seen_only_as_far_as_its_author_agreed(
    desk: Desk, scope: str, *, station: bool, cohort: bool, elsewhere: bool
) -> None:
    """Her station, her cohort at another station, somebody in neither; her reviewers always."""
    centre = desk.centre
    author, beside, in_cohort = centre.county.learners

    def outsider(session: Session) -> Speaker:
        far = add_unit(
            session, name_zh="波密县社工站", level="township_station", parent=centre.county.top
        )
        return join(
            session, centre.county, chat_id=990, name="外县", now=NOON, role=COORDINATOR, unit=far
        )

    far = desk.database.write_now(outsider)
    desk.published(author, scope)
    readers = (author, beside, in_cohort, far, centre.supervisor)
    seen = [bool(desk.titles(reader)) for reader in readers]
    assert seen == [True, station, cohort, elsewhere, True]


def test_a_story_is_taken_back_in_one_step_and_given_again(desk: Desk) -> None:
    """Sealed again at once; undone within ten minutes; later it is hers to write in."""
    author, reader = desk.centre.county.learners[:2]
    story_id = desk.published(author)
    assert desk.titles(reader) == ["先听后说"]
    desk.write(story_consent.withdraw, author, story_id)
    row = desk.row()
    assert (row.parts, row.search_text, desk.titles(reader)) == (None, "", [])
    with pytest.raises(NotThere):
        desk.read(story_library.one, desk.centre.supervisor, story_id)
    desk.write(story_consent.restore, author, story_id)
    assert desk.titles(reader) == ["先听后说"]
    desk.write(story_consent.withdraw, author, story_id)
    with pytest.raises(UndoTooLate):
        desk.write(story_consent.restore, author, story_id, now=LATER)
    assert desk.write(story_consent.rewrite, author, story_id).state == "draft"


def test_the_library_is_searched_by_word_and_tag_and_offered_to_who_asks(desk: Desk) -> None:
    """A word of the text, a tag; a question in like words; nothing for what is unlike."""
    author, reader = desk.centre.county.learners[:2]
    story_id = desk.published(author)
    tag = story_reviews.tag
    desk.database.write_now(tag, desk.centre.supervisor, story_id, "#独居 安全", now=NOON)
    with pytest.raises(StoryTagsNotUsable):
        desk.database.write_now(
            tag, desk.centre.supervisor, story_id, "一 二 三 四 五 六", now=NOON
        )
    with pytest.raises(NotThere):
        desk.database.write_now(tag, reader, story_id, "随便", now=NOON)
    found = {word: len(desk.titles(reader, word)) for word in ("同村", "独居", "安全 入户", "滑雪")}
    assert found == {"同村": 1, "独居": 1, "安全 入户": 1, "滑雪": 0}

    def like(text: str, who: Speaker = reader) -> list[str]:
        return [line.title for line in desk.database.read_now(story_library.like, text, who)]

    assert like("入户时能请同村的人吗") == ["先听后说"]
    assert like("低保怎么申请") == []
    assert like("", reader) == []
    assert like("入户时能请同村的人吗", desk.centre.observer) == []


def test_ratings_reach_the_author_alone_and_without_names(desk: Desk) -> None:
    """The last one of each reader stands; no mean below three; never one's own, or another's."""
    author, reader, other = desk.centre.county.learners
    story_id = desk.published(author)
    for stars, words in ((2, ""), (5, "很有用")):
        desk.write(story_library.rate, reader, story_id, stars=stars, words=words)
    rated = desk.read(story_library.rated, author, story_id)
    assert (rated.count, rated.mean, rated.words) == (1, None, ("很有用",))
    for rater in (other, desk.centre.supervisor):
        desk.write(story_library.rate, rater, story_id, stars=4, words="")
    assert desk.read(story_library.rated, author, story_id).mean == pytest.approx(13 / 3)
    for stars, rater in ((5, author), (6, reader), (0, reader)):
        with pytest.raises(NotThere):
            desk.write(story_library.rate, rater, story_id, stars=stars, words="")
    with pytest.raises(NotThere):
        desk.read(story_library.rated, reader, story_id)


def test_a_proposed_story_is_the_authors_to_refuse(desk: Desk) -> None:
    """Only within the proposer's reach; refused, its words are gone; the word is not sent then."""
    author, station = desk.centre.county.learners[0], desk.centre.of_station
    outside = desk.centre.county.learners[2].person_id
    with pytest.raises(NotThere):
        desk.write(story_nominations.nominate, station, outside, "做得好")
    with pytest.raises(NotThere):
        desk.write(story_nominations.nominate, author, station.person_id, "做得好")
    desk.write(story_nominations.nominate, desk.centre.supervisor, author.person_id, "做得好")
    (view,) = desk.read(stories.own, author)
    assert (view.state, view.texts) == ("nominated", {"whole": "做得好"})
    desk.database.write_now(stories.decline, author, view.story_id, now=NOON)
    assert (desk.row().state, desk.row().sealed) == ("declined", None)
    (verdict,) = Outbox(desk.database).ask(LATER, kinds=[story_words.KIND])
    assert getattr(verdict, "reason", "") == "story_changed"


def test_a_story_waits_on_the_list_of_whoever_may_review_it(desk: Desk) -> None:
    """One line of the day's list, gone with her word; never the author's own, nor a learner's."""
    author = desk.centre.county.learners[0]
    desk.handed_in(author)

    def waiting(who: Speaker) -> list[tuple[str, int]]:
        found = desk.database.read_now(todo.of, who, now=NOON)
        return [(item.kind, item.count) for item in found.items]

    assert waiting(desk.centre.supervisor) == [("review_stories", 1)]
    assert waiting(author) == []
    desk.approve(desk.centre.supervisor, desk.row().id or 0)
    assert waiting(desk.centre.supervisor) == []
    assert waiting(desk.centre.coordinator) == [("review_stories", 1)]


def test_her_copy_holds_her_words_and_erasing_leaves_only_counts(desk: Desk) -> None:
    """/mydata has her stories and what she wrote to others; /forget takes the words of both."""
    author, reader = desk.centre.county.learners[:2]
    story_id = desk.published(author)
    desk.write(story_library.rate, reader, story_id, stars=5, words="很有用")

    def data(person_id: int) -> dict[str, Any]:
        found = desk.database.read_now(story_consent.personal_data, person_id, note_key=desk.key)
        return {section.name: section.rows for section in found}

    assert data(author.person_id)["stories"][0]["title"] == "先听后说"
    (rating,) = data(reader.person_id)["story_ratings"]
    assert (rating["stars"], rating["words"]) == (5, "很有用")

    def erase(person_id: int) -> Counts:
        return desk.database.write_now(story_consent.erase, person_id, now=LATER)

    assert erase(reader.person_id) == {"stories": 0, "story_words": 1}
    (rating,) = data(reader.person_id)["story_ratings"]
    assert (rating["stars"], rating["words"]) == (5, "")
    assert erase(author.person_id) == {"stories": 1, "story_words": 0}
    row = desk.row()
    assert (row.state, row.parts, row.sealed, row.search_text) == ("declined", None, None, "")
    assert row.submitted_at is not None
    assert desk.titles(reader) == []
