"""A seat moved by hand: who is told, what goes along, what is refused, and taking it back."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from curriculum import attendance, facilitators, seat_moves, weekly_rooms
from curriculum.errors import NotThere, UndoTooLate
from curriculum.gathering_errors import LeadsRoom, OccasionChanged, OccasionPassed
from curriculum.gathering_words import AHEAD, CARD
from curriculum.seat_moves import Moved
from storage.deliveries import SENT, SKIPPED, Delivery
from storage.engine import Database
from storage.gatherings import Attendance
from tests.curriculum.centre import audited
from tests.curriculum.test_rooms import MINUTE, Split, _large
from tests.curriculum.test_weekly_study import DAY, FRIDAY, HOUR, TUESDAY


class Moves(Split):
    """Thirty-three learners in two rooms, each room with its facilitator."""

    def move(self, who: int, here: int, there: int, *, now: datetime = TUESDAY) -> Moved:
        return self.database.write_now(
            seat_moves.move, self.centre.coordinator, here, who, there, now=now
        )

    def undo(self, who: int, move_id: int, *, now: datetime) -> Moved:
        return self.database.write_now(
            seat_moves.undo, self.centre.coordinator, who, move_id, now=now
        )

    def heard(self, status: str = SENT) -> set[int | None]:
        """Who got word of a move."""
        rows = self.all_of(Delivery)
        return {r.person_id for r in rows if r.kind == seat_moves.KIND and r.status == status}

    def somebody(self, room: int = 0) -> int:
        """Who sits in a room and leads none."""
        leading = {one.facilitator_id for one in self.rooms()}
        return min(self.seated()[room] - leading)


@pytest.fixture
def moves(database: Database, tmp_path: Path) -> Moves:
    """On either database."""
    return Moves(database, database.write_now(_large, tmp_path))


@pytest.fixture
def on_sqlite(sqlite_database: Database, tmp_path: Path) -> Moves:
    """On SQLite alone, for rules that no SQL of their own stands for."""
    return Moves(sqlite_database, sqlite_database.write_now(_large, tmp_path))


def test_whoever_is_moved_and_both_facilitators_are_told_once(moves: Moves) -> None:
    """Her apology goes along, her reminder is the new room's, everybody else hears nothing."""
    one, two = moves.split()
    who = moves.somebody()
    for room in moves.rooms():
        turn = moves.speaker(room.facilitator_id or 0)
        moves.do(facilitators.confirm, turn, room.id or 0, now=TUESDAY)
    moves.database.write_now(
        attendance.apologise, moves.speaker(who), one, reason="field_visit", now=TUESDAY
    )
    done = moves.move(who, one, two)
    assert (done.old, done.new) == (1, 2)
    assert who in moves.seated()[1]
    assert [a.gathering_id for a in moves.all_of(Attendance) if a.person_id == who] == [two]
    (entry,) = audited(moves.database, 1)
    assert (entry.action, entry.object_id, entry.facts) == (
        "move_seat",
        who,
        {"old": one, "new": two},
    )
    moves.pass_by(TUESDAY + 2 * MINUTE)
    leading = {room.facilitator_id for room in moves.rooms()}
    assert moves.heard() == {who} | leading
    moves.pass_by(TUESDAY + 3 * MINUTE)
    assert len([r for r in moves.all_of(Delivery) if r.kind == seat_moves.KIND]) == 3


def test_undone_before_the_word_nobody_hears_and_later_she_hears_again(on_sqlite: Moves) -> None:
    """Within ten minutes, by who did it, while she sits there; an undoing is not undone."""
    one, two = on_sqlite.split()
    who = on_sqlite.somebody()
    first = on_sqlite.move(who, one, two)
    back = on_sqlite.undo(who, first.move_id, now=TUESDAY)
    assert who in on_sqlite.seated()[0]
    on_sqlite.pass_by(TUESDAY + 2 * MINUTE)
    assert on_sqlite.heard() == set()
    assert who in on_sqlite.heard(SKIPPED)
    with pytest.raises(NotThere):
        on_sqlite.undo(who, back.move_id, now=TUESDAY)
    second = on_sqlite.move(who, one, two, now=TUESDAY + 3 * MINUTE)
    on_sqlite.pass_by(TUESDAY + 5 * MINUTE)
    assert who in on_sqlite.heard()
    with pytest.raises(UndoTooLate):
        on_sqlite.undo(who, second.move_id, now=TUESDAY + 14 * MINUTE)
    on_sqlite.undo(who, second.move_id, now=TUESDAY + 12 * MINUTE)
    with pytest.raises(OccasionChanged):
        on_sqlite.undo(who, second.move_id, now=TUESDAY + 12 * MINUTE)
    on_sqlite.pass_by(TUESDAY + 14 * MINUTE)
    heard = [r for r in on_sqlite.all_of(Delivery) if (r.kind, r.status) == ("seat_moved", SENT)]
    assert [r.person_id for r in heard].count(who) == 2


def test_moved_within_the_last_hour_her_message_leads_to_the_new_room(on_sqlite: Moves) -> None:
    """The old one says so, and the new room's comes at once."""
    one, two = on_sqlite.split()
    who = on_sqlite.somebody()
    on_sqlite.pass_by(FRIDAY - DAY)
    on_sqlite.pass_by(FRIDAY - HOUR)
    assert who in on_sqlite.cards(CARD)[one]
    soon = FRIDAY - timedelta(minutes=30)
    on_sqlite.move(who, one, two, now=soon)
    on_sqlite.pass_by(soon + 2 * MINUTE)
    updates = [
        (row.subject_id, row.status)
        for row in on_sqlite.all_of(Delivery)
        if row.kind == "gathering_update" and row.person_id == who
    ]
    assert sorted(updates) == [(one, SENT), (two, SENT)]
    assert who not in on_sqlite.cards(AHEAD).get(two, set())
    with pytest.raises(OccasionPassed):
        on_sqlite.move(who, two, one, now=FRIDAY)


def test_what_cannot_be_moved(on_sqlite: Moves) -> None:
    """Who leads the room, who sits elsewhere by now, a whole session, another's cohort."""
    one, two = on_sqlite.split()
    who = on_sqlite.somebody()
    leader = on_sqlite.rooms()[0].facilitator_id or 0
    with pytest.raises(LeadsRoom):
        on_sqlite.move(leader, one, two)
    with pytest.raises(OccasionChanged):
        on_sqlite.move(who, two, one)
    with pytest.raises(NotThere):
        on_sqlite.move(who, one, one)
    for speaker in (on_sqlite.centre.of_station, on_sqlite.centre.supervisor):
        with pytest.raises(NotThere):
            on_sqlite.database.write_now(seat_moves.move, speaker, one, who, two, now=TUESDAY)
    seen = on_sqlite.rooms()[0].version
    on_sqlite.database.write_now(
        weekly_rooms.merge,
        on_sqlite.centre.coordinator,
        one,
        is_whole=False,
        seen=seen,
        now=TUESDAY,
    )
    assert [room.room for room in on_sqlite.rooms(date(2026, 11, 27))] == [0]
    with pytest.raises(OccasionChanged):
        on_sqlite.move(who, one, two)
