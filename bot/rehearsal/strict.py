"""Reads the parameters of a Bot API call and refuses what Telegram would refuse.

The stand-in is stricter than Telegram in one way: a parameter a method does not know is refused
with 400, where Telegram ignores it, so that a misspelt or outdated name shows at once. Limits are
those of Bot API 10.0, the version python-telegram-bot 22.8 speaks; the wordings of refusals are
Telegram's where public reports show them, otherwise built in the same form.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.rehearsal import entities, html_text, keyboards
from bot.rehearsal.entities import Entity
from bot.rehearsal.refusal import bad_request

MAX_TEXT = 4096
MAX_CAPTION = 1024
MAX_QUESTION = 300
MAX_OPTION = 100
MAX_EXPLANATION = 200
MAX_EXPLANATION_LINE_FEEDS = 2
MAX_ANSWER = 200
MIN_OPTIONS, MAX_OPTIONS = 2, 12
MIN_OPEN_PERIOD, MAX_OPEN_PERIOD = 5, 2_628_000

_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_LANGUAGE = re.compile(r"[a-z]{2}")
_OPTION_FIELDS = frozenset({"text", "text_parse_mode", "text_entities"})


@dataclass(slots=True)
class Upload:
    """A file that came in a multipart body."""

    name: str
    data: bytes
    mime: str


@dataclass(slots=True)
class Parameters:
    """The parameters of one call: each a string as in form data, JSON where it is not text."""

    values: Mapping[str, str]
    uploads: Mapping[str, Upload] = field(default_factory=dict)

    def known(self, method: str, names: frozenset[str]) -> None:
        """Refuse every parameter outside `names`; uploads named by attach:// are referred to."""
        for name in self.values.keys() - names:
            raise bad_request(f'unexpected parameter "{name}" of method {method}')
        for name in self.uploads.keys() - names:
            if not any(f"attach://{name}" in value for value in self.values.values()):
                raise bad_request(f'unexpected file "{name}" of method {method}')

    def text(self, name: str) -> str:
        return self.values.get(name, "")

    def integer(self, name: str, default: int | None = None) -> int:
        raw = self.values.get(name)
        if raw is None:
            if default is None:
                raise bad_request(f'parameter "{name}" is required')
            return default
        try:
            return int(raw)
        except ValueError:
            raise bad_request(f'parameter "{name}" must be an Integer') from None

    def boolean(self, name: str, *, default: bool = False) -> bool:
        raw = self.values.get(name)
        if raw is None:
            return default
        if raw.lower() in {"true", "1"}:
            return True
        if raw.lower() in {"false", "0"}:
            return False
        raise bad_request(f'parameter "{name}" must be a Boolean')

    def json(self, name: str) -> Any:
        """The decoded JSON of a parameter, None when it is absent."""
        raw = self.values.get(name)
        if not raw:
            return None
        try:
            return json.loads(raw)
        except ValueError:
            raise bad_request(f"can't parse {name} JSON object") from None


def formatted(
    params: Parameters, text_name: str, mode_name: str, entities_name: str
) -> tuple[str, tuple[Entity, ...]]:
    """A text with its entities or its parse_mode, trimmed and checked; not yet measured."""
    return formatted_text(
        params.text(text_name), params.text(mode_name), params.text(entities_name)
    )


def formatted_text(text: str, mode: str, raw: str) -> tuple[str, tuple[Entity, ...]]:
    """As `formatted`, from plain values. Telegram lets a parse_mode win over entities."""
    if "\x00" in text:
        raise bad_request("strings must be encoded in UTF-8")
    if not mode:
        return entities.checked(text, raw)
    if raw:
        raise bad_request("parse_mode and entities must not be given together")
    if mode.lower() != "html":
        raise bad_request("unsupported parse_mode")
    return entities.finished(*html_text.parse_html(text))


def message_text(params: Parameters) -> tuple[str, tuple[Entity, ...]]:
    """The text of a message: 1 to 4,096 UTF-16 units once trimmed."""
    if not params.text("text"):
        raise bad_request("message text is empty")
    text, found = formatted(params, "text", "parse_mode", "entities")
    if not text:
        raise bad_request("message text is empty")
    if entities.utf16_length(text) > MAX_TEXT:
        raise bad_request("message is too long")
    return text, found


def caption(params: Parameters) -> tuple[str, tuple[Entity, ...]]:
    """The caption of a file: at most 1,024 UTF-16 units once trimmed."""
    text, found = formatted(params, "caption", "parse_mode", "caption_entities")
    if entities.utf16_length(text) > MAX_CAPTION:
        raise bad_request("message caption is too long")
    return text, found


def answer_text(text: str) -> str:
    """The text of an answered button press: at most 200 characters."""
    if len(text) > MAX_ANSWER:
        raise bad_request("MESSAGE_TOO_LONG")
    return text


@dataclass(slots=True)
class PollOrder:
    """A poll as ordered by sendPoll, checked."""

    question: str
    question_entities: tuple[Entity, ...]
    options: list[tuple[str, tuple[Entity, ...]]]
    kind: str
    anonymous: bool
    multiple: bool
    revoting: bool
    correct: list[int]
    explanation: str
    explanation_entities: tuple[Entity, ...]
    open_period: int
    close_date: int
    closed: bool


def poll(params: Parameters, now: int) -> PollOrder:
    """Check a whole sendPoll call; `now` is Unix time, against which close_date is checked."""
    question, question_entities = formatted(
        params, "question", "question_parse_mode", "question_entities"
    )
    if not question:
        raise bad_request("poll question must be non-empty")
    if entities.utf16_length(question) > MAX_QUESTION:
        raise bad_request(f"poll question length must not exceed {MAX_QUESTION}")
    options = _options(params.json("options"))
    kind = params.text("type") or "regular"
    if kind not in {"regular", "quiz"}:
        raise bad_request("unsupported poll type specified")
    multiple = params.boolean("allows_multiple_answers")
    explanation, explanation_entities = _explanation(params, kind)
    open_period, close_date = _closing(params, now)
    return PollOrder(
        question=question,
        question_entities=question_entities,
        options=options,
        kind=kind,
        anonymous=params.boolean("is_anonymous", default=True),
        multiple=multiple,
        revoting=params.boolean("allows_revoting", default=kind == "regular"),
        correct=_correct(params, kind, len(options), multiple=multiple),
        explanation=explanation,
        explanation_entities=explanation_entities,
        open_period=open_period,
        close_date=close_date,
        closed=params.boolean("is_closed"),
    )


def _options(given: Any) -> list[tuple[str, tuple[Entity, ...]]]:
    if not isinstance(given, list):
        raise bad_request("expected an Array of String as options")
    if len(given) < MIN_OPTIONS:
        raise bad_request("poll must have at least 2 option")
    if len(given) > MAX_OPTIONS:
        raise bad_request(f"poll can't have more than {MAX_OPTIONS} options")
    options = []
    for item in given:
        option = {"text": item} if isinstance(item, str) else item
        if not isinstance(option, dict) or not isinstance(option.get("text"), str):
            raise bad_request('can\'t parse InputPollOption: Field "text" must be of type String')
        unknown = set(option) - _OPTION_FIELDS
        if unknown:
            raise bad_request(f'can\'t parse InputPollOption: unexpected field "{min(unknown)}"')
        raw = json.dumps(option["text_entities"]) if option.get("text_entities") else ""
        text, found = formatted_text(option["text"], option.get("text_parse_mode") or "", raw)
        if not text:
            raise bad_request("poll options must be non-empty")
        if entities.utf16_length(text) > MAX_OPTION:
            raise bad_request(f"poll options length must not exceed {MAX_OPTION}")
        options.append((text, found))
    return options


def _correct(params: Parameters, kind: str, count: int, *, multiple: bool) -> list[int]:
    correct = params.json("correct_option_ids")
    if kind != "quiz":
        if correct:
            raise bad_request("correct_option_ids are allowed only in quiz polls")
        return []
    if not isinstance(correct, list) or not correct:
        raise bad_request("wrong correct option ID specified")
    if any(type(item) is not int or not 0 <= item < count for item in correct):
        raise bad_request("wrong correct option ID specified")
    if correct != sorted(set(correct)) or (len(correct) > 1 and not multiple):
        raise bad_request("wrong correct option ID specified")
    return correct


def _explanation(params: Parameters, kind: str) -> tuple[str, tuple[Entity, ...]]:
    text, found = formatted(params, "explanation", "explanation_parse_mode", "explanation_entities")
    if text and kind != "quiz":
        raise bad_request("explanation is allowed only in quiz polls")
    if entities.utf16_length(text) > MAX_EXPLANATION:
        raise bad_request(f"poll explanation length must not exceed {MAX_EXPLANATION}")
    if text.count("\n") > MAX_EXPLANATION_LINE_FEEDS:
        raise bad_request(
            f"poll explanation must not have more than {MAX_EXPLANATION_LINE_FEEDS} line feeds"
        )
    return text, found


def _closing(params: Parameters, now: int) -> tuple[int, int]:
    period, date = params.integer("open_period", 0), params.integer("close_date", 0)
    if period and date:
        raise bad_request("open_period and close_date can't be used together")
    if period and not MIN_OPEN_PERIOD <= period <= MAX_OPEN_PERIOD:
        raise bad_request("poll open period is invalid")
    if date and not MIN_OPEN_PERIOD <= date - now <= MAX_OPEN_PERIOD:
        raise bad_request("poll close date is invalid")
    return period, date


def commands(given: Any) -> list[dict[str, str]]:
    """The list of setMyCommands: at most 100, names of 1-32 of [a-z0-9_], descriptions of 1-256."""
    if not isinstance(given, list):
        raise bad_request("can't parse commands: expected an Array of BotCommand")
    if len(given) > 100:
        raise bad_request("too many commands are specified")
    for command in given:
        if not isinstance(command, dict) or set(command) != {"command", "description"}:
            raise bad_request("can't parse BotCommand: expected command and description")
        name, description = command["command"], command["description"]
        if not isinstance(name, str) or not _COMMAND.fullmatch(name.removeprefix("/")):
            raise bad_request("BOT_COMMAND_INVALID")
        if not isinstance(description, str) or not 1 <= len(description) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return [
        {"command": item["command"].removeprefix("/"), "description": item["description"]}
        for item in given
    ]


def language_code(params: Parameters) -> str:
    """ "" or a two-letter code."""
    code = params.text("language_code")
    if code and not _LANGUAGE.fullmatch(code):
        raise bad_request("invalid language code specified")
    return code


def reply_markup(params: Parameters) -> keyboards.Markup | None:
    """Any kind of reply markup."""
    return keyboards.checked(params.text("reply_markup"))


def inline_markup(params: Parameters) -> keyboards.Markup | None:
    """An inline keyboard, or none."""
    return keyboards.inline_only(params.text("reply_markup"))
