"""Questions for the tests of grouping: what was asked, by whom, in plain values."""

from collections.abc import Sequence
from datetime import date

from curriculum.themes import Asked
from tests.curriculum.reworded import REWORDED

TODAY = date(2026, 11, 30)

TIBETAN = (
    "ཕྲུ་གུ་སློབ་གྲྭར་མི་འགྲོ་ན་ག་རེ་བྱེད་དགོས།",
    "ཕྲུ་གུ་སློབ་གྲྭར་མི་འགྲོ་ན་ག་རེ་བྱེད་དགོས་རེད།",
    "ཨ་ཕས་ཆང་འཐུང་ནས་ནང་མི་རྡུང་གི་འདུག",
    "བགྲེས་སོང་ལ་སྨན་ཁང་འགྲོ་རྒྱུའི་རོགས་དངུལ་ཡོད་དམ།",
)


def asked(texts: Sequence[str], *, first: int = 1) -> list[Asked]:
    """One question a text, each by another person, from three units, today."""
    return [
        Asked(id=number, text=text, asker=number, unit=number % 3, on=TODAY)
        for number, text in enumerate(texts, start=first)
    ]


def reworded() -> list[Asked]:
    """The reworded questions, groups one after another, ids from 1 on."""
    return asked([text for group in REWORDED for text in group])
