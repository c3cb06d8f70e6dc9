"""What the modules of a pack are called and which come first, as its pack.toml says."""

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from curriculum.lesson_pack import Module

PACKS = Path(__file__).parent / "packs"


def as_document(modules: Sequence[Module]) -> list[dict[str, Any]]:
    """The modules of a checked pack as they are stored with it, in its order."""
    return [
        {
            "code": module.code,
            "title": module.title,
            "title_en": module.title_en,
            "after": list(module.after),
        }
        for module in modules
    ]


def modules_of(pack_code: str, stored: Sequence[Mapping[str, Any]] | None) -> Mapping[str, Module]:
    """A pack's modules by code, in the order of its pack.toml; `stored` as from `as_document`.

    A pack imported before modules were stored has none: then what ships with the product, and
    empty for any other.
    """
    return _shipped().get(pack_code, {}) if stored is None else _by_code(stored)


@cache
def _shipped() -> Mapping[str, Mapping[str, Module]]:
    packs = [tomllib.loads(path.read_text(encoding="utf-8")) for path in PACKS.glob("*/pack.toml")]
    return {pack["code"]: _by_code(pack["modules"]) for pack in packs}


def _by_code(modules: Sequence[Mapping[str, Any]]) -> Mapping[str, Module]:
    return {
        module["code"]: Module(
            module["code"],
            module["title"],
            module.get("title_en"),
            tuple(module.get("after", ())),
        )
        for module in modules
    }
