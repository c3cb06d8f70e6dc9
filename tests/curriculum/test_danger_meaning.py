"""A second opinion on danger, by what a question means: how much it finds of what no sign names."""

import numpy as np

from curriculum import likeness
from curriculum.danger import danger
from curriculum.danger_meaning import means_danger
from curriculum.likeness import BO, FIRST_WIDTH, Floats, language_of
from tests.curriculum.unspoken_dangers import UNSEEN, UNSEEN_EVERYDAY

READ = [text for text in (*UNSEEN, *UNSEEN_EVERYDAY) if language_of(text) != BO]


def test_half_of_what_nobody_thought_of_is_found() -> None:
    """Of texts that took no part in fitting half are found, and few everyday ones with them.

    The floors are what was measured, so they show too how much is still missed.
    """
    rows = dict(zip(READ, likeness.vectors(READ), strict=True))

    def found(text: str) -> bool:
        return danger(text) or (text in rows and means_danger(rows[text]))

    assert sum(map(found, UNSEEN)) >= 15
    assert sum(map(found, UNSEEN_EVERYDAY)) <= 4


def test_without_the_second_model_there_is_no_opinion() -> None:
    """A row that lacks a part is not weighed by weights made for both."""
    row: Floats = np.ones(FIRST_WIDTH, np.float32)
    assert not means_danger(row)
