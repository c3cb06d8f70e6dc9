"""How a large cohort is split into rooms: of similar size, units together as far as possible."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

# A cohort of more than these meets in rooms (EXPERIENCE section 8).
MOST_IN_ROOM = 30
MOST_ROOMS = 6
# Of so many in a room one more or less is allowed, so that a unit can stay together.
SLACK_EVERY = 8
# By so many a unit's room may be larger than the smallest before a late joiner goes there.
LATE_SLACK = 5

People = Sequence[tuple[int, str]]


def rooms_for(people: int) -> int:
    """Into how many rooms so many people are split, no room above thirty; 1 for one that fits."""
    return min(MOST_ROOMS, max(1, -(-people // MOST_IN_ROOM)))


def arrange(people: People, rooms: int) -> list[list[int]]:
    """Who sits in which room: `people` are (id, unit), the result ids in order, room by room.

    The same people give the same rooms, in whatever order they come. The largest units are seated
    first, each where most room is left; one that fits nowhere whole is split as little as it takes.
    Rooms differ by at most twice the slack and one; none holds more than thirty where that can be.
    """
    share = -(-len(people) // rooms)
    slack = share // SLACK_EVERY
    largest = min(share + slack, max(share, MOST_IN_ROOM))
    seated: list[list[tuple[int, str]]] = [[] for _ in range(rooms)]
    for unit, ids in _units(people):
        left = list(ids)
        while left:
            room = min(range(rooms), key=lambda n: (len(seated[n]), n))
            space = largest - len(seated[room])
            # One that is split anyway leaves the room at its even share.
            taken = len(left) if len(left) <= space else share - len(seated[room])
            seated[room] += [(person_id, unit) for person_id in left[:taken]]
            left = left[taken:]
    _level(seated, most=2 * slack + 1)
    return [sorted(person_id for person_id, _ in room) for room in seated]


def _units(people: People) -> list[tuple[str, list[int]]]:
    """Units with their people, the largest first."""
    by_unit: dict[str, list[int]] = defaultdict(list)
    for person_id, unit in sorted(people):
        by_unit[unit].append(person_id)
    return sorted(by_unit.items(), key=lambda one: (-len(one[1]), one[0]))


def _level(seated: list[list[tuple[int, str]]], *, most: int) -> None:
    """Move people from the largest room to the smallest while these differ by more than `most`."""
    while True:
        order = sorted(range(len(seated)), key=lambda n: (len(seated[n]), n))
        smallest, largest = seated[order[0]], seated[order[-1]]
        if len(largest) - len(smallest) <= most:
            return
        here = Counter(unit for _, unit in largest)
        there = Counter(unit for _, unit in smallest)
        # Whoever has colleagues there already, else of the unit that has fewest here.
        moved = min(largest, key=lambda one: (-there[one[1]], here[one[1]], one))
        largest.remove(moved)
        smallest.append(moved)


def room_for(unit: str, rooms: Mapping[int, Sequence[str]]) -> int:
    """Where a late joiner goes: `rooms` gives the units of the people in each, by number.

    Where most of her unit sit, unless that room is too full by now; else the smallest.
    """
    smallest = min(rooms, key=lambda n: (len(rooms[n]), n))
    hers = max(rooms, key=lambda n: (list(rooms[n]).count(unit), -n))
    has_colleagues = unit in rooms[hers]
    is_too_full = len(rooms[hers]) > len(rooms[smallest]) + LATE_SLACK
    return hers if has_colleagues and not is_too_full else smallest
