"""What the long form keeps: which cases this very code has passed, and a line for each figure."""

import hashlib
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.proving import IS_LONG

ROOT = Path(__file__).parents[2]


def _code() -> str:
    """The code a case was passed with; any change of it makes all cases new."""
    digest = hashlib.sha256()
    for room in ("bot", "scheduler", "curriculum", "storage", "tests/proofs"):
        for path in sorted((ROOT / room).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def tell(capsys: pytest.CaptureFixture[str], **figures: Any) -> None:
    """One JSON line on the terminal, in the long form."""
    if IS_LONG:
        with capsys.disabled():
            sys.stdout.write(json.dumps(figures, ensure_ascii=False) + "\n")


@contextmanager
def once_passed(request: pytest.FixtureRequest, case: str) -> Iterator[None]:
    """Skip what was passed before, in the long form; remember it when it passes now."""
    if not IS_LONG:
        yield
        return
    cache = request.config.cache
    assert cache is not None
    key = f"wuxue/proofs/{_code()}"
    if case in cache.get(key, []):
        pytest.skip("passed already with this code")
    yield
    cache.set(key, [*cache.get(key, []), case])
