"""Whether the long forms of tests run (`make prove`), or the short ones of every day."""

import os

import pytest

IS_LONG = os.environ.get("WUXUE_PROVE") == "1"
# A journey whose rules the daily tests play on both databases, and its handlers on one.
on_both_in_the_long_run = pytest.mark.skipif(
    not IS_LONG, reason="on PostgreSQL as well with `make prove`"
)
