"""The quarterly share: opened once, told once, its days movable, its programme, its digest."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from curriculum import (
    attendance,
    gathering_cards,
    gathering_words,
    gatherings,
    quarterly_share,
    share_call,
    share_changes,
    share_digest,
    share_programme,
    share_speakers,
    story_words,
    todo,
)
from curriculum.cohorts import switch
from curriculum.errors import ChangedMeanwhile, NotThere, UndoTooLate
from curriculum.facts import Facts, NotWanted
from curriculum.people import Speaker
from curriculum.share_call import CallView
from curriculum.story_errors import ShareDatesNotPossible, ShareNotOver
from scheduler import planner
from storage.deliveries import Delivery, Occasion
from storage.engine import Database
from storage.sealed import NoteKey
from storage.story_calls import StoryCall
from tests.county import BOT
from tests.curriculum.centre import Centre, at_once, audited, found
from tests.curriculum.outbox import Outbox
from tests.curriculum.test_stories import Desk

NOON = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
# By the defaults the call of the first quarter of 2027 opens on Friday, 19 February.
BEFORE = datetime(2027, 2, 15, 4, 0, tzinfo=UTC)
OPENS = date(2027, 2, 19)
MORNING = datetime(2027, 2, 19, 1, 0, tzinfo=UTC)
CALL = (quarterly_share.KIND,)


@pytest.fixture
def centre(database: Database, tmp_path: Path, start: datetime) -> Centre:
    """A centre with three learners in one cohort."""
    return database.write_now(found, tmp_path, now=start)


def _cohort(centre: Centre) -> int:
    return centre.county.cohort.id or 0


def _switch_on(database: Database, centre: Centre, *, today: date) -> None:
    def run(session: Any) -> None:
        cohort = centre.county.cohort
        rhythm = switch(
            session, session.merge(cohort), quarterly_share.DEFAULTS, is_on=True, today=today
        )
        rhythm.watermark = today

    database.write_now(run)


def _plan(database: Database, now: datetime) -> int:
    return database.write_now(planner.plan_due, quarterly_share, bot=BOT, now=now, real=now)


def _open(database: Database, centre: Centre, *, now: datetime = NOON) -> CallView:
    return database.write_now(share_call.open_now, centre.coordinator, _cohort(centre), now=now)


def _call(database: Database) -> StoryCall:
    return database.read_now(lambda session: session.exec(select(StoryCall)).one())


def test_the_rhythm_opens_one_call_and_tells_each_member_once(
    database: Database, centre: Centre
) -> None:
    """On its day, at the end of quiet hours; planned again it adds nothing."""
    _switch_on(database, centre, today=BEFORE.date())
    assert _plan(database, BEFORE + timedelta(days=1)) == 0
    assert _plan(database, MORNING) == 3
    assert _plan(database, MORNING + timedelta(days=1)) == 0
    call = _call(database)
    assert (call.opens_on, call.closes_on) == (OPENS, date(2027, 3, 10))
    assert call.gathering_id is not None
    verdicts = Outbox(database).ask(MORNING, kinds=CALL)
    assert [type(verdict) for verdict in verdicts] == [Facts] * 3


def test_a_call_missed_while_nothing_ran_opens_late_but_not_after_its_closing(
    database: Database, centre: Centre
) -> None:
    """Ten days down: it still opens; after the closing day the date is only noted as skipped."""
    _switch_on(database, centre, today=BEFORE.date())
    _plan(database, MORNING + timedelta(days=10))
    verdicts = Outbox(database).ask(MORNING + timedelta(days=10), kinds=CALL)
    assert [type(verdict) for verdict in verdicts] == [Facts] * 3
    _plan(database, MORNING + timedelta(days=400))
    states = database.read_now(
        lambda session: [
            (row.local_date, row.state)
            for row in session.exec(select(Occasion).order_by(col(Occasion.local_date)))
        ]
    )
    assert states[0] == (OPENS, "planned")
    # A year in which nothing ran: none of its four takes stories any more.
    assert [state for _, state in states[1:]] == ["merged", "merged", "merged", "skipped"]


def test_a_call_by_hand_waits_a_minute_and_can_be_taken_back(
    database: Database, centre: Centre
) -> None:
    """Within the minute nobody hears of it; opened again the same day each hears once."""
    view = _open(database, centre)
    assert view.people == 3
    assert Outbox(database).ask(NOON + timedelta(seconds=59), kinds=CALL) == []
    with pytest.raises(ChangedMeanwhile):
        _open(database, centre)
    cohort_id = _cohort(centre)
    gone = database.write_now(
        share_call.cancel, centre.coordinator, cohort_id, mark=view.mark, now=NOON
    )
    assert gone.call_id is None
    later = NOON + timedelta(minutes=2)
    reasons = Outbox(database).ask(later, kinds=CALL)
    assert [getattr(one, "reason", "") for one in reasons] == ["call_cancelled"] * 3
    _open(database, centre, now=later)
    rows = database.read_now(
        lambda session: list(
            session.exec(select(Delivery).where(Delivery.kind == quarterly_share.KIND))
        )
    )
    assert len(rows) == 3
    assert [entry.action for entry in audited(database, 2)][-1] == "open_call"


def test_two_who_open_a_call_at_once_open_one(database: Database, centre: Centre) -> None:
    """The second is told that it changed; there is one call with one session."""

    def opening(who: Speaker) -> Callable[[], object]:
        cohort_id = _cohort(centre)
        return lambda: database.write_now(share_call.open_now, who, cohort_id, now=NOON)

    outcomes = at_once(opening(centre.coordinator), opening(centre.colleague))
    assert outcomes == ["changed_meanwhile", "done"]
    assert _call(database).gathering_id is not None


def test_who_left_or_rests_is_not_called(database: Database, centre: Centre) -> None:
    """Asked again at the moment of sending."""
    _open(database, centre)

    def leave(session: Any) -> None:
        from curriculum import leaving

        leaving.deactivate(session, centre.coordinator, centre.learner, now=NOON)

    database.write_now(leave)
    verdicts = Outbox(database).ask(NOON + timedelta(minutes=2), kinds=CALL)
    assert sum(isinstance(verdict, Facts) for verdict in verdicts) == 2


def test_its_days_can_be_moved_within_their_order(
    database: Database, centre: Centre, note_key: NoteKey
) -> None:
    """Out of order is refused; another closing day is told once, with a new reminder to writers."""
    Desk(database, centre, note_key)
    view, cohort_id = _open(database, centre), _cohort(centre)

    def change(which: str, day: date, mark: int, hour: time | None = None) -> CallView:
        return database.write_now(
            share_changes.change,
            centre.coordinator,
            cohort_id,
            which,
            day=day,
            hour=hour,
            mark=mark,
            now=NOON,
        )

    with pytest.raises(ShareDatesNotPossible):
        change("closes", view.dates.day, view.mark)
    with pytest.raises(ShareDatesNotPossible):
        change("nothing", date(2026, 12, 11), view.mark)
    moved = change("closes", date(2026, 12, 11), view.mark)
    with pytest.raises(ChangedMeanwhile):
        change("closes", date(2026, 12, 10), view.mark)
    with pytest.raises(NotThere):
        database.write_now(
            share_call.cancel, centre.of_station, cohort_id, mark=moved.mark, now=NOON
        )
    told = Outbox(database).ask(NOON + timedelta(minutes=2), kinds=[story_words.KIND])
    assert [one.values["what"] for one in told if isinstance(one, Facts)] == ["dates"] * 3
    last = change("session", date(2026, 12, 24), moved.mark, time(16, 0))
    assert last.starts_at == datetime(2026, 12, 24, 8, 0, tzinfo=UTC)
    gathering_id = _call(database).gathering_id or 0
    kept = database.read_now(gatherings.read, gathering_id, bot=BOT)
    assert kept.starts_at == last.starts_at


def test_a_session_moved_among_the_gatherings_is_moved_here_too(
    database: Database, centre: Centre
) -> None:
    """What stands there is the truth; cancelled there, the share has no session any more."""
    _open(database, centre)
    gathering_id = _call(database).gathering_id or 0
    at = datetime(2026, 12, 24, 7, 0, tzinfo=UTC)
    database.write_now(
        gatherings.rearrange,
        centre.coordinator,
        gathering_id,
        starts_at=at,
        reason="",
        seen=None,
        now=NOON,
    )
    view = database.read_now(share_call.overview, centre.coordinator, _cohort(centre), now=NOON)
    assert view.starts_at == at
    database.write_now(
        gatherings.cancel, centre.coordinator, gathering_id, reason="", seen=None, now=NOON
    )
    view = database.read_now(share_call.overview, centre.coordinator, _cohort(centre), now=NOON)
    assert view.call_id is None


def test_speakers_are_ordered_told_and_reminded(
    database: Database, centre: Centre, note_key: NoteKey
) -> None:
    """In the order they were approved until changed; nobody is told a place she no longer has."""
    _open(database, centre)
    desk, cohort_id = Desk(database, centre, note_key), _cohort(centre)
    first, second = (desk.published(author, "cohort") for author in centre.county.learners[:2])

    def places() -> list[tuple[int, int | None, int]]:
        shown = database.read_now(share_programme.programme, centre.coordinator, cohort_id)
        return [(slot.story_id, slot.position, slot.minutes) for slot in shown.slots]

    def version(story_id: int) -> int:
        found = database.read_now(share_programme.slot, centre.coordinator, cohort_id, story_id)
        return found.version

    assert places() == [(first, 1, 15), (second, 2, 15)]
    tell = share_programme.tell_speakers
    assert database.write_now(tell, centre.coordinator, cohort_id, now=NOON) == 2
    act: dict[str, Any] = {"version": version(second), "now": NOON}
    earlier = share_programme.earlier
    database.write_now(earlier, centre.coordinator, cohort_id, second, **act)
    assert places() == [(second, 1, 15), (first, 2, 15)]
    with pytest.raises(ChangedMeanwhile):
        database.write_now(earlier, centre.coordinator, cohort_id, second, **act)
    words = Outbox(database).ask(NOON + timedelta(minutes=2), kinds=[story_words.KIND])
    assert not [one for one in words if isinstance(one, Facts) and one.values["what"] == "speaker"]
    give = share_programme.give_minutes
    act = {"version": version(first), "minutes": 0, "now": NOON}
    database.write_now(give, centre.coordinator, cohort_id, first, **act)
    assert places() == [(second, 1, 15), (first, None, 15)]
    database.write_now(tell, centre.coordinator, cohort_id, now=NOON)
    eve = datetime(2026, 12, 24, 1, 30, tzinfo=UTC)
    words = Outbox(database).ask(eve, kinds=[story_words.KIND])
    reminded = [one for one in words if isinstance(one, Facts) and one.values["what"] == "eve"]
    assert [one.values["position"] for one in reminded] == [1]


def test_telling_speakers_can_be_taken_back_for_a_minute(
    database: Database, centre: Centre, note_key: NoteKey
) -> None:
    """Nobody hears then, nor the day before; told again each hears once; told is told."""
    _open(database, centre)
    desk, cohort_id = Desk(database, centre, note_key), _cohort(centre)
    desk.published(centre.county.learners[0], "cohort")
    eve = datetime(2026, 12, 24, 1, 30, tzinfo=UTC)
    outbox, write = Outbox(database), database.write_now

    def words(now: datetime) -> list[str]:
        asked = outbox.ask(now, kinds=[story_words.KIND])
        said = [one.values["what"] for one in asked if isinstance(one, Facts)]
        return [what for what in said if what in ("speaker", "eve")]

    tell, take_back = share_programme.tell_speakers, share_programme.take_back
    write(tell, centre.coordinator, cohort_id, now=NOON)
    with pytest.raises(NotThere):
        write(take_back, centre.of_station, cohort_id, now=NOON)
    assert write(take_back, centre.coordinator, cohort_id, now=NOON) == 1
    assert words(eve) == []
    write(tell, centre.coordinator, cohort_id, now=NOON)
    assert words(NOON + timedelta(seconds=59)) == []
    assert words(NOON + timedelta(minutes=2)) == ["speaker"]
    assert write(take_back, centre.coordinator, cohort_id, now=NOON) == 0
    assert "eve" in words(eve)
    acts = [entry.action for entry in audited(database, 8)]
    assert acts.count("take_back_speakers") == 1


def test_a_speaker_who_cannot_leaves_her_place_open(
    database: Database, centre: Centre, note_key: NoteKey
) -> None:
    """The others move up and the coordinators hear of it; undone for ten minutes, told too."""
    view, cohort_id = _open(database, centre), _cohort(centre)
    desk, (one, two, _) = Desk(database, centre, note_key), centre.county.learners
    first, second = desk.published(one, "cohort"), desk.published(two, "cohort")
    outbox, write = Outbox(database), database.write_now

    def places() -> list[tuple[int, int | None]]:
        shown = database.read_now(share_programme.programme, centre.coordinator, cohort_id)
        return [(slot.story_id, slot.position) for slot in shown.slots]

    def words(now: datetime) -> list[str]:
        asked = outbox.ask(now, kinds=[story_words.KIND])
        said = [one.values["what"] for one in asked if isinstance(one, Facts)]
        return [what for what in said if what in ("unable", "able")]

    with pytest.raises(NotThere):
        write(share_speakers.decline, two, first, now=NOON)
    left = write(share_speakers.decline, one, first, now=NOON)
    assert places() == [(second, 1), (first, None)]
    with pytest.raises(ChangedMeanwhile):
        write(share_speakers.decline, one, first, now=NOON)
    back: dict[str, Any] = {"version": left.version, "place": left.position}
    again = write(share_speakers.speak_after_all, one, first, **back, now=NOON)
    assert places() == [(first, 1), (second, 2)]
    assert words(NOON + timedelta(minutes=2)) == []
    left = write(share_speakers.decline, one, first, now=NOON)
    assert left.version > again.version
    heard = words(NOON + timedelta(minutes=2))
    assert heard == ["unable"] * 2
    back = {"version": left.version, "place": left.position}
    late = NOON + timedelta(minutes=11)
    with pytest.raises(UndoTooLate):
        write(share_speakers.speak_after_all, one, first, **back, now=late)
    write(share_speakers.speak_after_all, one, first, **back, now=NOON + timedelta(minutes=3))
    assert words(NOON + timedelta(minutes=4)) == ["able"] * 2
    with pytest.raises(ChangedMeanwhile):
        write(share_speakers.decline, one, first, now=view.starts_at)


def test_the_sessions_message_names_who_speaks_once_they_were_told(
    database: Database, centre: Centre, note_key: NoteKey
) -> None:
    """Their names, in order, with their minutes; before that nobody."""
    view, cohort_id = _open(database, centre), _cohort(centre)
    desk = Desk(database, centre, note_key)
    for author in centre.county.learners[:2]:
        desk.published(author, "cohort")
    gathering_id = _call(database).gathering_id or 0

    def speakers(now: datetime) -> list[tuple[int, int]]:
        who = centre.county.learners[2]
        card = database.read_now(gathering_cards.card, who, gathering_id, now=now)
        return [(place, minutes) for place, _, minutes in card.speakers]

    assert speakers(NOON) == []
    database.write_now(share_programme.tell_speakers, centre.coordinator, cohort_id, now=NOON)
    assert speakers(NOON + timedelta(minutes=2)) == [(1, 15), (2, 15)]
    soon = view.starts_at - timedelta(minutes=59)
    database.write_now(gathering_words.owe_ahead, bot=BOT, now=soon)
    cards = Outbox(database).ask(soon, kinds=[gathering_words.CARD])
    named = [one.values["speakers"] for one in cards if isinstance(one, Facts)]
    assert len(named) == 3
    assert [len(one) for one in named] == [2, 2, 2]


def test_the_digest_comes_after_the_session_to_who_was_not_there(
    database: Database, centre: Centre, note_key: NoteKey
) -> None:
    """Not before its end; who signed in gets none; sent again it tells nobody twice."""
    view, cohort_id = _open(database, centre), _cohort(centre)
    desk = Desk(database, centre, note_key)
    author, here = centre.county.learners[:2]
    desk.published(author, "cohort")
    gathering_id = _call(database).gathering_id or 0
    with pytest.raises(ShareNotOver):
        database.write_now(share_digest.digest, centre.coordinator, cohort_id, now=NOON)
    database.write_now(attendance.sign_in, here, gathering_id, now=view.starts_at)
    after = view.starts_at + timedelta(hours=3)
    (item,) = database.read_now(todo.of, centre.coordinator, now=after).items
    assert (item.kind, item.name) == ("send_digest", "一期")
    looked = database.read_now(share_digest.preview, centre.coordinator, cohort_id, now=after)
    assert (looked.present, looked.told, len(looked.stories)) == (1, 2, 1)
    assert _call(database).digest_at is None, "a look tells nobody"
    for _ in range(2):
        made = database.write_now(share_digest.digest, centre.coordinator, cohort_id, now=after)
        assert (made.present, made.told, len(made.stories)) == (1, 2, 1)
    words = Outbox(database).ask(after + timedelta(minutes=2), kinds=[story_words.KIND])
    digests = [one for one in words if isinstance(one, Facts) and one.values["what"] == "digest"]
    assert {one.chat_id for one in digests} == {100, 300}
    assert not [one for one in words if isinstance(one, NotWanted) and one.reason == "no_facts"]
    assert not database.read_now(todo.of, centre.coordinator, now=after).items
    call_id = _call(database).id or 0
    seen = database.read_now(share_digest.read_digest, author, call_id)
    assert seen.stories[0].title == "先听后说"
    with pytest.raises(NotThere):
        database.read_now(share_digest.read_digest, centre.observer, call_id)
    assert desk.row().presented_at == view.starts_at
    shown = database.read_now(share_call.overview, centre.coordinator, cohort_id, now=after)
    assert (shown.collected, shown.shared) == (1, 1)
