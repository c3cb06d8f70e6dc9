"""Which facts a lesson and a pack must state, and each violation as a Problem on its line."""

import difflib
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)
from pydantic_core import PydanticCustomError

from curriculum.lesson_problems import Problem

Place = tuple[str | int, ...]
LineOf = Callable[[Place], int]
Model = TypeVar("Model", bound=BaseModel)


_ONE_LINE = r"^[^\n]*$"
_Status = Literal["draft", "reviewed", "published", "withdrawn"]


def _text(most: int, pattern: str | None = None) -> StringConstraints:
    return StringConstraints(strip_whitespace=True, min_length=1, max_length=most, pattern=pattern)


def _line(most: int) -> StringConstraints:
    return _text(most, _ONE_LINE)


_Code = Annotated[str, _text(16, r"^[0-9A-Za-z_-]+$")]


def _written_date(value: Any) -> Any:
    """Only 2026-11-27: pydantic itself would take any number as seconds since 1970."""
    if value is None or isinstance(value, date):
        return value
    try:
        return datetime.strptime(str(value), "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        raise PydanticCustomError("not_date", "not a date") from None


_Date = Annotated[date | None, BeforeValidator(_written_date)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)


class QuestionFacts(_Strict):
    """The check question; `answer` counts from 1, as an author does."""

    text: Annotated[str, _text(1_000)]
    options: Annotated[list[Annotated[str, _line(300)]], Field(min_length=2, max_length=10)]
    answer: Annotated[int, Field(ge=1, le=10)]
    explanation: Annotated[str, _text(1_000)]


class MediaFacts(_Strict):
    """A picture or a recording; `file` is its path from where pack.toml lies.

    `language` is set where it has words: such a picture is shown to readers of that language only.
    The caption goes out with it (Bot API: 1,024 characters).
    """

    file: Annotated[str, _line(200)]
    caption: Annotated[str, _text(1_024)]
    language: Literal["zh", "bo", "en"] | None = None


class TranslationFacts(_Strict):
    """What stands at the head of a lesson in a language other than Chinese.

    Other scripts need more letters for the same words, so they get more room.
    """

    code: _Code
    title: Annotated[str, _line(120)]
    key_point: Annotated[str, _line(240)]
    question: QuestionFacts
    reviewed_by: Annotated[str, _line(80)] | None = None
    status: _Status | None = None


class LessonFacts(_Strict):
    """What stands at the head of the Chinese lesson; it holds for every language of it."""

    code: _Code
    title: Annotated[str, _line(40)]
    title_en: Annotated[str, _line(80)] | None = None
    module: _Code
    minutes: Annotated[int, Field(ge=1, le=15)]
    key_point: Annotated[str, _line(60)]
    prerequisites: list[_Code] = []
    basis: Annotated[list[Annotated[str, _line(300)]], Field(min_length=1, max_length=20)]
    valid_from: _Date = None
    valid_to: _Date = None
    reviewed_by: Annotated[str, _line(80)] | None = None
    status: _Status
    question: QuestionFacts
    pictures: Annotated[list[MediaFacts], Field(max_length=6)] = []
    voice: Annotated[list[MediaFacts], Field(max_length=3)] = []
    # The story it was made of, as its draft says; only that author's installation knows it.
    story: Annotated[str, _text(30, r"^[0-9]{1,15}-[0-9a-f]{8}$")] | None = None


class ModuleFacts(_Strict):
    """One `[[modules]]` of pack.toml."""

    code: _Code
    title: Annotated[str, _line(40)]
    title_en: Annotated[str, _line(80)] | None = None
    after: list[_Code] = []


class PackFacts(_Strict):
    """pack.toml."""

    code: Annotated[str, _text(40, r"^[0-9A-Za-z_-]+$")]
    title: Annotated[str, _line(60)]
    title_en: Annotated[str, _line(80)] | None = None
    version: Annotated[str, _line(20)]
    modules: Annotated[list[ModuleFacts], Field(min_length=1, max_length=100)]
    order: list[_Code] | None = None
    # 必学: what a late joiner gets first.
    essential: list[_Code] = []
    note: Annotated[str, _text(2_000)] | None = None


def checked(
    model: type[Model],
    values: Mapping[str, Any],
    *,
    path: str,
    line_of: LineOf,
    problems: list[Problem],
) -> Model | None:
    """The model, or None after adding a Problem for each key that is wrong."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        for item in error.errors(include_url=False):
            place = tuple(part for part in item["loc"])
            code, facts = _worded(model, item["type"], place, item.get("ctx", {}), item["input"])
            problems.append(Problem(path, line_of(place), code, facts))
        return None


_CODES = {
    "missing": "key_missing",
    "string_too_short": "value_empty",
    "string_type": "not_text",
    "int_type": "not_number",
    "int_parsing": "not_number",
    "int_from_float": "not_number",
    "list_type": "not_list",
    "model_type": "not_group",
    "model_attributes_type": "not_group",
    "not_date": "not_date",
}
# pydantic's error, our code, our name for the limit, pydantic's name for it
_LIMITS = {
    "greater_than_equal": ("number_too_small", "least", "ge"),
    "less_than_equal": ("number_too_large", "most", "le"),
    "too_short": ("too_few", "least", "min_length"),
    "too_long": ("too_many", "most", "max_length"),
    "literal_error": ("not_allowed", "allowed", "expected"),
}


def _worded(
    model: type[BaseModel], kind: str, place: Place, context: Mapping[str, Any], value: Any
) -> tuple[str, dict[str, str | int]]:
    key = _name(place)
    code = _CODES.get(kind, "value_wrong")
    facts: dict[str, str | int] = {"key": key}
    if kind == "extra_forbidden":
        code, facts = _unknown(model, place, key)
    elif value is None:
        code = "value_empty"
    elif kind in _LIMITS:
        code, ours, theirs = _LIMITS[kind]
        facts[ours] = context[theirs]
    elif kind == "string_too_long":
        code, facts["limit"] = "text_too_long", context["max_length"]
        facts["length"] = len(str(value).strip())
    elif kind == "string_pattern_mismatch":
        code = "not_one_line" if context["pattern"] == _ONE_LINE else "code_unclear"
    return code, facts


def _unknown(model: type[BaseModel], place: Place, key: str) -> tuple[str, dict[str, str | int]]:
    last = str(place[-1])
    if model is TranslationFacts and len(place) == 1 and last in LessonFacts.model_fields:
        return "key_belongs_to_zh", {"key": key}
    known = _keys_at(model, place[:-1])
    near = difflib.get_close_matches(last.lower(), known, n=1, cutoff=0.6)
    if near:
        return "key_unknown_near", {"key": key, "nearest": near[0]}
    return "key_unknown", {"key": key, "known": ", ".join(known)}


def _keys_at(model: type[BaseModel], place: Place) -> list[str]:
    for part in place:
        if part == "question":
            model = QuestionFacts
        elif part == "modules":
            model = ModuleFacts
        elif part in ("pictures", "voice"):
            model = MediaFacts
    return list(model.model_fields)


def _name(place: Place) -> str:
    """`question.options[2]`: as an author counts, from 1."""
    name = ""
    for part in place:
        if isinstance(part, int):
            name += f"[{part + 1}]"
        else:
            name += f".{part}" if name else part
    return name
