"""A record of supervision as one message: its fields printed to be filled in, and read back.

Reading is tolerant: any order, full or half width, several lines a field, fields left out. What is
there and not understood is handed back as it was written, so that nothing is lost.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from curriculum import written_numbers
from curriculum.clean_text import clean
from curriculum.errors import DateNotUnderstood, Refusal
from curriculum.records import OFFLINE, ONLINE
from curriculum.supervision_actions_written import Named, read_actions
from curriculum.supervision_errors import (
    RecordDateNotClear,
    RecordFunctionsNotClear,
    RecordMinutesNotClear,
    RecordModeNotClear,
    RecordTextTooLong,
)
from curriculum.supervision_texts import (
    ACTIONS,
    ADVICE,
    CASE,
    DIFFICULTIES,
    GAPS,
    NEXT_ON,
    SITUATION,
    TEXTS,
)
from curriculum.written_times import read_date

DATE, MINUTES, MODE, FUNCTIONS = "date", "minutes", "mode", "functions"
FIELDS = (
    *(DATE, MINUTES, MODE, FUNCTIONS, SITUATION, DIFFICULTIES, GAPS, ADVICE),
    *(ACTIONS, NEXT_ON, CASE),
)
NEEDED = (DATE, MINUTES, MODE, ADVICE, ACTIONS)
ADMINISTRATIVE, EDUCATIONAL, SUPPORTIVE = "administrative", "educational", "supportive"
# How long a text, a case's code and a whole form may be (characters), and a session (minutes).
LIMIT, CASE_LIMIT, FORM_LIMIT = 500, 40, 3500
SHORTEST, LONGEST = 5, 480
# A session is written down within so long; so a date without a year is never in doubt.
WITHIN = timedelta(days=183)
# The names of the fields; the first of each language is the one that is printed.
NAMES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "zh": {
        DATE: ("日期", "督导日期", "时间"),
        MINUTES: ("时长", "分钟", "督导时长"),
        MODE: ("方式", "督导方式"),
        FUNCTIONS: ("功能", "督导功能"),
        SITUATION: ("情况", "基本情况", "工作情况"),
        DIFFICULTIES: ("困难", "遇到的困难"),
        GAPS: ("不足", "差距"),
        ADVICE: ("建议", "督导建议"),
        ACTIONS: ("行动", "下一步", "行动计划"),
        NEXT_ON: ("下次", "下次督导", "下次日期"),
        CASE: ("个案编号", "个案"),
    },
    "en": {
        DATE: ("Date",),
        MINUTES: ("Minutes", "Duration"),
        MODE: ("Mode",),
        FUNCTIONS: ("Functions", "Function"),
        SITUATION: ("Situation",),
        DIFFICULTIES: ("Difficulties",),
        GAPS: ("Gaps",),
        ADVICE: ("Advice",),
        ACTIONS: ("Actions", "Next step", "Next steps"),
        NEXT_ON: ("Next date", "Next"),
        CASE: ("Case code", "Case"),
    },
}
MODES = {
    ONLINE: ("线上", "网络", "网上", "视频", "电话", "online"),
    OFFLINE: ("线下", "当面", "现场", "面对面", "offline", "in person"),
}
FUNCTION_WORDS = {
    ADMINISTRATIVE: ("行政", "administrative"),
    EDUCATIONAL: ("教育", "educational"),
    SUPPORTIVE: ("支持", "supportive"),
}


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).lower().split())


_CODES = {
    _plain(name): code
    for names in NAMES.values()
    for code, known in names.items()
    for name in known
}
_FIELD = re.compile(
    r"[\s【\[*·•\-]*(?P<name>[^\W\d_][^\n:：]{0,15}?)\s*[】\]*]*\s*[:：](?P<rest>.*)"
)
_HOURS = re.compile(
    r"(?:(?P<hours>\d+(?:\.\d+)?|半)\s*个?(?:半)?\s*(?:小时|钟头|hours?|h))"
    r"(?P<half>半)?\s*(?:(?P<minutes>\d+)\s*(?:分钟?|min(?:utes?)?)?)?"
)
_MINUTES = re.compile(r"(?P<minutes>\d+)\s*(?:分钟?|min(?:utes?)?)?")
_LAST_WEEKDAY = re.compile(r"(?P<last>上+)个?(?:周|星期|礼拜)(?P<day>[一二三四五六日天])")
_GONE = {"昨天": 1, "前天": 2, "大前天": 3, "yesterday": 1}
# A month first, without a year.
_MONTH = re.compile(r"[\d一二三四五六七八九十]{1,3}\s*[月./-]|[a-z]{3}|\d{1,2}\s+[a-z]")
_WEEKDAY = re.compile(r"(?:周|星期|礼拜)")


@dataclass(frozen=True, slots=True)
class Filled:
    """What was understood, by field, and what was not, as it was written."""

    fields: Mapping[str, Any] = field(default_factory=dict)
    unread: Mapping[str, str] = field(default_factory=dict)


def printed(values: Mapping[str, Any], language: str, *, day: Callable[[date], str]) -> str:
    """The message to copy: every field on its line, with what is known already behind it.

    `values` are texts as they are typed, a date for DATE and NEXT_ON, lines for ACTIONS.
    """
    lines = []
    for code in FIELDS:
        value = values.get(code) or ""
        if isinstance(value, date):
            value = day(value)
        elif isinstance(value, list | tuple):
            value = "\n" + "\n".join(value) if value else ""
        colon = "：" if language == "zh" else ": "
        lines.append(f"{NAMES[language][code][0]}{colon}{value}".rstrip(" "))
    return "\n".join(lines)


def split_fields(written: str) -> dict[str, str]:
    """What stands behind each field's name, down to the next one; "" where nothing does."""
    found: dict[str, list[str]] = {}
    code = ""
    for line in clean(written).split("\n"):
        named = _FIELD.fullmatch(line)
        known = _CODES.get(_plain(named["name"])) if named else None
        if named and known:
            code = known
            found[code] = [named["rest"].strip()]
        elif code:
            found[code].append(line.rstrip())
    return {code: "\n".join(lines).strip() for code, lines in found.items()}


def read_form(
    written: str, people: Sequence[Named], *, held_on: date, today: date, others: bool = False
) -> Filled:
    """A filled form; `people` may own actions and `held_on` is the date as far as it is known.

    `others` where nobody in particular owns an action that names nobody.
    """
    parts = split_fields(written)
    fields: dict[str, Any] = {}
    unread: dict[str, str] = {}
    # The date comes first: what is to be done is counted from it.
    for code in FIELDS:
        if code not in parts:
            continue
        if not parts[code]:
            if code not in NEEDED:
                fields[code] = None
            continue
        base = fields.get(DATE, held_on)
        try:
            fields[code] = read_field(
                code, parts[code], people, held_on=base, today=today, others=others
            )
        except Refusal:
            unread[code] = parts[code]
    return Filled(fields, unread)


def read_field(
    code: str,
    written: str,
    people: Sequence[Named],
    *,
    held_on: date,
    today: date,
    others: bool = False,
) -> Any:
    """One field as it is kept: a date for DATE and NEXT_ON, minutes, codes, texts, actions.

    Raises the refusal of what was not understood.
    """
    readers: Mapping[str, Callable[[str], Any]] = {
        DATE: lambda text: read_held_on(text, today=today),
        MINUTES: read_minutes,
        MODE: read_mode,
        FUNCTIONS: read_functions,
        ACTIONS: lambda text: read_actions(text, people, held_on=held_on, others=others),
        NEXT_ON: lambda text: read_date(text, today=held_on),
    }
    if code in readers:
        return readers[code](written)
    text = clean(written).strip()
    limit = LIMIT if code in TEXTS else CASE_LIMIT
    if len(text) > limit:
        raise RecordTextTooLong(limit=limit)
    return text


def read_held_on(written: str, *, today: date) -> date:
    """When it was: the last such date, 昨天 and 上周三 too; raises RecordDateNotClear."""
    text = unicodedata.normalize("NFKC", written).strip().lower()
    if text in _GONE:
        return today - timedelta(days=_GONE[text])
    if named := _LAST_WEEKDAY.fullmatch(text):
        place = "一二三四五六日".index(named["day"].replace("天", "日"))
        monday = today - timedelta(days=today.weekday())
        return monday + timedelta(days=place, weeks=-len(named["last"]))
    # The weekday beside a date is that of the year meant, so the past is asked for at once.
    day = _coming(text, today - WITHIN if _MONTH.match(text) else today)
    if day > today and _WEEKDAY.match(text):
        day -= timedelta(days=7)
    if not today - WITHIN <= day <= today:
        raise RecordDateNotClear
    return day


def _coming(text: str, today: date) -> date:
    try:
        return read_date(text, today=today)
    except DateNotUnderstood as error:
        raise RecordDateNotClear from error


def read_minutes(written: str) -> int:
    """60, 60分钟, 1小时, 一个半小时, 1小时30分; raises RecordMinutesNotClear."""
    text = unicodedata.normalize("NFKC", written).strip().lower()
    text = re.sub(
        r"[零〇一二两三四五六七八九十]{1,3}(?=\s*(?:个|小时|分|半))",
        lambda found: str(written_numbers.value(found[0])),
        text,
    )
    if plain := _MINUTES.fullmatch(text):
        minutes = int(plain["minutes"][:5])
    elif found := _HOURS.fullmatch(text):
        hours = 0.5 if found["hours"] == "半" else float(found["hours"][:5])
        is_half = bool(found["half"]) or re.search(r"\d\s*个半", text) is not None
        minutes = round(60 * hours) + 30 * is_half + int((found["minutes"] or "0")[:5])
    else:
        raise RecordMinutesNotClear(least=SHORTEST, most=LONGEST)
    if not SHORTEST <= minutes <= LONGEST:
        raise RecordMinutesNotClear(least=SHORTEST, most=LONGEST)
    return minutes


def read_mode(written: str) -> str:
    """线上 or 线下, in their usual words; raises RecordModeNotClear."""
    text = unicodedata.normalize("NFKC", written).strip().lower()
    found = {mode for mode, words in MODES.items() if any(word in text for word in words)}
    if len(found) != 1:
        raise RecordModeNotClear
    return found.pop()


def read_functions(written: str) -> list[str]:
    """Some of 行政, 教育, 支持; raises RecordFunctionsNotClear."""
    text = unicodedata.normalize("NFKC", written).strip().lower()
    found = [code for code, words in FUNCTION_WORDS.items() if any(word in text for word in words)]
    if not found:
        raise RecordFunctionsNotClear
    return found
