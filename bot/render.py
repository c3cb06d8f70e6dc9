"""Facts and a language in, words out: whole-message templates become text with entities."""

import re
import tomllib
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import date, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from babel.dates import format_datetime, format_time
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from telegram import MessageEntity

from bot import buttons
from curriculum.errors import Refusal
from curriculum.facts import Facts
from curriculum.rich_text import RichText, from_markdown, plain, splice
from scheduler.channel import Part

LOCALES = Path(__file__).parent / "locales"
LANGUAGES = ("zh", "en")
MESSAGES_KEPT = 512
FIRST_MARKER = 0xE000
SHORT = 30
# Below this a count could tell who it was (EXPERIENCE section 9).
TOLD_FROM = 5
MARKUP = re.compile(r"[\\`*_{}\[\]#>|~]")
LINE_START = re.compile(r"^(\s*\d*)([-+.)])", re.MULTILINE)
PATTERNS = {
    "zh": {"moment": "M月d日(EEE)HH:mm", "day": "M月d日(EEE)"},
    "en": {"moment": "EEE d MMM HH:mm", "day": "EEE d MMM"},
}
BABEL_LOCALES = {"zh": "zh_Hans_CN", "en": "en_GB"}

R = TypeVar("R")
Wording = Callable[["Renderer", Facts], Sequence[Part]]


@cache
def read_toml(language: str, name: str) -> Mapping[str, Any]:
    """A locale's table of short texts, read once: the labels alone take 4 ms."""
    return tomllib.loads((LOCALES / language / name).read_text(encoding="utf-8"))


@lru_cache(MESSAGES_KEPT)
def _read(markdown: str) -> RichText:
    """A filled template's Markdown, read: its own words alone, since values go in afterwards.

    So one reading, 1 to 2 ms of processor, serves whoever is told the same next.
    """
    return from_markdown(markdown)


class Verbatim(str):
    """A value of our own that is part of the markup: a name within a link."""

    __slots__ = ()


class Renderer:
    """Words for everything the bot says; holds the messages it worded last, by content_key."""

    def __init__(
        self, *, zone: str, wordings: Mapping[str, Wording], bot_username: str = ""
    ) -> None:
        # Known once Telegram was asked who this token is; links into the private chat need it.
        self.bot_username = bot_username
        self._zone = ZoneInfo(zone)
        self._wordings = wordings
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()
        self._environments = {language: self._environment(language) for language in LANGUAGES}
        self._labels = {language: read_toml(language, "labels.toml") for language in LANGUAGES}
        self._refusals = {language: read_toml(language, "refusals.toml") for language in LANGUAGES}

    def _environment(self, language: str) -> Environment:
        environment = Environment(
            loader=FileSystemLoader(LOCALES / language),
            undefined=StrictUndefined,
            finalize=_keep_value,
            trim_blocks=True,
            lstrip_blocks=True,
            # An included piece keeps its last line end, or what follows would join its last line.
            keep_trailing_newline=True,
            # Not HTML: values never pass through markup at all, see _keep_value.
            autoescape=False,  # noqa: S701
        )
        environment.filters["moment"] = lambda moment: self.moment(moment, language)
        environment.filters["day"] = lambda day: self.day(day, language)
        environment.filters["clock"] = lambda moment: self.clock(moment, language)
        environment.filters["short"] = _short
        environment.filters["can_turn"] = buttons.carries
        environment.filters["several"] = lambda count: self.several(count, language)
        environment.filters["label"] = lambda name: self.label(name, language)
        return environment

    def moment(self, moment: datetime, language: str) -> str:
        """11月27日(周五)15:00: the weekday always stands with a date."""
        return format_datetime(
            moment.astimezone(self._zone),
            PATTERNS[language]["moment"],
            locale=BABEL_LOCALES[language],
        )

    def clock(self, moment: datetime, language: str) -> str:
        """15:00."""
        return format_time(moment.astimezone(self._zone), "HH:mm", locale=BABEL_LOCALES[language])

    def day(self, day: date, language: str) -> str:
        """11月27日(周五)."""
        return format_datetime(
            datetime(day.year, day.month, day.day, tzinfo=self._zone),
            PATTERNS[language]["day"],
            locale=BABEL_LOCALES[language],
        )

    def several(self, count: int, language: str) -> str:
        """A count of people or units as others may read it: below five only that there are some."""
        return str(count) if count >= TOLD_FROM else self.label("a_few", language)

    def markdown(self, template: str, language: str, /, **facts: Any) -> str:
        """A page's part as Markdown, filled with facts; nothing in a value is read as markup."""
        values: dict[str, RichText] = {}
        whole = self._environments[language].get_template(f"{template}.md.j2")
        written = whole.render(facts | {"__values": values})
        for marker, value in values.items():
            written = written.replace(marker, escaped(value.text))
        return written.strip()

    def text(self, template: str, language: str, /, **facts: Any) -> RichText:
        """A message: `template`.md.j2 of the language, filled with facts.

        Values are put in after the Markdown is read, so nothing in a name or a lesson can be
        taken for markup; a value that is RichText keeps its own entities.
        """
        values: dict[str, RichText] = {}
        whole = self._environments[language].get_template(f"{template}.md.j2")
        markdown = whole.render(facts | {"__values": values})
        return splice(_read(markdown), values)

    def label(self, name: str, language: str) -> str:
        """A button's or keyboard's short text; the same act has the same label everywhere."""
        return str(self._labels[language][name])

    def labels(self, name: str) -> list[str]:
        """A label in every language, for reading what people press or type."""
        return [str(self._labels[language][name]) for language in LANGUAGES]

    def refusal(self, error: Refusal, language: str) -> str:
        """The friendly sentence for an expected refusal."""
        sentence: str = self._refusals[language][error.code]
        facts = {name: self._worded(value, language) for name, value in error.facts.items()}
        return sentence.format(**facts)

    def _worded(self, value: Any, language: str) -> Any:
        if isinstance(value, datetime):
            return self.moment(value, language)
        return self.day(value, language) if isinstance(value, date) else value

    def parts(self, facts: Facts) -> tuple[Part, ...]:
        """A delivery worded, once per content_key and language."""
        return self.once(
            (facts.content_key, facts.language),
            lambda: tuple(self._wordings[facts.kind](self, facts)),
        )

    def once(self, key: Hashable, make: Callable[[], R]) -> R:
        """What `make` gives, made once while it is among the last things worded."""
        if key in self._kept:
            self._kept.move_to_end(key)
        else:
            self._kept[key] = make()
            if len(self._kept) > MESSAGES_KEPT:
                self._kept.popitem(last=False)
        made: R = self._kept[key]
        return made


def escaped(text: str) -> str:
    """Words as Markdown that reads as just these words."""
    return LINE_START.sub(r"\1\\\2", MARKUP.sub(r"\\\g<0>", text).replace("<", "&lt;"))


def _short(text: str) -> str:
    """The first words of a text on one line."""
    line = " ".join(text.split())
    return line if len(line) <= SHORT else line[: SHORT - 1] + "…"


@pass_context
def _keep_value(context: Context, value: Any) -> str:
    """Stand a private-use character in for a value, to be spliced in after Markdown is read."""
    if isinstance(value, Verbatim):
        return str(value)
    values: dict[str, RichText] = context["__values"]
    marker = chr(FIRST_MARKER + len(values))
    values[marker] = value if isinstance(value, RichText) else plain(str(value))
    return marker


def entities(text: RichText) -> list[MessageEntity]:
    """Telegram's own objects for a text's entities."""
    return [
        MessageEntity(e.type, e.offset, e.length, url=e.url, language=e.language)
        for e in text.entities
    ]
