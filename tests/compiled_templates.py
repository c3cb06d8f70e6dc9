"""Templates compiled once for all bots of a test run, as one bot's are.

Nearly every journey starts a bot of its own, which compiles each message it sends anew.
"""

from functools import partial

import pytest
from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket


class _Kept(BytecodeCache):
    """Compiled templates by name and content, in memory."""

    def __init__(self) -> None:
        self._by_key: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill the bucket, where this very template was compiled before."""
        known = self._by_key.get((bucket.key, bucket.checksum))
        if known is not None:
            bucket.bytecode_from_string(known)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self._by_key[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


def share(patch: pytest.MonkeyPatch) -> None:
    """Until `patch` is undone, new renderers share what is compiled for them."""
    patch.setattr("bot.render.Environment", partial(Environment, bytecode_cache=_Kept()))
