"""A pasted 接龙: who is recognised, who is asked about, who is on no roster."""

import pytest

from curriculum.chain_list import Matched, match
from curriculum.errors import NoNumbers
from storage.gathering_people import Expected

ROSTER = [
    Expected(person_id, name, unit, None, "", is_away=False)
    for person_id, name, unit in (
        (1, "卓玛", "八一镇社工站"),
        (2, "卓玛拉姆", "鲁朗镇社工站"),
        (3, "扎西", "八一镇社工站"),
        (4, "扎西", "鲁朗镇社工站"),
        (5, "བསོད་ནམས།", "派镇社工站"),
    )
]


@pytest.mark.parametrize(
    ("text", "sure"),
    [
        ("#接龙\n今天共学\n1. 卓玛\n2. 卓玛拉姆 晚十分钟", (1, 2)),
        ("1、卓玛（网不好）\n２．扎西 鲁朗镇社工站", (1, 4)),
        ("3 卓玛，4分钟到", (1,)),
        ("卓玛\n\n卓玛拉姆", (1, 2)),
        ("1. 卓玛\n2. 卓玛", (1,)),
        ("12) བསོད་ནམས།", (5,)),
    ],
)
def test_names_are_recognised_however_they_are_numbered(text: str, sure: tuple[int, ...]) -> None:
    """Remarks do not matter, each person counts once, and a station settles whose name it is."""
    assert match(text, ROSTER) == Matched(sure, (), ())


def test_only_who_is_unsure_is_asked_about() -> None:
    """Two of one name, and a slip of the pen; a name nobody bears is said, not guessed."""
    found = match("1. 扎西\n2. 卓码\n3. 王芳\n4. 卓玛", ROSTER)
    assert found.sure == (1,)
    assert [(one.written, [i for i, _ in one.candidates]) for one in found.unsure] == [
        ("扎西", [3, 4]),
        ("卓码", [1]),
    ]
    assert found.unknown == ("王芳",)


@pytest.mark.parametrize(
    "remark",
    [
        "请假",
        "（下乡，来不了）",
        "今天不能来",
        "没来",
        "不参加了",
        "没有参加",
        "absent",
        "can't come",
    ],
)
def test_who_writes_that_she_does_not_come_was_not_there(remark: str) -> None:
    """A record says who was there; her name is said back, not entered."""
    found = match(f"1. 卓玛\n2. 卓玛拉姆 {remark}", ROSTER)
    assert found == Matched((1,), (), (), ("卓玛拉姆",), absent=(2,))


@pytest.mark.parametrize("remark", ["没来得及看课", "迟到", "马上到", "晚来"])
def test_who_is_late_was_there(remark: str) -> None:
    """Only what says that she was not there keeps her out."""
    assert match(f"1. 卓玛 {remark}", ROSTER).sure == (1,)


def test_a_name_without_its_number_counts_and_a_heading_does_not() -> None:
    """People forget the number; a line that begins with no name of the roster is a heading."""
    assert match("今天共学接龙\n1. 卓玛\n卓玛拉姆 晚到", ROSTER) == Matched((1, 2), (), ())


@pytest.mark.parametrize("text", ["", "1.\n2.", "123", "。。。"])
def test_what_holds_no_name_is_no_list(text: str) -> None:
    """Nothing is entered of it."""
    with pytest.raises(NoNumbers):
        match(text, ROSTER)
