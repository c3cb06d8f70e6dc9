"""What a month's questions are about: groups of the same question, themes, and their order.

Pure: plain values in, plain values out, and the same questions give the same groups and themes in
whatever order they come.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from curriculum import near_duplicates, theme_clusters, theme_labels
from curriculum.likeness import (
    BO,
    ZH,
    Floats,
    SentenceSpace,
    Space,
    laid_out,
    language_of,
    one_thread,
    vectors,
)
from curriculum.question_shelf import ALONE, Placed, Shelf, Similar, Whole, added, place, shelf
from curriculum.theme_links import Pairs, by_glossary, by_titles
from curriculum.theme_matcher import Matcher, untaught
from curriculum.theme_parts import Group, Regrouped, Theme
from curriculum.theme_ranking import REPRESENTATIVES, Asked, weight

__all__ = [
    "Asked", "Group", "Placed", "Regrouped", "Shelf", "Similar", "Theme", "added", "place",
    "regroup",
]  # fmt: skip

# Below this many questions of a language, themes would be chance: groups only.
THEMES_FROM = 30
NEARLY_MEDOID = 0.9


@dataclass(slots=True, eq=False)
class _Pool:
    """The questions of one language in order of id, and what was found among them."""

    language: str
    questions: list[Asked]
    space: Space
    rows: Floats
    crowd: Floats
    group: Whole
    theme: Whole
    themes: theme_clusters.Themes | None

    def of(self, label: int, *, theme: bool = False) -> Whole:
        """Places of the members of a group or theme."""
        return np.flatnonzero((self.theme if theme else self.group) == label)

    def medoid(self, places: Whole) -> int:
        """The place of the question nearest to all the others: of such as are nearly so, the
        shortest, since it will be read as a label; of those the earliest.
        """
        rows = self.rows[places]
        near = np.round(rows @ rows.sum(axis=0), 4)
        nearly = places[near >= near.max() - (1 - NEARLY_MEDOID) * abs(near.max())]
        return int(min(nearly, key=lambda place: (len(self.questions[place].text), place)))


def regroup(
    questions: Sequence[Asked],
    *,
    today: date,
    stored: Mapping[int, Floats] | None = None,
    pairs: Pairs | None = None,
    matcher: Matcher | None = None,
) -> Regrouped:
    """Groups and themes of a pool; ids are different from each other.

    `stored` are rows of `likeness.vectors(Asked.whole)` by id, made when they were asked; what
    is missing is made now, of a large pool of which nothing is stored by the first model alone.
    `pairs` link Tibetan to Chinese (see theme_links). `matcher` is what coordinators taught about
    Chinese themes; it is heeded where both models speak.
    """
    ordered = sorted(questions, key=lambda question: question.id)
    with one_thread():
        pools = {}
        for language in (ZH, BO):
            spoken = [one for one in ordered if language_of(one.text) == language]
            if spoken:
                pools[language] = _pool(language, spoken, stored or {}, matcher)
        return _described(pools, today, pairs or Pairs())


def _pool(
    language: str,
    questions: list[Asked],
    stored: Mapping[int, Floats],
    matcher: Matcher | None,
) -> _Pool:
    texts = [question.whole for question in questions]
    raw = _raw(questions, stored) if language == ZH else None
    space, rows = laid_out(texts, raw, language=language)
    crowd = near_duplicates.crowding(rows, space.measures)
    labels = near_duplicates.groups(rows, space.measures, crowd)
    _, group = np.unique(labels, return_inverse=True)
    if len(questions) < THEMES_FROM:
        alone = np.full(len(questions), ALONE)
        return _Pool(language, questions, space, rows, crowd, group, alone, None)
    if not isinstance(space, SentenceSpace):
        matcher = None
    elif matcher is None or not matcher.fits(rows):
        matcher = untaught(texts)
    themes = theme_clusters.found(rows, texts, matcher)
    theme = _whole_groups(group, themes.labels)
    return _Pool(language, questions, space, rows, crowd, group, theme, themes)


def _raw(questions: Sequence[Asked], stored: Mapping[int, Floats]) -> Floats | None:
    """Stored vectors with what is missing made; None where nothing is stored."""
    known = {one.id: stored[one.id] for one in questions if one.id in stored}
    if not known:
        return None
    missing = [one for one in questions if one.id not in known]
    if missing:
        made = vectors([one.whole for one in missing])
        known |= {one.id: row for one, row in zip(missing, made, strict=True)}
    # Where a model was missing once, everybody is compared by the other one.
    width = min(len(row) for row in known.values())
    return np.stack([known[one.id][:width] for one in questions]).astype(np.float32)


def _whole_groups(group: Whole, theme: Whole) -> Whole:
    """Every group in the theme where most of it lies, since it is one question."""
    counts = np.zeros((group.max() + 1, theme.max() + 1), np.int64)
    np.add.at(counts, (group, theme), 1)
    return np.asarray(counts.argmax(axis=1)[group], np.int64)


def _described(pools: Mapping[str, _Pool], today: date, pairs: Pairs) -> Regrouped:
    themes = [theme for pool in pools.values() for theme in _themes(pool, today)]
    themes.sort(key=lambda theme: (-theme.weight, theme.members))
    for pool in pools.values():
        _renumber(pool, themes)
    groups = [group for pool in pools.values() for group in _groups(pool, today)]
    groups.sort(key=lambda group: (-group.weight, group.members))
    shelves = {language: _shelf(pool, groups) for language, pool in pools.items()}
    regrouped = Regrouped(tuple(groups), tuple(themes), shelves)
    return _linked(regrouped, pools, pairs) if len(pools) > 1 else regrouped


def _themes(pool: _Pool, today: date) -> list[Theme]:
    """The themes of one language, in the order of their labels."""
    labels = [int(label) for label in np.unique(pool.theme) if label != ALONE]
    places = [pool.of(label, theme=True) for label in labels]
    texts = [[pool.questions[place].whole for place in members] for members in places]
    named = theme_labels.names(texts, pool.language)
    return [
        _theme(pool, members, keywords, today)
        for members, keywords in zip(places, named, strict=True)
    ]


def _theme(pool: _Pool, places: Whole, keywords: tuple[str, ...], today: date) -> Theme:
    asked = [pool.questions[place] for place in places]
    medoid = pool.medoid(places)
    return Theme(
        members=tuple(question.id for question in asked),
        language=pool.language,
        keywords=keywords,
        medoid=pool.questions[medoid].id,
        representatives=_representatives(pool, places, medoid, today),
        askers=len({question.asker for question in asked}),
        votes=sum(question.votes for question in asked),
        units=len({question.unit for question in asked}),
        latest=max(question.on for question in asked),
        weight=weight(asked, today=today),
        goes_with=None,
    )


def _representatives(pool: _Pool, places: Whole, medoid: int, today: date) -> tuple[int, ...]:
    """The theme's medoid, then the medoids of the other heaviest groups."""
    others = []
    for label in np.unique(pool.group[places]):
        if label != pool.group[medoid]:
            members = pool.of(int(label))
            heavy = weight((pool.questions[place] for place in members), today=today)
            others.append((-heavy, pool.questions[pool.medoid(members)].id))
    heaviest = [question_id for _, question_id in sorted(others)]
    return (pool.questions[medoid].id, *heaviest[: REPRESENTATIVES - 1])


def _renumber(pool: _Pool, themes: Sequence[Theme]) -> None:
    """Labels of themes become their places in the order of all of them."""
    if pool.themes is None:
        return
    place_of = {theme.members[0]: at for at, theme in enumerate(themes)}
    places = np.full(int(pool.theme.max()) + 1, ALONE)
    for label in np.unique(pool.theme):
        first = pool.questions[int(pool.of(int(label), theme=True)[0])]
        places[label] = place_of[first.id]
    pool.theme = places[pool.theme]
    pool.themes = pool.themes.named(places)


def _groups(pool: _Pool, today: date) -> list[Group]:
    made = []
    for places in _together(pool.group):
        asked = [pool.questions[place] for place in places]
        theme = int(pool.theme[places[0]])
        made.append(
            Group(
                members=tuple(question.id for question in asked),
                language=pool.language,
                medoid=pool.questions[pool.medoid(places)].id,
                theme=None if theme == ALONE else theme,
                askers=len({question.asker for question in asked}),
                weight=weight(asked, today=today),
                goes_with=None,
            )
        )
    return made


def _together(labels: Whole) -> list[Whole]:
    """The places of each label, labels in order."""
    order = np.argsort(labels, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(labels[order])) + 1)


def _shelf(pool: _Pool, groups: Sequence[Group]) -> Shelf:
    at = {member: place for place, group in enumerate(groups) for member in group.members}
    ids = np.array([question.id for question in pool.questions], np.int64)
    return shelf(
        pool.language,
        pool.space,
        ids,
        pool.rows,
        crowd=pool.crowd,
        group=np.array([at[question.id] for question in pool.questions], np.int64),
        theme=pool.theme,
        themes=pool.themes,
        groups=len(groups),
    )


def _linked(regrouped: Regrouped, pools: Mapping[str, _Pool], pairs: Pairs) -> Regrouped:
    """Tibetan groups and themes with the Chinese theme they seem to belong to."""
    chinese, tibetan = pools[ZH], pools[BO]
    at = [place for place, theme in enumerate(regrouped.themes) if theme.language == ZH]
    text = {one.id: one.whole for pool in pools.values() for one in pool.questions}
    spoken = [[text[member] for member in regrouped.themes[place].members] for place in at]

    def theme_of(members: Sequence[int]) -> int | None:
        texts = [text[member] for member in members]
        found = by_glossary(texts, spoken, pairs)
        if found is not None:
            return at[found]
        title = by_titles(texts, pairs, tibetan.space)
        if title is None or chinese.themes is None:
            return None
        return int(chinese.themes.nearest(chinese.space.rows([title]), [title])[0])

    return replace(
        regrouped,
        groups=tuple(
            replace(group, goes_with=theme_of(group.members)) if group.language == BO else group
            for group in regrouped.groups
        ),
        themes=tuple(
            replace(theme, goes_with=theme_of(theme.members)) if theme.language == BO else theme
            for theme in regrouped.themes
        ),
    )
