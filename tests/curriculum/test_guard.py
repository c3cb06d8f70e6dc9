"""The privacy guard: what it finds, what it leaves alone, where it says it is, and how long."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from time import process_time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from stdnum.cn import ric
from stdnum.luhn import calc_check_digit

from curriculum.guard import client_words, look, masked
from curriculum.private_details import MARKS, Detail, Kind
from curriculum.private_numbers import SPOKEN
from tests.curriculum.private_texts import NAMED, NOT_NAMED, ORDINARY, PRIVATE

STARTER = Path(__file__).parents[2] / "curriculum" / "packs" / "starter_zh"
NUMBER_KINDS = {Kind.IDENTITY, Kind.CARD, Kind.PHONE}
SPOKEN_DIGITS = str.maketrans("0123456789", "零一二三四五六七八九")
TIBETAN_DIGITS = str.maketrans("0123456789", "༠༡༢༣༤༥༦༧༨༩")
WIDE_SIGNS = str.maketrans("0123456789Xx", "０１２３４５６７８９Ｘｘ")


def marked(written: str) -> tuple[str, list[tuple[int, int]]]:
    """A text without its 【】, and where they stood."""
    text, spans, opened = "", [], 0
    for sign in written:
        if sign == "【":
            opened = len(text)
        elif sign == "】":
            spans.append((opened, len(text)))
        else:
            text += sign
    return text, spans


# --- what is found, and what is not


@pytest.mark.parametrize(
    ("kind", "written"), [(kind, written) for kind, texts in PRIVATE.items() for written in texts]
)
def test_a_private_detail_is_found_whole_and_nothing_else_is(kind: str, written: str) -> None:
    """A private detail is found from its first sign to its last, and nothing beside it."""
    text, spans = marked(written)
    assert list(look(text).findings) == [Detail(Kind(kind), *span) for span in spans]


@pytest.mark.parametrize("text", ORDINARY)
def test_what_workers_write_all_day_is_no_finding(text: str) -> None:
    """Dates, hotlines, file numbers, amounts, groups and lessons are nobody's detail."""
    assert look(text).findings == ()
    assert look(text).masked == text


def test_no_starter_lesson_holds_a_finding() -> None:
    """The starter lessons name nobody, and the guard says so: not one false alarm."""
    lessons = sorted(STARTER.glob("*.md"))
    found = [look(path.read_text("utf-8")).findings for path in lessons]
    assert len(lessons) >= 60
    assert not any(found)


def test_a_masked_text_reads_as_a_sentence() -> None:
    """Where a detail stood, a word in brackets says what it was."""
    text = "扎西（身份证540102199001011233，电话138 0000 1234）住在扎西村3组12号，低保卡没到"
    assert look(text).masked == "扎西（身份证〔证件号〕，电话〔电话〕）住在〔住址〕，低保卡没到"


def test_a_slip_in_an_identity_number_hides_nothing() -> None:
    """A number with a wrong check digit but a province and a day of birth is still somebody's."""
    assert look("542621198503120049").findings == (Detail(Kind.IDENTITY, 0, 18),)


def test_digits_without_a_day_of_birth_are_no_identity_number() -> None:
    """Eighteen digits of an order, without a day in them, are nobody."""
    assert look("订单540102199013451233").findings == ()


def test_numbers_pasted_together_are_found() -> None:
    """An identity number at the end of a longer run of digits is found by its check digit."""
    text = "13800001234540102199001011233"
    assert Detail(Kind.IDENTITY, 11, 29) in look(text).findings


def test_details_that_overlap_are_one_finding() -> None:
    """A telephone number that is a WeChat name as well is masked once, and as a whole."""
    (found,) = look("微信号：13800001234").findings
    assert (found.start, found.end) == (4, 15)


# --- identity numbers, cards and telephones in every writing


@st.composite
def identity_numbers(draw: st.DrawFn) -> str:
    province = draw(st.sampled_from(["11", "37", "51", "54", "63", "65"]))
    born = draw(st.dates(date(1920, 1, 1), date(2026, 12, 31)))
    body = f"{province}{draw(st.integers(100, 9999)):04}{born:%Y%m%d}{draw(st.integers(0, 999)):03}"
    return body + ric.calc_check_digit(body + "0")


def groups(number: str, sizes: tuple[int, ...]) -> list[str]:
    rest, parts = number, []
    for size in sizes:
        parts.append(rest[:size])
        rest = rest[size:]
    return [part for part in (*parts, rest) if part]


@st.composite
def writings(draw: st.DrawFn, number: st.SearchStrategy[str], shapes: list[tuple[int, ...]]) -> str:
    """A number as people write it: other digits, other letters, gaps, marks nobody sees."""
    written = draw(number)
    parts = groups(written, draw(st.sampled_from(shapes)))
    gap = draw(st.sampled_from([" ", "-", "－", "\u3000", "—", " - ", "\u00a0"]))
    text = gap.join(parts) if draw(st.booleans()) else "".join(parts)
    text = text.replace("X", draw(st.sampled_from("XxＸ×")))
    text = text.translate(
        draw(st.sampled_from([{}, SPOKEN_DIGITS, TIBETAN_DIGITS, WIDE_SIGNS]))  # type: ignore[arg-type]
    )
    unseen = draw(st.sampled_from(["", "\u200b", "\u200e", "\u2060", "\u00ad", "\ufeff"]))
    return unseen.join(text)


SURROUNDINGS = st.sampled_from(
    [("", ""), ("身份证", "，麻烦查"), ("号码是：", "。"), ("(", ")"), ("ཨང་ ", "།"), ("他", "他")]
)


@given(writings(identity_numbers(), [(18,), (6, 8, 4), (6, 4, 4, 4), (1,) * 17]), SURROUNDINGS)
@settings(deadline=None)
def test_every_valid_identity_number_is_found_in_every_writing(
    number: str, around: tuple[str, str]
) -> None:
    """Digits of any script, spaces, hyphens or unseen marks do not hide an identity number."""
    text = around[0] + number + around[1]
    start, end = len(around[0]), len(around[0]) + len(number)
    assert look(text).findings == (Detail(Kind.IDENTITY, start, end),)


MOBILES = st.builds("1{}{:09}".format, st.integers(3, 9), st.integers(0, 999_999_999))


@given(writings(MOBILES, [(11,), (3, 4, 4), (3, 8), (7, 4), (1,) * 10]), SURROUNDINGS)
@settings(deadline=None)
def test_every_mobile_number_is_found_in_every_writing(
    number: str, around: tuple[str, str]
) -> None:
    """Eleven digits that look like a mobile number are one, however they are written."""
    text = around[0] + number + around[1]
    start, end = len(around[0]), len(around[0]) + len(number)
    assert [(one.start, one.end) for one in look(text).findings] == [(start, end)]


@st.composite
def bank_cards(draw: st.DrawFn) -> str:
    begin, length = draw(st.sampled_from([("62", 16), ("62", 19), ("4", 16), ("53", 16)]))
    body = begin + "".join(draw(st.lists(st.sampled_from("0123456789"), min_size=17, max_size=17)))
    body = body[: length - 1]
    return body + calc_check_digit(body)


@given(writings(bank_cards(), [(19,), (4, 4, 4, 4), (6, 13)]))
@settings(deadline=None)
def test_every_bank_card_is_found_in_every_writing(number: str) -> None:
    """A number with a bank's beginning and a right check digit is masked from end to end."""
    found = look(f"卡{number}，").findings
    assert [(one.start, one.end) for one in found] == [(1, 1 + len(number))]


# --- places and masks

PIECES = st.one_of(
    st.text(max_size=12),
    st.sampled_from([marked(written)[0] for texts in PRIVATE.values() for written in texts]),
    st.sampled_from(ORDINARY),
    st.text("0123456789１２一二༡༢①½ -X号组村栋微信@.", max_size=30),
)
TEXTS = st.lists(PIECES, max_size=6).map("".join)


def kept(text: str, findings: tuple[Detail, ...]) -> Iterator[str]:
    until = 0
    for found in findings:
        yield text[until : found.start]
        until = found.end
    yield text[until:]


@given(TEXTS)
@example("\ud800\U0001f1e8\u0f73ﷺ①1️⃣㍿")
@settings(deadline=None)
def test_masking_changes_nothing_outside_the_findings(text: str) -> None:
    """Findings are in order and apart; what stands between them stays, sign by sign."""
    looked = look(text)
    borders = [border for one in looked.findings for border in (one.start, one.end)]
    assert borders == sorted(borders)
    assert all(0 <= one.start < one.end <= len(text) for one in looked.findings)
    rest = looked.masked
    for piece, found in zip(kept(text, looked.findings), (*looked.findings, None), strict=True):
        assert rest.startswith(piece)
        rest = rest.removeprefix(piece)
        if found is not None:
            assert rest.startswith(MARKS[found.kind])
            rest = rest.removeprefix(MARKS[found.kind])
    assert rest == ""


@given(st.lists(st.sampled_from([marked(w)[0] for ts in PRIVATE.values() for w in ts]), max_size=4))
@settings(deadline=None)
def test_a_masked_text_has_nothing_left_to_mask(texts: list[str]) -> None:
    """Masking once is enough: the marks themselves are no detail, and nothing is left beside."""
    once = look("\n".join(texts)).masked
    assert look(once).findings == ()
    assert look(once).masked == once


def has_digit(text: str) -> bool:
    plain = unicodedata.normalize("NFKC", text)
    return any(sign.isdecimal() or sign in SPOKEN for sign in plain)


@given(st.text().filter(lambda text: not has_digit(text)))
@settings(deadline=None)
def test_a_text_without_digits_has_no_number(text: str) -> None:
    """Without a digit in any script there is no number to find."""
    assert not {found.kind for found in look(text).findings} & NUMBER_KINDS


# --- names


@pytest.mark.parametrize("written", NAMED)
def test_a_name_the_sentence_announces_is_found(written: str) -> None:
    """服务对象叫…, 有个叫…的孩子 and 案主：… are followed by a name."""
    text, spans = marked(written)
    assert list(client_words(text)) == [Detail(Kind.NAME, *span) for span in spans]
    assert MARKS[Kind.NAME] in masked(text, client_words(text))


@pytest.mark.parametrize("text", NOT_NAMED)
def test_a_sentence_that_names_nobody_has_no_name(text: str) -> None:
    """叫我, 叫不醒 and 叫什么 announce no name."""
    assert client_words(text) == ()


def test_the_starter_lessons_name_no_client() -> None:
    """Sixty lessons about clients, and not one sentence that names one."""
    assert not any(client_words(path.read_text("utf-8")) for path in STARTER.glob("*.md"))


# --- time

# Each is the beginning of what some pattern looks for, again and again.
HARD = (
    *("1", "1 ", "1 3 ", "62 ", "54010219900101", "1一", "一三八", "6222 0202 0011 223"),
    *("a", "a.", "a@", "微信a", "身份证 ", "卡号1", "藏G12", "0894", "12号", "村", "村3组"),
    *(
        "3栋2单元",
        "住在很远很远的地方",
        "八一路12号",
        "1\u200b",
        "\ufdfa",
        "有个叫",
        "叫扎",
        "མིང་ལ་",
    ),
)


@pytest.mark.parametrize("unit", HARD)
def test_twice_the_text_takes_twice_the_time(unit: str) -> None:
    """The guard reads in time proportional to the length, whatever somebody sends."""

    def seconds(length: int) -> float:
        text = (unit * length)[:length]
        taken = []
        for _ in range(4):
            began = process_time()
            look(text)
            client_words(text)
            taken.append(process_time() - began)
        return min(taken)

    # Eight times as long: sixty-four times the time, were it quadratic.
    assert seconds(16_000) < 24 * seconds(2_000)


def test_a_long_message_is_read_once_and_no_more() -> None:
    """The longest message Telegram carries, full of details, is masked in every place."""
    text = "联系13800001234，" * 292
    assert len(re.findall("〔电话〕", look(text).masked)) == 292
