"""What a draft is made of, with the models as they ship: groups, titles, lessons, gaps."""

from datetime import UTC, date, datetime

from curriculum.topic_drafting import Pool
from curriculum.topic_grouping import drafted
from storage.topic_pool import Pooled, Taught
from tests.curriculum.asked_pool import TIBETAN

AT = datetime(2026, 11, 10, 2, 0, tzinfo=UTC)
LESSONS = (
    Taught(
        1,
        "041",
        "谁能申请低保",
        "按共同生活的家庭算收入。",
        "低保按家庭人均收入算。",
        "zh",
        1,
        None,
    ),
    Taught(2, "013", "入户前看狗", "先喊人，看狗拴好再进。", "狗没有拴好就不进门。", "zh", 2, None),
    Taught(2, "013", "ཁྱི", "ཁྱི་ལ་ལྟོས།", "ཁྱི་བཏགས་མེད་ན་མ་འགྲོ།", "bo", 3, None),
)
ASKED = (
    "挖虫草挣的钱算不算低保的家庭收入？",
    "挖虫草挣的钱算不算低保家庭的收入",
    "入户的时候狗很凶怎么办",
)


def _pool(texts: tuple[str, ...]) -> Pool:
    questions = tuple(
        Pooled(n, text, None, n, n % 2, AT, 0, None) for n, text in enumerate(texts, 1)
    )
    return Pool(1, date(2026, 11, 17), questions, LESSONS)


def test_few_questions_stand_as_groups_with_the_lesson_that_answers_them() -> None:
    """Below thirty there are no themes by chance; the same question twice is one, the heaviest."""
    draft = drafted(_pool(ASKED))
    assert [theme.members for theme in draft.themes] == [(1, 2), (3,)]
    assert draft.groups[1] == draft.groups[2] != draft.groups[3]
    assert [theme.lessons[0].code for theme in draft.themes] == ["041", "013"]
    assert all(theme.title for theme in draft.themes)


def test_the_same_pool_gives_the_same_draft() -> None:
    """Made again by another process, or after a stop, it is the same."""
    assert drafted(_pool(ASKED)) == drafted(_pool(ASKED))


def test_a_tibetan_question_is_matched_to_no_handful_of_lessons() -> None:
    """Nor is it said that none covers it: nobody could compare them."""
    draft = drafted(_pool(TIBETAN))
    assert {member for theme in draft.themes for member in theme.members} == {1, 2, 3, 4}
    assert all(theme.lessons == () and theme.gaps == () for theme in draft.themes)


def test_an_empty_month_is_an_empty_draft() -> None:
    """Nobody asked: no theme, and no model is loaded for it."""
    assert drafted(_pool(())).themes == ()
