"""A month's questions become a draft: grouped, ordered, matched to lessons; long, and apart.

Loads the models, so that only a process that makes a draft carries them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from curriculum import (
    lesson_match,
    lesson_vectors,
    theme_labels,
    theme_lessons,
    theme_matcher,
    themes,
)
from curriculum.lesson_match import Match
from curriculum.lesson_vectors import Ready
from curriculum.likeness import (
    BO,
    ZH,
    Floats,
    language_of,
    models,
    one_thread,
    second_model,
    vectors,
)
from curriculum.theme_lessons import Votes
from curriculum.theme_links import Pairs
from curriculum.theme_matcher import Matcher
from curriculum.themes import Asked, Group, Regrouped, Theme
from curriculum.topic_drafting import Draft, DraftTheme, Pool
from storage.topic_pool import Pooled, Taught

TITLE_LIMIT = 24
# Tibetan is matched by its words alone, and among a handful of lessons one always shares some:
# with three of them none of the sample month's forty matches was right.
TIBETAN_LESSONS = 20
# Both models read a question in a twentieth of a second; nobody waits for it on the closing day.
MADE_NOW = 1_000


def drafted(found: Pool) -> Draft:
    """Groups, themes and lessons of a pool; takes seconds, touches no database.

    Where a language has fewer than about thirty questions each group stands for itself.
    """
    if not found.questions:
        return Draft((), {})
    stored = _stored(found.questions)
    asked = [
        Asked(
            id=one.id,
            text=one.text,
            asker=one.asker_id,
            unit=one.unit_id,
            on=one.asked_at.date(),
            votes=one.votes,
            context=one.context or "",
        )
        for one in found.questions
    ]
    matcher = _matcher(found)
    regrouped = themes.regroup(
        asked, today=found.today, stored=stored, pairs=_pairs(found.lessons), matcher=matcher
    )
    texts = {one.id: one for one in asked}
    entries = _entries(regrouped, texts)
    read = lesson_vectors.ready(found.lessons)
    with one_thread():
        shown = {number for one, _ in entries for number in _representatives(one)}
        # Of a pool too large to be read now only what is shown is matched.
        readable = [one for one in asked if one.id in stored or one.id in shown]
        matches = _matches(found, readable, read, stored)
    votes = theme_lessons.votes(matches)
    made = [_theme(one, title, matches, votes, found.lessons) for one, title in entries]
    places = {one.members: place for place, (one, _) in enumerate(entries)}
    return Draft(
        tuple(_linked(made, regrouped, places)),
        {member: n for n, group in enumerate(regrouped.groups) for member in group.members},
        read.made if read else {},
        found.matcher.matcher_id if found.matcher and matcher else None,
    )


def _matcher(found: Pool) -> Matcher | None:
    """What was learnt, where it was learnt from rows of the models that are here now."""
    learnt = found.matcher
    if learnt is None or learnt.models != models() or second_model() is None:
        return None
    return theme_matcher.of_numbers(learnt.weights)


def _matches(
    found: Pool, asked: Sequence[Asked], read: Ready | None, stored: Mapping[int, Floats]
) -> dict[int, Match]:
    """What the lessons say to each question, where they can be compared with it.

    `asked` are those that were read, or will be read now.
    """
    if read is None:
        return {}
    speak_tibetan = sum(one.language == BO for one in found.lessons) >= TIBETAN_LESSONS
    return {
        one.id: lesson_match.match(one.whole, read.index, stored=stored.get(one.id))
        for one in asked
        if speak_tibetan or language_of(one.text) != BO
    }


def _stored(questions: Sequence[Pooled]) -> dict[int, Floats]:
    """Rows kept when the questions were asked; what is missing is made now, up to a thousand.

    A context came later and is left out of the kept ones.
    """
    kept = {
        one.id: np.frombuffer(one.vector, np.float16).astype(np.float32)
        for one in questions
        if one.vector is not None
    }
    missing = [one for one in questions if one.id not in kept and language_of(one.text) == ZH]
    if len(missing) <= MADE_NOW:
        with one_thread():
            for one in missing:
                kept[one.id] = vectors([f"{one.text} {one.context or ''}".strip()])[0]
    return kept


def _pairs(lessons: Sequence[Taught]) -> Pairs:
    """Titles of lessons that stand in both languages."""
    chinese = {one.lesson_id: one.title for one in lessons if one.language == ZH}
    tibetan = [one for one in lessons if one.language == BO and one.lesson_id in chinese]
    return Pairs(titles=tuple((one.title, chinese[one.lesson_id]) for one in tibetan))


Entry = Theme | Group


def _entries(regrouped: Regrouped, texts: Mapping[int, Asked]) -> list[tuple[Entry, str]]:
    """Themes, and groups where there are no themes, with a title each, the heaviest first."""
    alone = [group for group in regrouped.groups if group.theme is None]
    named: dict[int, tuple[str, ...]] = {}
    for language in (ZH, BO):
        groups = [group for group in alone if group.language == language]
        words = theme_labels.names(
            [[texts[member].whole for member in group.members] for group in groups], language
        )
        named |= {group.medoid: found for group, found in zip(groups, words, strict=True)}
    entries: list[tuple[Entry, str]] = [
        (theme, _title(theme.keywords, texts[theme.medoid].text)) for theme in regrouped.themes
    ]
    entries += [(group, _title(named[group.medoid], texts[group.medoid].text)) for group in alone]
    return sorted(entries, key=lambda entry: (-entry[0].weight, entry[0].members))


def _representatives(entry: Entry) -> tuple[int, ...]:
    return entry.representatives if isinstance(entry, Theme) else (entry.medoid,)


def _title(keywords: Sequence[str], text: str) -> str:
    return "、".join(keywords) if keywords else " ".join(text.split())[:TITLE_LIMIT]


def _theme(
    entry: Entry,
    title: str,
    matches: Mapping[int, Match],
    votes: Votes,
    lessons: Sequence[Taught],
) -> DraftTheme:
    spoken_for = _representatives(entry)
    # Where there are no lessons at all, each question is a gap; Tibetan ones nobody can compare.
    is_bare = not lessons and entry.language != BO
    gaps = [n for n in spoken_for if is_bare or (n in matches and not matches[n].is_covered)]
    # Of a lesson in two languages the Chinese words are read by everybody.
    by_id = {one.lesson_id: one for one in sorted(lessons, key=lambda one: one.language == ZH)}
    return DraftTheme(
        title=title,
        language=entry.language,
        members=entry.members,
        representatives=spoken_for,
        lessons=tuple(by_id[one] for one in theme_lessons.chosen(votes, entry.members)),
        gaps=tuple(gaps),
        goes_with=entry.goes_with,
    )


def _linked(
    made: Sequence[DraftTheme], regrouped: Regrouped, places: Mapping[tuple[int, ...], int]
) -> list[DraftTheme]:
    """The themes with `goes_with` counted in the order they are stored in."""
    return [
        one
        if one.goes_with is None
        else replace(one, goes_with=places[regrouped.themes[one.goes_with].members])
        for one in made
    ]
