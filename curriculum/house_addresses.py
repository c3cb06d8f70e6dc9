"""Addresses down to where somebody lives: a group of a village, a house, a flat, a room.

A village or a street alone is none, and neither is a number alone: workers write 3组, 12号 and
第2单元 all day. An address is a place with a number, two numbers that belong together, or a
number behind a word such as 住在.
"""

import re
from collections.abc import Iterator

from curriculum.private_details import Detail, Kind

_NUMERAL = "(?:[一二三四五六七八九十百零〇]{1,5})"
_NUM = rf"(?:\d{{1,4}}|{_NUMERAL})"
_LETTERED = rf"(?:[A-Z]\d{{0,3}}|[甲乙丙丁]|{_NUM})"
_GAP = r"[ ,#-]{0,2}"
# What follows 12号 when it is the twelfth of the month, or a document.
_DAY = r"(?=\s?[开去来到会上下早中晚前后以之起就才要再走回左有文线交办报的召举停通发出放过])"
_HOUSE_NO = rf"{_NUM}号(?:[楼院]|附\d{{1,3}}号?)?"
_BUILDING = rf"(?:{_LETTERED}(?:栋|幢|座|排)|{_NUM}(?:号楼|#楼?))"
_STAIRS = rf"{_NUM}(?:单元|门(?!课|派|诊))"
_ROOM = rf"(?:{_NUM}(?:室|房(?!间|屋|子)|户|号房?|层|楼)|\d{{3,4}}(?![\d元人户名年个块斤]))"
_GROUP = rf"第?{_NUM}(?:村民小?)?[组社队](?![织长员成人家名同志愿区会])"
# Two that belong together need no place before them.
_FLAT = (
    rf"(?:{_BUILDING}(?:{_GAP}{_STAIRS})?{_GAP}{_ROOM}|{_BUILDING}{_GAP}{_STAIRS}"
    rf"|{_STAIRS}{_GAP}{_ROOM}|{_GROUP}{_GAP}{_HOUSE_NO})"
)
# Words before the name of a place, at which the name is taken to begin.
_NAME = (
    r"(?:(?![在到去于从是的了和与跟往回来被把给访看问们我你您他她它这那住])[\u3400-\u9fff]){0,5}"
)
_ANY_VILLAGE = "(?<![个们各全本该这那哪每两几驻农乡同邻])"
_ESTATE = "(?:社区|小区|花园|家园|公寓|安置点|安置房|搬迁点|新居|苑|居委会)"
_STREET = r"(?:大道|(?<![走上问通修赶带公铁顺半让断封了线思道])路|街|巷|胡同|弄)"

_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # 扎西村3组, 扎西村3组12号, 扎西村45号
        rf"(?P<it>{_NAME}{_ANY_VILLAGE}村(?:委会|居委会)?{_GAP}"
        rf"(?:{_GROUP}(?:{_GAP}{_HOUSE_NO})?|{_FLAT}|{_NUM}号(?:[院楼附]|(?=[家门房户]))"
        r"|(?:3[2-9]|[4-9]\d|\d{3,4})号))",
        # 幸福小区3栋, 安置点5排2号, 家园小区3-2-501
        rf"(?P<it>{_NAME}{_ESTATE}{_GAP}(?:{_FLAT}|(?!一[栋幢座排]){_BUILDING}(?!楼的)"
        rf"|\d{{1,3}}-\d{{1,2}}(?:-\d{{2,4}})?(?![\d月日-])"
        rf"|{_NUM}号(?:[院附]|(?=[家门房户]))|(?:3[2-9]|[4-9]\d|\d{{3,4}})号))",
        # 八一大街12号
        rf"(?P<it>{_NAME}{_STREET}{_GAP}(?:{_FLAT}|{_HOUSE_NO}(?!{_DAY}|线|文件)"
        rf"(?:{_GAP}{_FLAT}|{_GAP}{_ROOM})?))",
        rf"(?P<it>{_FLAT})",
        # 住在敬老院后面3号
        rf"(?:住在|家住|住址|地址|家在|门牌号?|户籍|搬到|搬进)[:是为]?\s?"
        rf"(?P<it>[^。!?;,\n\d]{{0,16}}?(?<![第约])(?:{_BUILDING}|{_STAIRS}"
        rf"|{_NUM}号(?!{_DAY}|线|文件)(?:[楼院房])?|{_NUM}(?:室|房(?!间|屋|子))|{_GROUP})"
        rf"(?:{_GAP}{_ROOM})?)",
        # The door's number in Tibetan.
        r"(?P<it>སྒོ་(?:ཨང་?|རྟགས་?)(?:་?ཨང་?)?[\s:]{0,3}\d{1,5})",
    )
)


def addresses(text: str) -> Iterator[Detail]:
    """The addresses in a plain text; two patterns may find the same one, or parts of it."""
    for pattern in _PATTERNS:
        for found in pattern.finditer(text):
            yield Detail(Kind.ADDRESS, found.start("it"), found.end("it"))
