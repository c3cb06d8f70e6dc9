"""The same question in other words."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from curriculum import near_duplicates
from curriculum.likeness import Floats, Measures, unit
from curriculum.near_duplicates import average_linkage, crowding, groups

PLAIN = Measures(wording=0.95, margin=0.0, floor=0.6, similar=0.3)


def at_angles(*degrees: float) -> Floats:
    """Rows of unit length in a plane."""
    turned = np.radians(degrees)
    return np.stack([np.cos(turned), np.sin(turned)], axis=1).astype(np.float32)


def by_trying_all(margin: Floats) -> list[int]:
    """Average linkage as it is defined: always the nearest two groups, until none is near."""
    held = [[place] for place in range(len(margin))]
    while len(held) > 1:
        tried = [
            (float(margin[np.ix_(one, other)].astype(np.float64).mean()), a, b)
            for a, one in enumerate(held)
            for b, other in enumerate(held)
            if a < b
        ]
        best = max(tried)
        if best[0] < 0:
            break
        held[best[1]] += held.pop(best[2])
    label = {place: min(group) for group in held for place in group}
    return [label[place] for place in range(len(margin))]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 12))
def test_chains_find_what_trying_all_pairs_finds(seed: int, count: int) -> None:
    """Nearest-neighbour chains give the groups of plain average linkage."""
    chance = np.random.default_rng(seed)
    margin = chance.normal(size=(count, count)).astype(np.float32)
    margin = (margin + margin.T) / 2
    assert average_linkage(margin).tolist() == by_trying_all(margin)


def test_linking_parts_apart_changes_nothing() -> None:
    """Groups are the same whether all rows are linked at once or each connected part by itself."""
    chance = np.random.default_rng(2)
    rows = unit(chance.normal(size=(60, 4)).astype(np.float32))
    crowd = crowding(rows, PLAIN)
    whole = average_linkage(near_duplicates.margins(rows @ rows.T, crowd, crowd, PLAIN))
    assert groups(rows, PLAIN).tolist() == whole.tolist()


def test_a_chain_of_likes_is_not_one_question() -> None:
    """Unlike ends stay apart though each is like the one between: averages, not chains."""
    rows = at_angles(0, 40, 80, 120)
    nobody = np.zeros(4, np.float32)
    assert len(set(groups(rows, PLAIN, nobody).tolist())) > 1


def test_what_stands_out_of_its_crowd_is_one_question() -> None:
    """The same nearness is the same question among strangers, and none in a crowd."""
    pair = at_angles(0, 30)
    crowded = np.vstack([pair, at_angles(*np.linspace(-45, 75, 12))])
    needs = Measures(wording=0.9999, margin=0.1, floor=0.5, similar=0.3)
    apart = groups(np.vstack([pair, at_angles(150, 170)]), needs)
    assert apart[0] == apart[1]
    among = groups(crowded, needs)
    assert among[0] != among[1]


def test_what_is_asked_again_and_again_is_not_its_own_crowd() -> None:
    """Thirty copies of a question crowd it no more than one does."""
    few = np.vstack([at_angles(0), at_angles(50, 70, 90)])
    many = np.vstack([at_angles(*[0.1 * n for n in range(30)]), at_angles(50, 70, 90)])
    assert np.isclose(crowding(few, PLAIN)[0], crowding(many, PLAIN)[0], atol=0.05)
    assert len(set(groups(many, PLAIN)[:30].tolist())) == 1


def test_nobody_and_one_are_pools_too() -> None:
    """An empty pool has no groups, and one question is a group."""
    assert groups(np.zeros((0, 3), np.float32), PLAIN).tolist() == []
    assert groups(at_angles(10), PLAIN).tolist() == [0]
