"""A training's certificate as a file: the sentences of its statement, and the PDF with both."""

import re
import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache

from bot.render import LOCALES
from bot.reports.certificates import Signed, certificate
from bot.telegram_names import link
from curriculum.certificates import Statement

# What the start payload of the code on a certificate begins with.
PAYLOAD = "v_"
# Tibetan letters with the spaces between them; a certificate sets them on a line of their own.
TIBETAN = re.compile(r"[\u0f00-\u0fff](?:[\u0f00-\u0fff\s]*[\u0f00-\u0fff])?")


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads((LOCALES / "zh" / "certificate.toml").read_text(encoding="utf-8"))


def certificate_pdf(statement: Statement, signature: str, *, username: str) -> bytes:
    """The certificate of a statement; `username` is the bot that can be asked about it."""
    signed = Signed(statement.document(), signature)
    return certificate(
        signed,
        words=_words()["words"],
        lines=lines(statement, username=username),
        link=link(username, PAYLOAD + statement.code),
    )


def file_name(serial: str) -> str:
    """What its file is called."""
    return _words()["lines"]["file_name"].format(serial=serial)


def lines(statement: Statement, *, username: str) -> dict[str, str]:
    """The sentences with this person's facts in them."""
    words = _words()["lines"]
    return {
        "name": statement.name,
        "unit": statement.unit,
        "did": did(statement),
        "how": words["how"].format(bot=username),
        "issuer": statement.issuer,
        "issued": _day(statement.issued_on),
    }


def did(statement: Statement) -> str:
    """What she did; the Tibetan of a title that has both stands below it."""
    tibetan = " ".join(TIBETAN.findall(statement.title))
    chinese = " ".join(TIBETAN.sub(" ", statement.title).split()).strip(" /|·-")
    title, below = (chinese, tibetan) if chinese else (statement.title, "")
    sentence = _words()["lines"]["did"].format(
        days=days(statement.starts_on, statement.ends_on), title=title, minutes=statement.minutes
    )
    return f"{sentence}\n{below}" if below else sentence


def days(first: date, last: date) -> str:
    """2026年12月21日至22日."""
    words = _words()["lines"]
    if first == last:
        return _day(first)
    if first.year != last.year:
        return words["other_year"].format(first=_day(first), last=_day(last))
    between = "same_month" if first.month == last.month else "same_year"
    return words[between].format(first=_day(first), month=last.month, day=last.day)


def _day(one: date) -> str:
    return _words()["lines"]["day"].format(year=one.year, month=one.month, day=one.day)
