"""A roster's problems and results in the words of a language."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from bot.render import read_toml
from curriculum.roster_problems import RosterProblem


@cache
def sheet_words(language: str) -> Mapping[str, Mapping[str, str]]:
    """The words of roster sheets and cards by group and code."""
    words: Mapping[str, Mapping[str, str]] = read_toml(language, "roster_sheet.toml")
    return words


@cache
def _sentences(language: str) -> Mapping[str, str]:
    return read_toml(language, "roster_problems.toml")


def problem_sentence(problem: RosterProblem, language: str) -> str:
    """What is wrong and how to mend it, without its place."""
    words = sheet_words(language)
    facts: dict[str, Any] = dict(problem.facts)
    if "column" in facts:
        facts["column"] = words["columns"][str(facts["column"])]
    if "level" in facts:
        facts["level"] = words["levels"].get(str(facts["level"]), facts["level"])
    return _sentences(language)[problem.code].format(**facts)


def column_name(problem: RosterProblem, language: str) -> str:
    """The column a problem is in, "" where no single cell is meant."""
    return sheet_words(language)["columns"][problem.column] if problem.column else ""


def word_problem(problem: RosterProblem, language: str) -> str:
    """A problem with its place: 第3行“电话”：…"""
    sentences = sheet_words(language)["sentences"]
    place = "row_place" if problem.column else "row" if problem.line else "file"
    head = sentences[place].format(line=problem.line, column=column_name(problem, language))
    return head + problem_sentence(problem, language)


def word_roles(roles: Iterable[str], language: str) -> str:
    """学员、督导者."""
    words = sheet_words(language)
    return words["sentences"]["list_sign"].join(words["roles"][role] for role in roles)


def word_changes(changes: Iterable[str], language: str) -> str:
    """换单位、改姓名."""
    words = sheet_words(language)
    return words["sentences"]["list_sign"].join(words["results"][change] for change in changes)
