"""The judgement is not blind: each known way to lose or repeat a message is noticed."""

import logging
from collections.abc import Callable
from pathlib import Path

import pytest
import structlog

from storage.engine import Database
from tests.simulation.judgement import violations
from tests.simulation.mutations import MUTATIONS
from tests.simulation.world import Shape, World

SHAPE = Shape(8, 10)
# A mutation needs its moment: so many worlds may pass before it shows.
WORLDS = 12
# The world in which a mutation showed before comes first; if it does not any more, the others do.
SHOWN_IN = {"MovesWatermarkFirst": 2, "TrustsItsLease": 1}


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda m: m.__name__)
def test_each_mistake_is_noticed(
    mutation: type[World], open_database: Callable[[int], Database], tmp_path: Path
) -> None:
    """In one of a few worlds at least, a promise is seen to be broken."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    known = SHOWN_IN.get(mutation.__name__, 0)
    for seed in sorted(range(WORLDS), key=lambda seed: seed != known):
        world = mutation(open_database(seed), tmp_path / f"pack-{seed}", seed, SHAPE)
        world.run()
        if violations(world):
            return
    pytest.fail(f"{WORLDS} worlds with this mistake broke no promise")
