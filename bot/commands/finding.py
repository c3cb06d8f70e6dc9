"""One line of `wuxue doctor`: what was looked at, how it is, and what to do."""

from dataclasses import dataclass

FINE, LOOK, ACT = "fine", "look", "act"


@dataclass(frozen=True, slots=True)
class Finding:
    """`level` is fine, look (know of it) or act (something must be done)."""

    level: str
    about: str
    text: str
