"""Splitting a large cohort: similar sizes, units together, the same every time."""

import random

import pytest

from curriculum.room_seats import MOST_IN_ROOM, SLACK_EVERY, arrange, room_for, rooms_for


def _people(*sizes: int) -> list[tuple[int, str]]:
    """Stations of these sizes, ids in a row."""
    units = [f"/1/{place}/" for place, size in enumerate(sizes) for _ in range(size)]
    return list(enumerate(units, start=1))


def test_a_cohort_is_split_from_thirty_one_people_on() -> None:
    """And into so many rooms that none holds more than thirty, up to six."""
    assert [rooms_for(n) for n in (0, 30, 31, 60, 61, 180, 500)] == [1, 1, 2, 2, 3, 6, 6]


def test_units_stay_together_where_they_fit() -> None:
    """Four stations in two rooms: none is split, though the rooms are not quite equal."""
    people = _people(12, 9, 7, 5)
    rooms = arrange(people, 2)
    assert [len(room) for room in rooms] == [17, 16]
    unit_of = dict(people)
    assert len({unit_of[i] for i in rooms[0]} & {unit_of[i] for i in rooms[1]}) == 0


def test_a_unit_that_fits_nowhere_is_split_once() -> None:
    """One station of forty among small ones goes into two rooms, the small ones stay whole."""
    people = _people(40, 3, 3, 2)
    rooms = arrange(people, 2)
    unit_of = dict(people)
    shared = {unit_of[i] for i in rooms[0]} & {unit_of[i] for i in rooms[1]}
    assert shared == {"/1/0/"}
    assert abs(len(rooms[0]) - len(rooms[1])) <= 2 * (24 // SLACK_EVERY) + 1


@pytest.mark.parametrize("seed", range(40))
def test_any_cohort_gives_rooms_of_similar_size_in_which_everybody_sits_once(seed: int) -> None:
    """Whatever its units are, and in whatever order its people come."""
    chance = random.Random(seed)  # noqa: S311  a die for sample data
    sizes = [chance.randint(1, chance.choice((3, 12, 45))) for _ in range(chance.randint(1, 30))]
    people = _people(*sizes)
    rooms = chance.randint(2, min(6, max(2, len(people))))
    found = arrange(people, rooms)
    assert sorted(i for room in found for i in room) == [i for i, _ in people]
    lengths = [len(room) for room in found]
    share = -(-len(people) // rooms)
    assert max(lengths) - min(lengths) <= 2 * (share // SLACK_EVERY) + 1
    if len(people) <= MOST_IN_ROOM * rooms:
        assert max(lengths) <= MOST_IN_ROOM
    chance.shuffle(people)
    assert arrange(people, rooms) == found


def test_a_late_joiner_goes_to_her_colleagues_unless_they_are_too_many() -> None:
    """Else to the smallest room; she who has no colleagues does too."""
    assert room_for("a", {1: ["a", "a", "b"], 2: ["b"]}) == 1
    assert room_for("a", {1: ["a"] * 9, 2: ["b"] * 3}) == 2
    assert room_for("c", {1: ["a", "a", "b"], 2: ["b"]}) == 2
    assert room_for("", {1: ["a"], 2: ["b"]}) == 1
