"""What the modules of a pack are called and which come first, from the packs of the product."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from curriculum.lesson_pack import Module

PACKS = Path(__file__).parent / "packs"


def modules_of(pack_code: str) -> Mapping[str, Module]:
    """A pack's modules by code, in the order of its pack.toml.

    Empty for a pack that did not come with the product: an import keeps each lesson's module by
    its code only.
    """
    return _shipped().get(pack_code, {})


@cache
def _shipped() -> Mapping[str, Mapping[str, Module]]:
    packs = [tomllib.loads(path.read_text(encoding="utf-8")) for path in PACKS.glob("*/pack.toml")]
    return {
        pack["code"]: {
            module["code"]: Module(
                module["code"],
                module["title"],
                module.get("title_en"),
                tuple(module.get("after", ())),
            )
            for module in pack["modules"]
        }
        for pack in packs
    }
