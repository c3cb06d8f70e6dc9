"""The kinds of values config.toml may hold, and the check behind each."""

import re
from collections.abc import Callable, Iterable
from datetime import time
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, SecretStr
from pydantic_core import PydanticCustomError

from storage.sealed import read_secret


def wrong(code: str, **facts: object) -> PydanticCustomError:
    """The mistake `code`, for a check to raise."""
    # Codes are worded in locales/<lang>/config_problems.toml; the value itself is never a fact,
    # so that a secret typed into the wrong place cannot reach a screen or a log.
    return PydanticCustomError(
        code, "see config_problems.toml", {k: str(v) for k, v in facts.items()}
    )


def nearest(name: str, names: Iterable[str]) -> dict[str, str]:
    """The name most like a mistyped one, as the fact `nearest`; nothing when none is close."""
    folded = {known.casefold(): known for known in names}
    found = get_close_matches(name.casefold(), list(folded), n=1)
    return {"nearest": folded[found[0]]} if found else {}


def whole(low: int, high: int) -> BeforeValidator:
    """A whole number from `low` to `high`, both included."""

    def check(value: object) -> object:
        if isinstance(value, str) and value.isascii() and value.isdigit():  # from the environment
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise wrong("whole_number", low=low, high=high)
        return value

    return BeforeValidator(check)


def _text(check: Callable[[str], object]) -> BeforeValidator:
    def checked(value: object) -> object:
        if not isinstance(value, str):
            raise wrong("text_needed")
        return check(value.strip())

    return BeforeValidator(checked)


def _listed(value: object) -> object:
    """In the environment a list is written 1,2,3; in the file it is a TOML list."""
    return [part.strip() for part in value.split(",")] if isinstance(value, str) else value


def _distinct(values: tuple[Any, ...]) -> tuple[Any, ...]:
    if not values or len(set(values)) < len(values):
        raise wrong("list_distinct")
    return values


def _clock_time(value: object) -> time:
    if isinstance(value, time) and (value.second, value.microsecond) == (0, 0):
        return value
    if isinstance(value, str):
        found = re.fullmatch(r"([01]?[0-9]|2[0-3]):([0-5][0-9])", value.strip(), re.ASCII)
        if found:
            return time(int(found[1]), int(found[2]))
    raise wrong("clock_time")


def _zone(value: str) -> str:
    names = available_timezones()
    if value not in names:
        raise wrong("zone_unknown", **nearest(value, names))
    return value


def _token(value: str) -> str:
    if value and not re.fullmatch(r"\d+:[A-Za-z0-9_-]{20,}", value, re.ASCII):
        raise wrong("token_form")
    return value


def _api_base_url(value: str) -> str:
    parts = urlsplit(value)
    holds_token = re.search(r"\d+:[A-Za-z0-9_-]{20,}", parts.path) is not None
    # python-telegram-bot appends the token without a slash, so a final slash gives a wrong address.
    slash = value.endswith("/") and "{token}" not in value
    if parts.scheme not in ("http", "https") or not parts.hostname or holds_token or slash:
        raise wrong("api_base_url")
    return value


def _proxy_url(value: str) -> str:
    parts = urlsplit(value)
    if value and (parts.scheme not in ("http", "https") or not parts.hostname):
        raise wrong("proxy_url")
    return value


def _heartbeat_url(value: str) -> str:
    holds_token = re.search(r"\d+:[A-Za-z0-9_-]{20,}", value) is not None
    is_address = re.fullmatch(r"https?://[A-Za-z0-9][^\s/\[\]]*(/\S*)?", value) is not None
    if value and (not is_address or holds_token):
        raise wrong("heartbeat_url")
    return value


def _listen(value: str) -> str:
    if not value:
        return value
    host, _, port = value.rpartition(":")
    is_port = re.fullmatch(r"\d{1,5}", port, re.ASCII) is not None and int(port) <= 65535
    if not is_port or not re.fullmatch(r"[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]", host, re.ASCII):
        raise wrong("listen")
    return value


def _webhook_url(value: str) -> str:
    parts = urlsplit(value)
    # Telegram calls https only; its own server run on the same machine also plain http.
    is_near = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost")
    if value and (not parts.hostname or not (parts.scheme == "https" or is_near)):
        raise wrong("webhook_url")
    return value


def _webhook_path(value: str) -> str:
    if not re.fullmatch(r"/[A-Za-z0-9_./-]*", value, re.ASCII):
        raise wrong("webhook_path")
    return value


def _webhook_secret(value: str) -> str:
    # Telegram takes 1 to 256 of these; short ones could be guessed.
    if value and not re.fullmatch(r"[A-Za-z0-9_-]{16,256}", value, re.ASCII):
        raise wrong("webhook_secret_form")
    return value


def _host(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_.:-]+", value, re.ASCII):
        raise wrong("host_needed")
    return value


def _file_name(value: str) -> str:
    if not Path(value).name:
        raise wrong("file_name_needed")
    return value


def _database_url(value: str) -> str:
    sqlite = value.startswith("sqlite:///") and len(value) > len("sqlite:///")
    postgresql = value.startswith("postgresql+psycopg://") and len(urlsplit(value).path) > 1
    if not sqlite and not postgresql:
        raise wrong("database_url")
    return value


def key_bytes(text: str) -> bytes:
    """The 32 bytes of a note key as `storage.sealed.read_secret` reads them.

    Besides what that takes, base64 may be URL-safe and go without its padding.
    Raises ValueError, without the text in it, when it is no key.
    """
    plain = text.strip().rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        return read_secret(plain + "=" * (-len(plain) % 4))
    except ValueError:
        raise ValueError("a key is 32 bytes, as 64 hex digits or base64") from None


def _note_key(value: str) -> str:
    try:
        key_bytes(value)
    except ValueError:
        raise wrong("note_key_form") from None
    return value


_Item = TypeVar("_Item")
Several = Annotated[tuple[_Item, ...], BeforeValidator(_listed), AfterValidator(_distinct)]

Token = Annotated[SecretStr, _text(_token)]
ApiBaseUrl = Annotated[str, _text(_api_base_url)]
ProxyUrl = Annotated[SecretStr, _text(_proxy_url)]  # may hold a password
HeartbeatUrl = Annotated[SecretStr, _text(_heartbeat_url)]
Listen = Annotated[str, _text(_listen)]
WebhookUrl = Annotated[str, _text(_webhook_url)]
WebhookPath = Annotated[str, _text(_webhook_path)]
WebhookSecret = Annotated[SecretStr, _text(_webhook_secret)]
Host = Annotated[str, _text(_host)]
DatabaseUrl = Annotated[SecretStr, _text(_database_url)]
FileName = Annotated[Path, _text(_file_name)]
NoteKeyText = Annotated[SecretStr, _text(_note_key)]
Zone = Annotated[str, _text(_zone)]
Clock = Annotated[time, BeforeValidator(_clock_time)]
Minutes = Annotated[int, whole(5, 1440)]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Weekdays = Several[Annotated[int, whole(1, 7)]]
DaysBefore = Several[Annotated[int, whole(1, 365)]]
InterfaceLanguages = Several[Literal["zh", "en"]]
ContentLanguages = Several[Literal["zh", "bo", "en"]]
