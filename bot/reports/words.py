"""The words of report files, read from locales/<lang>/report_words.toml."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

Words = Mapping[str, Mapping[str, str]]


@cache
def report_words(language: str) -> Words:
    """Every word of the reports in a language ("zh" or "en"), by group and code."""
    found = files("bot") / "locales" / language / "report_words.toml"
    return tomllib.loads(found.read_text("utf-8"))
