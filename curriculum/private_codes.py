"""Details known by a word before them or by their own letters: accounts, papers, plates, e-mail."""

import re
from collections.abc import Iterator

from curriculum.private_details import Detail, Kind
from curriculum.private_numbers import DIGIT, LAST_SIGN

# "号是：" and the like between the word and what it announces.
_IS = (
    r"(?:\s{0,3}(?:号码?|编号|字号|证号|卡号|账号|ID|id|no\.?))?\s{0,3}(?:[:=#(]|是|为|叫)?\s{0,3}"
)
# A date behind "低保证" is when it was given, not its number.
_NO_DATE = r"(?!(?:19|20)\d\d[-./ ]?(?:0?[1-9]|1[0-2])(?:[-./ ]?\d{1,2})?(?!\d))"
_LONG = rf"{DIGIT}(?:[ -]{{0,2}}{DIGIT})"

# Every pattern holds what it finds in the group "it".
_PATTERNS = tuple(
    (kind, re.compile(pattern, re.IGNORECASE | re.VERBOSE))
    for kind, pattern in (
        (
            Kind.IDENTITY,
            rf"""(?:身份证|身份号|证件|残疾人?证|ID\ card|ཐོབ་ཐང་ལག་ཁྱེར|ལག་ཁྱེར){_IS}
            (?P<it>{_NO_DATE}{_LONG}{{13,20}}+(?:[ -]?{LAST_SIGN})?)""",
        ),
        (
            Kind.DOCUMENT,
            rf"""(?:护照|通行证|边防证|边境证|台胞证|回乡证|居住证|户口[本簿]?|户号|低保证|特困证
            |社保卡?|社会保障卡?|医保卡?|学籍|病历|住院|门诊|残疾人?证|身份证|驾驶证|驾照|军官证
            |士兵证|结婚证|离婚证|出生证明?|出生医学证明|passport){_IS}
            (?P<it>{_NO_DATE}[A-Z]{{0,3}}-?{_LONG}{{5,20}}+(?:[ -]?X)?)(?![A-Z0-9])""",
        ),
        # Since 2012 an ordinary passport is E and eight signs, the first of which may be a letter.
        (Kind.DOCUMENT, r"(?<![A-Z0-9])(?P<it>E[0-9A-HJ-NP-Z][0-9]{7})(?![A-Z0-9])"),
        (
            Kind.CARD,
            rf"""(?:卡号|银行卡|储蓄卡|惠民卡|一卡通|存折|账[号户]|帐[号户]|打款到|打到){_IS}
            (?P<it>{_NO_DATE}{_LONG}{{8,24}}+)(?!\.?\d|元)""",
        ),
        # One digit too few or too many is still somebody's number; 400 and 800 are services.
        (
            Kind.PHONE,
            rf"""(?:电话|手机|座机|固话|号码|联系方式|tel\.?|phone|call|ཁ་པར(?:་ཨང)?){_IS}
            (?P<it>(?![48]00){_NO_DATE}(?:[1-9]\d{{8,12}}|[2-8]\d{{6,7}}|[2-8]\d{{2,3}}[ -]\d{{4}}))
            (?!\d|\.\d|元|人|户|次)""",
        ),
        (
            Kind.ACCOUNT,
            r"""(?:微信|威信|薇信|we?ixin|wechat|v信|\bwx|\bvx|抖音|快手)
            (?:\s{0,2}(?:号码?|ID)\s{0,2}[:=]?\s{0,2}(?:是|为)?\s{0,2}|\s{0,2}(?:[:=]|是)\s{0,2}
            |\s{0,2}(?=[a-z_-]{0,19}\d))
            (?P<it>[a-z0-9][a-z0-9_-]{5,19})(?![a-z0-9_-])""",
        ),
        (
            Kind.ACCOUNT,
            r"(?:\bqq|扣扣|企鹅)(?!群)\s{0,2}(?:号码?)?\s{0,2}(?:[:=]|是|为)?\s{0,2}"
            r"(?P<it>[1-9]\d{4,10})(?!\d)",
        ),
        # Five signs, six on new-energy cars, at least three of them digits.
        (
            Kind.PLATE,
            r"""(?P<it>[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]
            \ ?[A-HJ-NP-Z][\ ·.•-]?
            (?=(?:[A-HJ-NP-Z]{0,2}\d){3})[A-HJ-NP-Z0-9]{4}
            (?:[A-HJ-NP-Z0-9]{1,2}|[挂学警港澳])?)(?![A-Z0-9])""",
        ),
        # Possessive and only where a word begins: a long word without @ is read once.
        (
            Kind.EMAIL,
            r"(?<![a-z0-9._%+-])(?P<it>[a-z0-9._%+-]++@[a-z0-9-]++(?:\.[a-z0-9-]++)+)",
        ),
    )
)


def codes(text: str) -> Iterator[Detail]:
    """The accounts, papers, plates and addresses of mail in a plain text, kind by kind."""
    for kind, pattern in _PATTERNS:
        for found in pattern.finditer(text):
            yield Detail(kind, found.start("it"), found.end("it"))
