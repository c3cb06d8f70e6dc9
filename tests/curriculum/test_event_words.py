"""What is told of a change, for trainings and visits alike."""

import pytest

from curriculum.event_words import merged

ORDER = ("state", "when", "place")


@pytest.mark.parametrize(
    ("untold", "fresh", "told"),
    [
        ([], [["place", "八一", "米林"]], [["place", "八一", "米林"]]),
        # Told as one, from what people know to what stands now, in the order of the fields.
        (
            [["place", "八一", "米林"]],
            [["place", "米林", "朗县"], ["when", "1", "2"]],
            [["when", "1", "2"], ["place", "八一", "朗县"]],
        ),
        ([["place", "八一", "米林"]], [["place", "米林", "八一"]], []),
        ([["when", "1", "2"]], [["packing", "", "水"]], [["when", "1", "2"]]),
    ],
)
def test_what_nobody_heard_is_told_with_what_changed_after_it(
    untold: list[list[str]], fresh: list[list[str]], told: list[list[str]]
) -> None:
    """What is back where it was is no change, and what is no matter to people is not told."""
    assert merged(untold, fresh, ORDER) == told
