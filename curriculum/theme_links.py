"""Which Chinese theme a Tibetan question seems to belong to, for a person to decide.

No model knows both languages, so the link is what people know: a glossary that coordinators keep,
and lessons that have a title in either language.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from curriculum.lesson_terms import TSHEG, normal, words_of
from curriculum.likeness import Space

# Below this a theme shares a word of the glossary no more than any other does.
LIFT = 0.02
# From this cosine on a Tibetan lesson title is about what was asked.
TITLE_FROM = 0.3


@dataclass(frozen=True, slots=True)
class Pairs:
    """Words, and titles of lessons, in both languages: (Tibetan, Chinese)."""

    glossary: tuple[tuple[str, str], ...] = ()
    titles: tuple[tuple[str, str], ...] = ()


def by_glossary(
    tibetan: Sequence[str], themes: Sequence[Sequence[str]], pairs: Pairs
) -> int | None:
    """The place of the Chinese theme that says these Tibetan texts' words more than the others."""
    said = Counter(word for text in tibetan for word in glossed(text, pairs))
    if not said or not themes:
        return None
    lifts = [0.0] * len(themes)
    spoken = [[normal(text) for text in theme] for theme in themes]
    everyone = [text for theme in spoken for text in theme]
    for word, count in said.items():
        usual = _share(word, everyone)
        for place, theme in enumerate(spoken):
            lifts[place] += count / len(tibetan) * (_share(word, theme) - usual)
    best = max(range(len(lifts)), key=lambda place: (lifts[place], -place))
    return best if lifts[best] > LIFT else None


def by_titles(tibetan: Sequence[str], pairs: Pairs, space: Space) -> str | None:
    """The Chinese title of the lesson whose Tibetan title these texts are most like, if any."""
    if not pairs.titles:
        return None
    titles = space.rows([title for title, _ in pairs.titles])
    near = space.rows(tibetan).mean(axis=0) @ titles.T
    best = int(near.argmax())
    return pairs.titles[best][1] if near[best] >= TITLE_FROM else None


def glossed(text: str, pairs: Pairs) -> set[str]:
    """The Chinese words for the Tibetan ones that stand in a text, whole syllables only."""
    written = _spelt(text)
    return {
        normal(chinese)
        for tibetan, chinese in pairs.glossary
        if len(_spelt(tibetan)) > 1 and _spelt(tibetan) in written
    }


def _share(word: str, texts: Sequence[str]) -> float:
    return sum(word in text for text in texts) / max(len(texts), 1)


def _spelt(text: str) -> str:
    """The syllables of a text with a tsheg around each."""
    parts = [part for word in words_of(text) for part in word.text.split(TSHEG) if part]
    return TSHEG.join(("", *parts, ""))
