"""Actions as people write them, one a line: who does what until when, in any usual order."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from curriculum.clean_text import clean
from curriculum.errors import DateNotUnderstood
from curriculum.supervision_errors import RecordActionNotClear, TooManyActions
from curriculum.written_times import read_date
from storage.supervision_records import SUPERVISOR, WORKER

MOST, LIMIT = 6, 100
# An action is due within so long; one of last time may be past its date by so much.
AHEAD, BEHIND = timedelta(days=270), timedelta(days=90)
# How a line may name one of the two by her part in it.
PARTS = {SUPERVISOR: ("督导者", "督导", "supervisor"), WORKER: ("社工", "worker")}
# 社工站 and 督导记录 begin with such a word and name nobody.
_NOT_A_PART = tuple("站点室部服机实专记表会时结关内意要")
_NUMBERED = re.compile(r"^\s*(?:[-*·•]|[（(]?\d{1,2}[)）、.．])\s*")
_DATE_AT = re.compile(
    r"今天|明天|后天|大后天|[今明后]年|[这本当下]*个?(?:周|星期|礼拜|月)|年底|\d|[一二三四五六七八九十]+月"
    r"|today|tomorrow|next|mon|tue|wed|thu|fri|sat|sun|jan|feb|mar|apr|may|jun|jul|aug|sep|oct"
    r"|nov|dec",
    re.IGNORECASE,
)
LONGEST_DATE = 24
# A month first: such a date can be one of last time, while 周三 and 明天 lie ahead.
_MONTH = re.compile(
    r"[\d一二三四五六七八九十]{1,3}\s*[月./-]|[a-z]{3}\s+\d|\d{1,2}\s+[a-z]", re.IGNORECASE
)
_AFTER_DATE = re.compile(r"^\s*(?:之前|以前|前|内|[)）])?\s*[)）]?")
_EDGES = " \t,，:：;；。.、-—()（）"
_DONE = re.compile(r"[\s,，(（]*(?:已?做完了?|已完成|完成了|done)[)）。.\s]*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody of a record who can have something to do; `owner` says as whom of the two."""

    person_id: int
    name: str
    owner: str


@dataclass(frozen=True, slots=True)
class Written:
    """One action as it is understood."""

    owner: str
    person_id: int
    due_on: date
    text: str
    is_done: bool = False


def read_actions(
    written: str, people: Sequence[Named], *, held_on: date, others: bool = False
) -> list[Written]:
    """Every line an action; raises RecordActionNotClear for the first that is none, TooManyActions.

    A line that names nobody is the worker's, unless `others` could be meant.
    """
    lines = [line for line in clean(written).split("\n") if line.strip()]
    found = [_read(line, people, held_on=held_on, others=others) for line in lines]
    if len(found) > MOST:
        raise TooManyActions(limit=MOST)
    return found


def _read(line: str, people: Sequence[Named], *, held_on: date, others: bool) -> Written:
    text = _NUMBERED.sub("", unicodedata.normalize("NFC", line), count=1).strip()
    is_done = bool(_DONE.search(text))
    text = _DONE.sub("", text)
    owner, text = _owner(text, people)
    if owner is None and not others:
        owner = next((one for one in people if one.owner == WORKER), None)
    due_on, text = _due(text, held_on=held_on)
    text = text.strip(_EDGES)
    is_near = due_on is not None and held_on - BEHIND <= due_on <= held_on + AHEAD
    if owner is None or due_on is None or not is_near or not 1 <= len(text) <= LIMIT:
        raise RecordActionNotClear(line=line.strip()[:40])
    return Written(owner.owner, owner.person_id, due_on, text, is_done)


def _owner(text: str, people: Sequence[Named]) -> tuple[Named | None, str]:
    """Whoever a line names at its beginning or in brackets, and the line without that."""
    calls = [(one.name, one) for one in people]
    for part, words in PARTS.items():
        of_part = [one for one in people if one.owner == part]
        if len(of_part) == 1:
            calls += [(word, of_part[0]) for word in words]
    for call, one in sorted(calls, key=lambda pair: -len(pair[0])):
        rest = text[len(call) :]
        is_other = call != one.name and rest.startswith(_NOT_A_PART)
        if text.lower().startswith(call.lower()) and not is_other:
            return one, rest.lstrip(_EDGES)
    for call, one in calls:
        named = rf"(?P<bracket>[(（])\s*(?:负责人?[:：]?)?\s*{re.escape(call)}(?=\s*[)）,，、\s])"
        if bracketed := re.search(named, text):
            return one, text[: bracketed.end("bracket")] + text[bracketed.end() :]
    return None, text


def _due(text: str, *, held_on: date) -> tuple[date | None, str]:
    """The date at the beginning of a line, or the last one in it, and the line without that."""
    spans: list[tuple[int, int, date]] = []
    for found in _DATE_AT.finditer(text):
        start = found.start()
        if spans and start < spans[-1][1]:
            continue
        span = _date_from(text, start, held_on)
        spans += [span] if span else []
    if not spans:
        return None, text
    start, end, day = spans[0] if spans[0][0] == 0 else spans[-1]
    rest = _AFTER_DATE.sub(" ", text[end:], count=1)
    return day, text[:start].rstrip(_EDGES) + " " + rest.lstrip()


def _date_from(text: str, start: int, held_on: date) -> tuple[int, int, date] | None:
    """The longest date that begins at a place of a line: where it begins and ends, and the day."""
    today = held_on - BEHIND if _MONTH.match(text, start) else held_on
    for end in range(min(len(text), start + LONGEST_DATE), start + 1, -1):
        try:
            return start, end, read_date(text[start:end], today=today)
        except DateNotUnderstood:
            continue
    return None
