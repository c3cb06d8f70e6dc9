"""Weeks of a cohort under crashes, refusals and changes of mind, seed by seed.

The short form runs a few seeds and the last that failed; WUXUE_PROVE=1 runs the long form and every
one that ever failed (seeds.txt), goes on behind those already passed with the same code, and keeps
what fails.
"""

import hashlib
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog

from storage.engine import Database
from tests.proving import IS_LONG
from tests.simulation.judgement import violations
from tests.simulation.world import Shape, World

KEPT = Path(__file__).parent / "seeds.txt"
ROOT = Path(__file__).parents[2]
SHORT = ((Shape(8, 10), range(2)),)
# What once failed has tests of its own too, so that a day's run does with the newest two.
NEWEST = 2
LONG = ((Shape(10, 30), range(200)), (Shape(30, 300), range(10)))


def _kept() -> Iterator[tuple[Shape, int]]:
    for line in KEPT.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            days, learners, seed = (int(word) for word in line.split()[:3])
            yield Shape(days, learners), seed


def _chosen() -> list[tuple[Shape, int]]:
    plan = LONG if IS_LONG else SHORT
    wanted = [(shape, seed) for shape, seeds in plan for seed in seeds]
    failed = [kept for kept in _kept() if kept not in wanted]
    return [*wanted, *(failed if IS_LONG else failed[-NEWEST:])]


def _code() -> str:
    """The code a seed was passed with; any change of it makes all seeds new."""
    digest = hashlib.sha256()
    for room in ("scheduler", "curriculum", "storage", "tests/simulation"):
        for path in sorted((ROOT / room).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@pytest.fixture(autouse=True)
def _quiet() -> None:
    """Thousands of crashes are meant here; what counts is the judgement."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


@pytest.mark.timeout(1200 if IS_LONG else 120)
@pytest.mark.parametrize(("shape", "seed"), _chosen(), ids=str)
def test_every_promise_holds_whatever_happens(
    shape: Shape,
    seed: int,
    open_database: Callable[[int], Database],
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    """Planned once, delivered or closed for a reason, repeated only if in flight, in its hours."""
    passed_key = f"wuxue/simulation/{_code()}"
    passed = request.config.cache.get(passed_key, []) if IS_LONG else []
    name = f"{shape.days} {shape.learners} {seed}"
    if name in passed:
        pytest.skip("passed already with this code")
    world = World(open_database(seed), tmp_path, seed, shape)
    world.run()
    found = violations(world)
    if found and IS_LONG and (shape, seed) not in _kept():
        with KEPT.open("a", encoding="utf-8") as file:
            file.write(f"{name}  # {found[0]}\n")
    assert found == [], f"seed {name}: {len(found)} promises broken"
    if IS_LONG:
        request.config.cache.set(passed_key, [*passed, name])


def test_the_same_seed_is_the_same_world(
    open_database: Callable[[int], Database], tmp_path: Path
) -> None:
    """A seed that fails can be looked at again: each message at the same moment."""
    runs = []
    for number in (1, 2):
        folder = tmp_path / f"run-{number}"
        world = World(open_database(number), folder, 7, Shape(3, 6))
        world.run()
        runs.append([(a.at, a.key) for a in world.stand_in.accepted])
    assert runs[0] == runs[1]
    assert runs[0]


def test_the_same_promises_hold_on_postgresql(
    postgresql_database: Database, tmp_path: Path
) -> None:
    """One seed with two machines on the other database."""
    world = World(postgresql_database, tmp_path, 3, Shape(4, 8))
    world.machines = 2
    world.run()
    assert violations(world) == []
    assert world.stand_in.accepted
