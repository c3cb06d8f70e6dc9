"""A month's questions: groups, themes, their order, and where a new one goes."""

import random
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from curriculum import field_terms, likeness
from curriculum.likeness import Floats
from curriculum.theme_links import Pairs
from curriculum.theme_ranking import weight
from curriculum.themes import Asked, Regrouped, added, place, regroup
from tests.benchmarks.question_measures import b_cubed
from tests.curriculum.asked_pool import TIBETAN, TODAY, asked, reworded
from tests.curriculum.reworded import REWORDED

POOL = [*reworded(), *asked(TIBETAN, first=1001)]
BY_ID = {one.id: one for one in POOL}


@pytest.fixture(scope="module")
def stored() -> dict[int, Floats]:
    rows = likeness.vectors([one.whole for one in POOL]).astype(np.float16)
    return {one.id: row for one, row in zip(POOL, rows, strict=True)}


@pytest.fixture(scope="module")
def month(stored: dict[int, Floats]) -> Regrouped:
    return regroup(POOL, today=TODAY, stored=stored)


def test_other_words_for_the_same_are_one_group(month: Regrouped) -> None:
    """Most rewordings are found, and hardly any unlike questions are joined."""
    found = {member: n for n, group in enumerate(month.groups) for member in group.members}
    truth = [number for number, group in enumerate(REWORDED) for _ in group]
    f, precision = b_cubed(truth, [found[one.id] for one in reworded()])
    assert f > 0.85
    assert precision > 0.88


def test_every_question_is_in_one_group_and_one_theme(month: Regrouped) -> None:
    """Nothing is lost and nothing counted twice, and a group lies whole in its theme."""
    members = [member for group in month.groups for member in group.members]
    assert sorted(members) == sorted(BY_ID)
    spoken = sorted(member for theme in month.themes for member in theme.members)
    assert spoken == [one.id for one in reworded()]
    for group in month.groups:
        if group.theme is not None:
            assert set(group.members) <= set(month.themes[group.theme].members)


def test_the_order_of_the_questions_changes_nothing(
    month: Regrouped, stored: dict[int, Floats]
) -> None:
    """The same questions in another order give the same groups and themes."""
    shuffled = POOL.copy()
    random.Random(3).shuffle(shuffled)  # noqa: S311  no secret
    again = regroup(shuffled, today=TODAY, stored=stored)
    assert again.groups == month.groups
    assert again.themes == month.themes


def test_few_questions_make_groups_only(month: Regrouped) -> None:
    """Four Tibetan questions have groups and no theme, and never one with Chinese questions."""
    tibetan = [group for group in month.groups if group.language == "bo"]
    assert sorted(member for group in tibetan for member in group.members) == [*range(1001, 1005)]
    assert all(group.theme is None for group in tibetan)
    assert (1001, 1002) in [group.members for group in tibetan]


def test_themes_are_labelled_by_words_and_a_question_of_their_own(month: Regrouped) -> None:
    """Up to three different keywords that are said in the theme, and a medoid that is in it."""
    for theme in month.themes:
        assert 1 <= len(theme.keywords) <= 3
        texts = " ".join(BY_ID[member].text for member in theme.members)
        assert all(word in texts or word in field_terms.said(texts) for word in theme.keywords)
        assert theme.medoid in theme.members
        assert theme.representatives[0] == theme.medoid
        assert len(set(theme.representatives)) == len(theme.representatives)


def test_the_heaviest_comes_first(month: Regrouped) -> None:
    """Themes and groups stand in the order of their weight."""
    for parts in (month.themes, month.groups):
        weights = [part.weight for part in parts]
        assert weights == sorted(weights, reverse=True)


def test_a_glossary_links_tibetan_to_a_chinese_theme(stored: dict[int, Floats]) -> None:
    """A Tibetan question goes with the theme that says its words; without a glossary with none."""
    pairs = Pairs(glossary=(("སྨན་ཁང", "肺炎"),))
    linked = regroup(POOL, today=TODAY, stored=stored, pairs=pairs)
    group = next(group for group in linked.groups if 1004 in group.members)
    assert group.goes_with is not None
    texts = [BY_ID[member].text for member in linked.themes[group.goes_with].members]
    assert any("肺炎" in text for text in texts)
    other = next(group for group in linked.groups if 1003 in group.members)
    assert other.goes_with is None


def test_a_lesson_with_both_titles_links_too(stored: dict[int, Floats]) -> None:
    """Without a common word, the Chinese title of the lesson it is like decides."""
    pairs = Pairs(titles=(("ཕྲུ་གུ་སློབ་གྲྭར་མི་འགྲོ་བ", "孩子上学需要什么条件"), ("ས་ཡོམ", "地震来了")))
    linked = regroup(POOL, today=TODAY, stored=stored, pairs=pairs)
    group = next(group for group in linked.groups if 1001 in group.members)
    assert group.goes_with is not None
    school = next(one.id for one in POOL if one.text == "几岁可以上小学")
    assert school in linked.themes[group.goes_with].members


def test_a_new_question_joins_the_group_it_repeats(month: Regrouped) -> None:
    """Asked once more with a slip, it goes to its group and theme and shows it first."""
    known = next(one for one in POOL if one.text == "银行卡丢了怎么挂失")
    placed = place("银行卡丢了要怎么挂失呢", month.shelves["zh"])
    assert placed.group is not None
    assert known.id in month.groups[placed.group].members
    assert placed.similar[0].question_id == known.id
    assert placed.similar[0].nearness > 0.7
    assert placed.theme == month.groups[placed.group].theme


def test_a_new_question_about_something_else_stands_alone(month: Regrouped) -> None:
    """What nobody asked joins no group, and begins one for the next who asks it."""
    shelf = month.shelves["zh"]
    placed = place("虫草季能不能请假上山", shelf)
    assert placed.group is None
    more = added(shelf, 5000, placed)
    again = place("虫草季可不可以请假上山", more)
    assert again.similar[0].question_id == 5000
    assert again.group == len(month.groups)


def test_a_new_tibetan_question_finds_its_like(month: Regrouped) -> None:
    """The same holds by syllables."""
    placed = place(TIBETAN[0] + "ཨ།", month.shelves["bo"])
    assert placed.similar[0].question_id in {1001, 1002}
    assert placed.group is not None
    assert 1001 in month.groups[placed.group].members


def test_no_questions_are_no_themes() -> None:
    """An empty month is an empty answer."""
    empty = regroup([], today=TODAY)
    assert (empty.groups, empty.themes, dict(empty.shelves)) == ((), (), {})


def test_people_weigh_more_than_repetition() -> None:
    """One person asking thrice counts once; votes add half; more units and fresher days weigh."""
    one = Asked(1, "问", asker=1, unit=1, on=TODAY)
    thrice = [replace(one, id=number) for number in (1, 2, 3)]
    assert weight(thrice, today=TODAY) == weight([one], today=TODAY) == 1
    assert weight([replace(one, votes=2)], today=TODAY) == 2
    two = [one, replace(one, id=2, asker=2)]
    spread = [one, replace(one, id=2, asker=2, unit=2)]
    assert weight(spread, today=TODAY) > weight(two, today=TODAY) == 2
    old = [replace(one, on=TODAY - timedelta(days=30))]
    assert weight(old, today=TODAY) == 0.5
