"""Numbers of a list as people write them, from the keyboard of any phone."""

import pytest

from curriculum import written_numbers
from curriculum.errors import NumbersNotUnderstood


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("3", [3]),
        ("三", [3]),
        ("第三个", [3]),
        ("３", [3]),
        ("十二", [12]),
        ("二十", [20]),
        ("两", [2]),
        ("2 5 7", [2, 5, 7]),
        ("二、五、七", [2, 5, 7]),
        ("2号和4号", [2, 4]),
        ("２－４", [2, 3, 4]),
        ("二到四", [2, 3, 4]),
        ("7 2-3", [2, 3, 7]),
    ],
)
def test_a_number_is_understood_however_it_is_written(written: str, meant: list[int]) -> None:
    """Characters and full-width digits, alone, several, or as a span."""
    assert written_numbers.read(written, last=20) == meant


@pytest.mark.parametrize(
    "written", ["", "0", "零", "21", "二十一", "三百", "abc", "4-2", "一二三", "二三十"]
)
def test_what_names_none_of_the_list_is_asked_again(written: str) -> None:
    """Nothing is guessed; the sentence says how far the list goes."""
    with pytest.raises(NumbersNotUnderstood) as refusal:
        written_numbers.read(written, last=20)
    assert refusal.value.facts == {"last": 20}
