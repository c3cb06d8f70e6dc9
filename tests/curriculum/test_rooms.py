"""A session in rooms: who hears of which, one record each, one session for the cohort."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, col, select

from curriculum import (
    attendance,
    days_off,
    facilitator_swaps,
    facilitators,
    gathering_cards,
    gathering_minutes,
    gatherings,
    gatherings_back,
    monthly_topic,
    rooms,
    weekly_changes,
    weekly_rooms,
    weekly_series,
)
from curriculum.errors import NotThere
from curriculum.facts import NotWanted
from curriculum.gathering_errors import OccasionChanged, OccasionPassed, RoomLinks
from curriculum.gathering_words import ASK, CARD, CHANGED, FALLBACK, KIT, UPDATE
from curriculum.holiday_notices import read_notice
from curriculum.people import Speaker
from curriculum.weekly_calendar import follow_calendar
from curriculum.weekly_study import Series
from storage.deliveries import SENT, Claimed, Delivery
from storage.engine import Database
from storage.gatherings import CANCELLED, MERGED, PLANNED, Attendance, Gathering
from storage.questions import Question
from storage.records import LearningRecord
from storage.rooms import seats
from storage.topics import Topic
from tests.county import BOT, County, join
from tests.curriculum.centre import Centre, found
from tests.curriculum.test_weekly_study import DAY, FRIDAY, HOUR, TUESDAY, WEEK, Weekly
from tests.kept import kept

MINUTE = timedelta(minutes=1)
LINKS = ("https://meeting.example/1", "https://meeting.example/2")


def _large(session: Session, folder: Path) -> Centre:
    """Seventeen learners of one station and sixteen of another."""

    def grown() -> Centre:
        centre = found(session, folder, now=TUESDAY)
        county: County = centre.county
        for number in range(30):
            unit = county.station if number % 2 else county.other_station
            name = f"同事{number + 1}"
            county.learners.append(
                join(session, county, chat_id=400 + number, name=name, unit=unit, now=TUESDAY)
            )
        return centre

    return kept(session, ("large centre", TUESDAY), grown)


class Split(Weekly):
    """A centre of thirty-three learners whose sessions the coordinator splits in two."""

    def split(self, *, is_whole: bool = True, now: datetime = TUESDAY, **facts: Any) -> list[int]:
        first = self.first()
        self.database.write_now(
            weekly_rooms.split,
            self.centre.coordinator,
            first.id or 0,
            2,
            **{"places": LINKS, "is_whole": is_whole, "seen": first.version, "now": now} | facts,
        )
        return [one.id or 0 for one in self.rooms()]

    def merge(self, *, is_whole: bool = True, now: datetime) -> None:
        first = self.first()
        self.database.write_now(
            weekly_rooms.merge,
            self.centre.coordinator,
            first.id or 0,
            is_whole=is_whole,
            seen=first.version,
            now=now,
        )

    def pass_by(self, now: datetime) -> None:
        """More is due at once than one round claims."""
        super().pass_by(now)
        while self.outbox.send(now):
            pass

    def rooms(self, day: date = date(2026, 11, 27)) -> list[Gathering]:
        """The planned gatherings of a date."""

        def read(session: Session) -> list[Gathering]:
            return list(
                session.exec(
                    select(Gathering)
                    .where(Gathering.local_date == day, Gathering.state == PLANNED)
                    .order_by(col(Gathering.room))
                )
            )

        return self.database.read_now(read)

    def first(self) -> Gathering:
        return self.rooms()[0]

    def seated(self, day: date = date(2026, 11, 27)) -> list[set[int]]:
        ids = [one.id or 0 for one in self.rooms(day)]
        found = self.database.read_now(seats, ids)
        return [found[one] for one in ids]

    def speaker(self, person_id: int) -> Speaker:
        return next(one for one in self.centre.county.learners if one.person_id == person_id)

    def all_of(self, table: Any) -> list[Any]:
        return self.database.read_now(lambda session: list(session.exec(select(table))))

    def cards(self, kind: str = CARD, status: str = SENT) -> dict[int, set[int]]:
        """Who got this kind of message, by gathering."""
        rows: dict[int, set[int]] = {}
        for row in self.all_of(Delivery):
            if row.kind == kind and row.status == status:
                rows.setdefault(row.subject_id, set()).add(row.person_id)
        return rows


@pytest.fixture
def split(database: Database, tmp_path: Path) -> Split:
    """The series on Fridays at three, nobody split yet, on either database."""
    return Split(database, database.write_now(_large, tmp_path))


@pytest.fixture
def on_sqlite(sqlite_database: Database, tmp_path: Path) -> Split:
    """The same on SQLite alone, for rules that no SQL of their own stands for."""
    return Split(sqlite_database, sqlite_database.write_now(_large, tmp_path))


def test_a_session_of_two_rooms_is_held_once_and_each_has_her_own_room(split: Split) -> None:
    """From the split to the ledger: one word, one reminder, one record each, one session."""
    one, two = split.split()
    stations, seated = {17, 16}, split.seated()
    assert {len(room) for room in seated} == stations, "no station is torn apart"
    assert [room.place for room in split.rooms()] == list(LINKS)
    split.pass_by(TUESDAY + HOUR)
    assert split.cards(CHANGED) == {one: seated[0], two: seated[1]}
    turns = [room.facilitator_id or 0 for room in split.rooms()]
    assert [turns[0] in seated[0], turns[1] in seated[1]] == [True, True]
    assert set(split.told(ASK)) == set(turns)
    for turn, room in zip(turns, (one, two), strict=True):
        split.do(facilitators.confirm, split.speaker(turn), room, now=TUESDAY + DAY)
    split.pass_by(FRIDAY - DAY - 3 * HOUR)
    assert split.cards(KIT) == {one: {turns[0]}, two: {turns[1]}}
    split.pass_by(FRIDAY - HOUR)
    assert split.cards(CARD) == {one: seated[0], two: seated[1]}

    # A tap under an older message of the other room counts in her own.
    comer = split.speaker(min(seated[1] - set(turns)))
    split.do(attendance.sign_in, comer, one, now=FRIDAY)
    called = split.do(attendance.roll, split.speaker(turns[1]), two, now=FRIDAY)
    assert (called.room, {line.person_id for line in called.lines}) == (2, seated[1])
    assert called.count("signed_in") == 1
    with pytest.raises(NotThere):
        split.do(attendance.roll, split.speaker(turns[0]), two, now=FRIDAY)
    with pytest.raises(NotThere):
        split.do(attendance.tick, split.speaker(turns[0]), one, comer.person_id, now=FRIDAY)
    tick, other = attendance.tick, min(seated[0] - set(turns))
    split.do(tick, split.speaker(turns[0]), one, other, now=FRIDAY)
    records = [row for row in split.all_of(LearningRecord) if row.study == "weekly_study"]
    assert {row.person_id for row in records} == {comer.person_id, other}
    assert len({row.occasion for row in records}) == 1, "two rooms are one session held"
    assert len(split.all_of(Attendance)) == 2
    line = split.overview(FRIDAY).lines[0]
    assert (line.rooms, line.people, line.here) == (2, 33, 2)

    minutes = {"point": ["第二组的要点"], "question": ["没答上来的问题"]}
    write = gathering_minutes.write
    told = split.do(write, split.speaker(turns[1]), two, minutes, now=FRIDAY + HOUR)
    assert told == len(seated[1])
    split.pass_by(FRIDAY + HOUR)
    assert split.cards(UPDATE)[two] == seated[1]
    assert split.cards(UPDATE).get(one, set()) <= {other}
    assert [row.text for row in split.all_of(Question)] == ["没答上来的问题"]
    read = weekly_series.room_lines
    lines = split.do(read, split.centre.coordinator, one, now=FRIDAY + HOUR)
    assert [line.has_minutes for line in lines] == [False, True]
    assert not split.overview(FRIDAY + HOUR).lines[0].has_minutes


def test_a_week_later_everybody_sits_where_she_sat_and_a_newcomer_has_a_seat(split: Split) -> None:
    """Whoever joins is seated before the reminder is owed; new weeks keep the rooms."""
    split.split()
    late = split.database.write_now(
        join,
        split.centre.county,
        chat_id=500,
        name="新来的",
        unit=split.centre.county.other_station,
        now=TUESDAY + HOUR,
    )
    split.centre.county.learners.append(late)
    before = split.seated()
    # She came before anybody had looked: her own sessions show the room she will be in.
    own = split.do(weekly_series.own, late, now=TUESDAY + HOUR)
    split.pass_by(FRIDAY - DAY)
    split.pass_by(FRIDAY - HOUR)
    rooms_now = split.rooms()
    colleagues = next(n for n in (0, 1) if late.person_id in split.seated()[n])
    assert len(before[colleagues]) == 16
    assert own[0].gathering_id == rooms_now[colleagues].id
    assert late.person_id in split.cards(CARD)[rooms_now[colleagues].id or 0]
    split.pass_by(TUESDAY + WEEK)
    fourth = split.seated(date(2026, 12, 18))
    assert [room >= was for room, was in zip(fourth, before, strict=True)] == [True, True]
    assert late.person_id in fourth[colleagues]
    assert [room.place for room in split.rooms(date(2026, 12, 18))] == list(LINKS)
    turns = {room.facilitator_id for room in split.rooms(date(2026, 12, 18))}
    assert len(turns) == 2


def test_an_apology_goes_along_and_merging_before_the_word_tells_nobody(split: Split) -> None:
    """Split and joined within the minute: no word; joined after the word: one word to all."""
    person = split.centre.county.learners[2]
    first = split.first().id or 0
    apologise = attendance.apologise
    split.database.write_now(apologise, person, first, reason="unsaid", now=TUESDAY)
    split.split(is_whole=False)
    (row,) = split.all_of(Attendance)
    room = next(one for one in split.rooms() if one.id == row.gathering_id)
    assert person.person_id in split.seated()[room.room - 1]
    split.merge(is_whole=False, now=TUESDAY + MINUTE / 2)
    assert [one.room for one in split.rooms()] == [0]
    assert split.all_of(Attendance)[0].gathering_id == first
    split.pass_by(TUESDAY + HOUR)
    assert split.cards(CHANGED) == {}
    one, two = split.split(is_whole=False, now=TUESDAY + 2 * HOUR)
    assert len(split.sessions()) == 4, "the room that was joined is used again"
    leader = split.rooms()[1].facilitator_id or 0
    split.do(facilitators.confirm, split.speaker(leader), two, now=TUESDAY + 2 * HOUR)
    split.pass_by(TUESDAY + 3 * HOUR)
    split.pass_by(FRIDAY - HOUR)
    assert split.cards(KIT)[two] == {leader}
    assert len(split.cards(FALLBACK)[one]) == 2, "nobody took on the first room's turn"
    split.merge(is_whole=False, now=FRIDAY - HOUR / 2)
    split.pass_by(FRIDAY - HOUR / 2 + MINUTE)
    assert (len(split.cards(CHANGED)[one]), len(split.cards(CHANGED)[two])) == (17, 16)
    assert len(split.cards(CARD)[one]) == 33 - 1, "the session's message goes to all but her"
    card = gathering_cards.card
    old = split.do(card, split.speaker(min(split.cards(CARD)[two])), two, now=FRIDAY)
    assert (old.gathering_id, old.room) == (one, 0)


def test_all_rooms_move_and_fall_out_together(on_sqlite: Split) -> None:
    """Moved, cancelled, brought back, by itself or with the series; each told of her room once."""
    split = on_sqlite
    one, two = split.split()
    split.pass_by(TUESDAY + HOUR)
    first = split.first()
    split.database.write_now(
        weekly_changes.move,
        split.centre.coordinator,
        one,
        day=date(2026, 11, 26),
        at="16:00",
        is_whole=False,
        reason="weather",
        seen=first.version,
        now=TUESDAY + 2 * HOUR,
    )
    assert len({room.starts_at for room in split.rooms()}) == 1
    assert [room.place for room in split.rooms()] == list(LINKS)
    split.pass_by(TUESDAY + 3 * HOUR)
    assert len(split.told(CHANGED)) == 2 * 33
    seen = split.first().version
    call_off, coordinator = attendance.call_off, split.centre.coordinator
    now = TUESDAY + 4 * HOUR
    write = split.database.write_now
    write(call_off, coordinator, one, reason="weather", seen=seen, now=now)
    assert split.rooms() == []
    write(gatherings_back.bring_back, coordinator, one, seen=seen + 1, now=now)
    assert len(split.rooms()) == 2
    assert split.set(Series(), is_on=False, now=now) == 3
    assert {room.state for room in split.sessions()} == {CANCELLED}
    split.pass_by(now + HOUR)
    assert len(split.told(CHANGED)) == 3 * 33
    assert split.set(Series(rooms=2, room_places=LINKS), now=now + 2 * HOUR) == 3
    assert [(room.room, room.state) for room in split.rooms()] == [(1, PLANNED), (2, PLANNED)]
    assert two in {room.id for room in split.rooms()}


def test_rooms_left_out_for_days_off_come_back_as_they_were(on_sqlite: Split) -> None:
    """The same rooms, seats and turns; before anybody heard of it nobody hears anything."""
    split, day = on_sqlite, date(2026, 12, 4)
    split.split()
    split.pass_by(TUESDAY + HOUR)
    before, told = _seats_and_turns(split, day), len(split.told(CHANGED))
    coordinator, now = split.centre.coordinator, TUESDAY + 2 * HOUR
    notice = read_notice("11月30日至12月4日放假", today=TUESDAY.date())
    entry = split.do(days_off.save, coordinator, notice, now=now)
    assert split.do(follow_calendar, coordinator, now=now) == 1
    assert split.rooms(day) == []
    split.do(days_off.take_back, coordinator, entry, now=now)
    assert split.do(follow_calendar, coordinator, now=now) == 1
    assert _seats_and_turns(split, day) == before
    split.pass_by(now + HOUR)
    assert len(split.told(CHANGED)) == told


def _seats_and_turns(split: Split, day: date) -> list[tuple[Any, ...]]:
    rooms = [(one.id, one.room, one.place, one.facilitator_id) for one in split.rooms(day)]
    return [*rooms, *split.seated(day)]


def test_one_rooms_link_is_told_to_its_people_alone(on_sqlite: Split) -> None:
    """And a later change of the series leaves the links where they are."""
    split = on_sqlite
    one, two = split.split()
    split.pass_by(TUESDAY + HOUR)
    room = split.rooms()[1]
    split.database.write_now(
        weekly_rooms.change_place,
        split.centre.coordinator,
        two,
        "https://meeting.example/9",
        seen=room.version,
        now=TUESDAY + 2 * HOUR,
    )
    split.pass_by(TUESDAY + 3 * HOUR)
    assert [len(split.told(CHANGED)), split.rooms()[0].place] == [33 + 16, LINKS[0]]
    assert split.rooms()[1].place == "https://meeting.example/9"
    assert one == split.rooms()[0].id


def test_who_may_split_and_what_cannot_be_split(on_sqlite: Split) -> None:
    """No role but the cohort's coordinators, never twice, never once it has begun."""
    split = on_sqlite
    centre, first = split.centre, split.first()
    act, facts = weekly_rooms.split, {"is_whole": True, "seen": first.version, "now": TUESDAY}
    strangers = (
        centre.county.learners[0],
        centre.supervisor,
        centre.of_station,
        centre.observer,
        centre.administrator,
    )
    for who in strangers:
        with pytest.raises(NotThere):
            split.database.write_now(act, who, first.id or 0, 2, **facts)
        with pytest.raises(NotThere):
            split.do(weekly_series.room_lines, who, first.id or 0, now=TUESDAY)
    for count in (1, 7):
        with pytest.raises(NotThere):
            split.database.write_now(act, centre.coordinator, first.id or 0, count, **facts)
    one, _ = split.split()
    with pytest.raises(OccasionChanged):
        split.split()
    with pytest.raises(OccasionPassed):
        split.merge(now=FRIDAY)
    for who in strangers:
        with pytest.raises(NotThere):
            split.database.write_now(
                weekly_rooms.merge,
                who,
                one,
                is_whole=True,
                seen=split.first().version,
                now=TUESDAY,
            )
    split.merge(now=TUESDAY)
    assert {(row.room, row.state) for row in split.sessions()} == {(0, PLANNED), (2, MERGED)}
    with pytest.raises(RoomLinks):
        weekly_rooms.read_places("https://meeting.example/1", 2)


def test_a_swap_is_offered_only_where_each_has_a_place(on_sqlite: Split) -> None:
    """Two facilitators of the same room in two weeks, not those of two rooms."""
    split = on_sqlite
    split.split()
    by_room = [
        [room for room in split.all_of(Gathering) if room.room == number] for number in (1, 2)
    ]
    for mine in by_room:
        hers = split.speaker(mine[0].facilitator_id)
        turns = split.do(facilitator_swaps.swappable, hers, mine[0].id, now=TUESDAY)
        assert {turn.gathering_id for turn in turns} == {one.id for one in mine[1:]}


def test_what_a_late_tap_finds(on_sqlite: Split) -> None:
    """Whoever has no seat yet sits down in the room she is shown."""
    split = on_sqlite
    one, two = split.split()
    late = split.database.write_now(
        join, split.centre.county, chat_id=501, name="新来的", now=TUESDAY + HOUR
    )
    hers = split.database.read_now(
        lambda session: rooms.hers(session, late.person_id, session.get_one(Gathering, one)).id
    )
    split.do(attendance.sign_in, late, one, now=datetime(2026, 11, 27, 7, 1, tzinfo=UTC))
    assert late.person_id in split.seated()[[one, two].index(hers or 0)]


MONTHLY_AT = datetime(2026, 12, 3, 7, 0, tzinfo=UTC)


def _announce(split: Split, kind: str) -> Gathering:
    """A monthly or quarterly session a week later; the weekly one of its week gives way."""
    gathering_id = split.database.write_now(
        gatherings.announce,
        split.centre.coordinator,
        kind=kind,
        cohort_id=split.centre.county.cohort.id or 0,
        title="这个月的",
        starts_at=MONTHLY_AT,
        minutes=90,
        place="https://meeting.example/all",
        facilitator_id=split.centre.county.learners[3].person_id,
        now=TUESDAY,
    )
    return split.database.read_now(lambda session: session.get_one(Gathering, gathering_id))


def _claimed(split: Split, topic_id: int, person_id: int) -> Claimed:
    """The page that is owed to somebody after a topic's session."""
    return Claimed(
        id=person_id,
        bot=BOT,
        kind=monthly_topic.KIND,
        occasion=f"topic:{topic_id}",
        person_id=person_id,
        group_id=None,
        cohort_id=split.centre.county.cohort.id,
        subject_id=topic_id,
        content_version=None,
        urgency="foldable",
        due_at=MONTHLY_AT + DAY,
        attempts=0,
        parts_sent=0,
    )


def _topic(split: Split, whole: Gathering) -> int:
    """The topic that a session is about."""
    topic = Topic(
        bot=BOT,
        cohort_id=whole.cohort_id,
        month=date(2026, 12, 1),
        closes_on=date(2026, 11, 24),
        due_on=date(2026, 11, 27),
        starts_at=MONTHLY_AT,
        minutes=90,
        state="held",
        version=1,
        texts={},
        gathering_id=whole.id,
    )

    def store(session: Session) -> int:
        session.add(topic)
        session.flush()
        return topic.id or 0

    return split.database.write_now(store)


def test_a_topics_session_meets_in_rooms_and_counts_once(split: Split) -> None:
    """Its trainer leads her own room; who was in any room has no page for who was absent."""
    whole = _announce(split, "monthly_topic")
    coordinator, seen = split.centre.coordinator, whole.version
    line = split.database.read_now(weekly_series.line, coordinator, whole.id or 0, now=TUESDAY)
    assert (line.may_split, line.in_series) == (True, False)
    with pytest.raises(NotThere):
        split.database.write_now(
            weekly_rooms.split,
            coordinator,
            whole.id or 0,
            2,
            is_whole=True,
            seen=seen,
            now=TUESDAY,
        )
    split.database.write_now(
        weekly_rooms.split,
        coordinator,
        whole.id or 0,
        2,
        places=LINKS,
        is_whole=False,
        seen=seen,
        now=TUESDAY,
    )
    first, second = split.rooms(date(2026, 12, 3))
    seated = split.seated(date(2026, 12, 3))
    trainer = split.centre.county.learners[3].person_id
    assert (first.id, first.facilitator_id) == (whole.id, trainer)
    assert trainer in seated[0]
    assert gatherings.name_of(first) == gatherings.name_of(second)
    came, absent = sorted(seated[1] - {second.facilitator_id or 0})[:2]
    signed = split.database.write_now(
        attendance.sign_in, split.speaker(came), second.id or 0, now=MONTHLY_AT
    )
    assert signed.minutes == 90
    topic_id = _topic(split, whole)
    rows = [_claimed(split, topic_id, one) for one in (came, absent)]
    facts = split.database.read_now(monthly_topic.facts, rows, now=MONTHLY_AT + DAY)
    assert isinstance(facts[came], NotWanted)
    assert not isinstance(facts[absent], NotWanted)


def test_a_quarterly_share_is_split_only_when_a_coordinator_wishes(on_sqlite: Split) -> None:
    """Nobody is seated before that; together again it meets where its first room did."""
    whole = _announce(on_sqlite, "quarterly_share")
    (alone,) = on_sqlite.rooms(date(2026, 12, 3))
    assert alone.room == 0
    coordinator = on_sqlite.centre.coordinator
    on_sqlite.database.write_now(
        weekly_rooms.split,
        coordinator,
        whole.id or 0,
        2,
        is_whole=False,
        seen=whole.version,
        now=TUESDAY,
    )
    rooms = on_sqlite.rooms(date(2026, 12, 3))
    assert [one.place for one in rooms] == [whole.place, whole.place]
    merged = on_sqlite.database.write_now(
        weekly_rooms.merge,
        coordinator,
        whole.id or 0,
        is_whole=False,
        seen=rooms[0].version,
        now=TUESDAY,
    )
    assert (merged.room, merged.place) == (0, whole.place)
