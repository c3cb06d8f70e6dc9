"""Several receivers on PostgreSQL: a sender is with one of them, and nothing is processed twice."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from storage import inbox, inbox_claims
from storage.engine import Database, open_session
from storage.inbox import TakenOver
from storage.inbox_claims import Claim
from storage.sealed import NoteKey

BOT = 7
LEASE, NO_LEASE = timedelta(seconds=5), timedelta(seconds=-1)
GAP = timedelta(seconds=0.3)


class Desk:
    """The updates of one bot, stored by (update_id, sender), and receivers that claim them."""

    def __init__(self, database: Database, note_key: NoteKey, now: datetime) -> None:
        self.database = database
        self.key = note_key
        self.now = now

    def store(self, *updates: tuple[int, int], at: timedelta = timedelta()) -> None:
        """Keep updates that came `at` after now."""
        rows = [(update_id, sender, "{}") for update_id, sender in updates]
        self.database.write_now(inbox.store, rows, bot=BOT, note_key=self.key, now=self.now + at)

    def claim(
        self,
        receiver: str,
        *,
        lease: timedelta = LEASE,
        gap: timedelta | None = None,
        limit: int = 500,
    ) -> list[int]:
        """The numbers a receiver gets."""
        return [found.update_id for found in self.claimed(receiver, lease, gap, limit).updates]

    def claimed(
        self,
        receiver: str,
        lease: timedelta = LEASE,
        gap: timedelta | None = None,
        limit: int = 500,
    ) -> Claim:
        """All a receiver is told."""
        return self.database.write_now(
            inbox_claims.claim,
            bot=BOT,
            note_key=self.key,
            receiver=receiver,
            real=self.now,
            lease=lease,
            limit=limit,
            gap=gap,
        )

    def done(self, update_id: int, receiver: str | None) -> None:
        """Mark one processed by a receiver."""
        self.database.write_now(
            inbox.mark_done, self.row(update_id), at=self.now, receiver=receiver
        )

    def row(self, update_id: int) -> int:
        """A row's id."""
        with open_session(self.database.engine) as session:
            query = text("SELECT id FROM inbox_update WHERE update_id = :u")
            return int(session.connection().execute(query, {"u": update_id}).scalar_one())


@pytest.fixture
def desk(postgresql_database: Database, note_key: NoteKey, start: datetime) -> Desk:
    """An empty inbox on PostgreSQL."""
    return Desk(postgresql_database, note_key, start)


def test_what_one_receiver_has_no_other_gets(desk: Desk) -> None:
    """Two look at once; each update is with one of them, in order."""
    desk.store((1, 11), (2, 12), (3, 11))
    assert desk.claim("a") == [1, 2, 3]
    assert desk.claim("b") == []
    assert desk.claim("a") == []


def test_a_senders_next_update_goes_where_her_last_one_is(desk: Desk) -> None:
    """While one receiver has hers in hand another takes nothing of hers, but everybody else's."""
    desk.store((1, 11))
    assert desk.claim("a") == [1]
    desk.store((2, 11), (3, 12))
    found = desk.claimed("b")
    assert [update.update_id for update in found.updates] == [3]
    assert found.is_more
    assert desk.claim("a") == [2]
    desk.done(1, "a")
    desk.done(2, "a")
    desk.store((4, 11))
    assert desk.claim("b") == [4]


def test_what_a_dead_receiver_had_is_taken_over(desk: Desk) -> None:
    """When the lease has run out, another goes on with it, and the first can finish it no more."""
    desk.store((1, 11), (2, 11))
    assert desk.claim("dead", lease=NO_LEASE) == [1, 2]
    assert desk.claim("b") == [1, 2]
    with pytest.raises(TakenOver):
        desk.done(1, "dead")
    desk.done(1, "b")
    with pytest.raises(TakenOver):
        desk.done(1, "b")


def test_a_lease_is_extended_for_what_is_still_ours_alone(desk: Desk) -> None:
    """Who lives keeps what she works on; what was taken over meanwhile stays where it is."""
    desk.store((1, 11), (2, 12))
    desk.claim("a", lease=NO_LEASE)
    extended = desk.database.write_now(
        inbox_claims.extend, [desk.row(1)], receiver="a", lease=LEASE
    )
    assert extended == 1
    assert desk.claim("b") == [2]
    rows = [desk.row(1), desk.row(2)]
    assert desk.database.write_now(inbox_claims.extend, rows, receiver="a", lease=LEASE) == 1


def test_what_was_not_begun_is_handed_back_at_the_end(desk: Desk) -> None:
    """A receiver that stops leaves nothing behind that others have to wait for."""
    desk.store((1, 11), (2, 12))
    desk.claim("a")
    assert desk.database.write_now(inbox_claims.let_go, receiver="a", bot=BOT) == 2
    assert desk.claim("b") == [1, 2]


def test_an_update_put_off_holds_up_nobody(desk: Desk, start: datetime) -> None:
    """It waits its time in nobody's hands; her later ones go on."""
    desk.store((1, 11), (2, 11))
    desk.claim("a")
    later = start + timedelta(seconds=5)
    desk.database.write_now(inbox.postpone, desk.row(1), until=later, receiver="a")
    desk.done(2, "a")
    desk.store((3, 11))
    assert desk.claim("b") == [3]


def test_a_row_being_closed_elsewhere_is_waited_for(desk: Desk) -> None:
    """A frozen receiver's open transaction blocks neither the others nor the sender's order."""
    desk.store((1, 11), (2, 11), (3, 12))
    desk.claim("frozen", lease=NO_LEASE)
    with open_session(desk.database.engine) as frozen, frozen.begin():
        inbox.mark_done(frozen, desk.row(1), at=desk.now, receiver="frozen")
        assert desk.claim("b") == [3]
    assert desk.claim("b") == [2]


def test_only_one_receiver_claims_at_a_time(desk: Desk) -> None:
    """The other is told that more waits, and comes again."""
    desk.store((1, 11))
    lock = text("SELECT pg_advisory_xact_lock(hashtextextended('inbox', :bot))")
    with desk.database.engine.begin() as elsewhere:
        elsewhere.execute(lock, {"bot": BOT})
        assert desk.claimed("a") == Claim([], is_more=True)
    assert desk.claim("a") == [1]


def test_the_limit_takes_the_earliest(desk: Desk) -> None:
    """A receiver takes no more than it can soon work on; the rest is there for others."""
    desk.store(*[(number, number) for number in range(1, 6)])
    assert desk.claim("a", limit=2) == [1, 2]
    assert desk.claim("b") == [3, 4, 5]


def _seen(database: Database, note_key: NoteKey, real: datetime) -> list[int]:
    """What a look on either database shows with gaps waited for."""
    if database.is_sqlite:
        found = database.read_now(inbox.waiting, bot=BOT, note_key=note_key, real=real, gap=GAP)
        return [update.update_id for update in found]
    desk = Desk(database, note_key, real)
    return desk.claim("a", lease=NO_LEASE, gap=GAP)


def test_what_overtook_another_on_its_way_waits_a_moment(
    database: Database, note_key: NoteKey, start: datetime
) -> None:
    """Behind a missing number nothing is taken until it comes, or 0.3 s are over."""
    desk = Desk(database, note_key, start)
    desk.store((5, 11), at=-GAP)
    desk.store((6, 12), (8, 11), (9, 12))
    assert _seen(database, note_key, start) == [5, 6]
    desk.store((7, 11))
    assert _seen(database, note_key, start) == [5, 6, 7, 8, 9]
    desk.store((20, 13))
    assert _seen(database, note_key, start) == [5, 6, 7, 8, 9]
    assert _seen(database, note_key, start + GAP) == [5, 6, 7, 8, 9, 20]
    # From a machine whose clock is an hour ahead: no reason to wait an hour.
    desk.store((30, 14), at=timedelta(hours=1))
    assert _seen(database, note_key, start + GAP) == [5, 6, 7, 8, 9, 20, 30]


def test_a_processed_update_cannot_be_marked_again(
    database: Database, note_key: NoteKey, start: datetime
) -> None:
    """On either database the second marking undoes the change it came with."""
    desk = Desk(database, note_key, start)
    desk.store((1, 11))
    desk.done(1, None)
    with pytest.raises(TakenOver):
        desk.done(1, None)
