"""What a pool of questions falls into: groups, themes, and where a new question would go."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from curriculum.question_shelf import Shelf


@dataclass(frozen=True, slots=True)
class Group:
    """One question in one or more wordings: ids in order, and the one that speaks for them.

    `theme` is a place in `Regrouped.themes`, None where there are none. `goes_with`: see Theme.
    """

    members: tuple[int, ...]
    language: str
    medoid: int
    theme: int | None
    askers: int
    weight: float
    goes_with: int | None


@dataclass(frozen=True, slots=True)
class Theme:
    """Questions about one thing, labelled by up to three keywords and the question `medoid`.

    `representatives` are ids, the medoid first, each of another group. `goes_with` is the place
    of the Chinese theme that a Tibetan one seems to be about; a person decides whether to join.
    """

    members: tuple[int, ...]
    language: str
    keywords: tuple[str, ...]
    medoid: int
    representatives: tuple[int, ...]
    askers: int
    votes: int
    units: int
    latest: date
    weight: float
    goes_with: int | None


@dataclass(frozen=True, slots=True)
class Regrouped:
    """Groups and themes, the heaviest first, and each language's shelf for placing new ones."""

    groups: tuple[Group, ...]
    themes: tuple[Theme, ...]
    shelves: Mapping[str, Shelf]
