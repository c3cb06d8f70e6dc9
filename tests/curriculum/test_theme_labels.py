"""What a theme is called."""

from curriculum import field_terms, theme_labels
from curriculum.likeness import ZH

DRINK = ("老公喝醉了回来闹", "他喝了酒就骂老婆", "屋里酒鬼，老婆哭", "怎么劝他戒酒，屋里乱")
SCHOOL = ("娃娃不去上学在放牛", "孩子不读书怎么劝", "小孩逃学", "辍学的孩子怎么返校")
VISIT = ("入户前要准备什么", "敲门没人应", "走访能不能一个人去", "家访带不带礼物")


def test_a_theme_is_called_by_the_fields_word_for_it() -> None:
    """However askers put it, the subject is named; 屋里 and 老婆 name nothing."""
    drink, school, visit = theme_labels.names([DRINK, SCHOOL, VISIT], ZH)
    assert drink[0] == "饮酒"
    assert "辍学" in school
    assert visit[0] == "入户探访"
    assert not {"屋里", "老婆", "喝了酒"} & {*drink, *school, *visit}


def test_what_is_outside_the_field_is_called_by_its_nouns() -> None:
    """A theme for which the field has no term takes the noun that most of it says."""
    bank = ("银行几点开门", "银行卡丢了去哪家银行", "银行的利息怎么算", "哪家银行近")
    names = theme_labels.names([bank, SCHOOL, VISIT], ZH)
    assert names[0][0] == "银行"


def test_the_order_of_the_questions_changes_no_name() -> None:
    """The same themes, however they come, are called the same."""
    names = theme_labels.names([DRINK, SCHOOL], ZH)
    assert theme_labels.names([DRINK[::-1], SCHOOL[::-1]], ZH) == names


def test_every_term_can_be_written_and_fits_a_title() -> None:
    """A term stands for itself, three of them fit a line, and no everyday word means two terms."""
    ways = [way for others in field_terms.WRITTEN.values() for way in others]
    assert len(ways) == len(set(ways))
    assert all(2 <= len(term) <= 6 for term in field_terms.WRITTEN)
    assert field_terms.said("挖虫草的收入怎么算") == {"低保收入"}
    assert field_terms.said("今天天气很好") == set()
    assert field_terms.said("家里老人住养老院") >= {"老人", "养老"}
