"""Every problem of a roster has words in both languages, and the words fit its facts."""

import ast
import re
from pathlib import Path
from string import Formatter

import pytest

import bot
import curriculum
from bot.render import LANGUAGES, read_toml
from bot.roster_wording import problem_sentence, sheet_words, word_problem
from curriculum.roster_problems import RosterProblem
from curriculum.roster_rows import COLUMNS, LEVELS

SOURCES = [
    *(Path(curriculum.__file__).parent).glob("roster*.py"),
    *(Path(bot.__file__).parent).glob("roster*.py"),
    Path(bot.__file__).parent / "handlers" / "roster.py",
]
# The column whose name a twice-found value is called by.
TWICE = {"phone_twice", "number_twice"}


def _codes_in_sources() -> set[str]:
    """Every text constant of the roster's modules."""
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES)
    constants = (n for tree in trees for n in ast.walk(tree) if isinstance(n, ast.Constant))
    return {c.value for c in constants if isinstance(c.value, str)} | TWICE


def _refused_in_sources() -> set[str]:
    """The codes that calls name: refuse(code), _refuse(row, column, code), RosterProblem(...)."""
    codes: set[str] = set()
    place = {"refuse": (0, 1), "_refuse": (2,), "RosterProblem": (2,), "Bad": (0,)}
    for path in SOURCES:
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(call, ast.Call):
                continue
            name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
            name = call.func.id if isinstance(call.func, ast.Name) else name
            for at in place.get(name, ()):
                if len(call.args) > at and isinstance(call.args[at], ast.Constant):
                    codes.add(str(call.args[at].value))  # type: ignore[attr-defined]
    return codes - {""} - set(COLUMNS)


def _asked(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def test_wording_and_sources_name_the_same_codes() -> None:
    """No problem without words, and no words for a problem nobody raises."""
    worded = set(read_toml("zh", "roster_problems.toml"))
    assert len(worded) > 40
    assert _refused_in_sources() <= worded
    assert worded <= _codes_in_sources()


def test_both_languages_say_the_same_with_the_same_facts() -> None:
    """Problems and sheet words: the same keys, the same places to fill."""
    for name in ("roster_problems.toml", "roster_sheet.toml"):
        zh, en = (_flat(read_toml(language, name)) for language in LANGUAGES)
        assert list(zh) == list(en)
        assert {key: _asked(zh[key]) for key in zh} == {key: _asked(en[key]) for key in en}


def _flat(table: dict[str, object]) -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            flat |= {f"{key}.{inner}": text for inner, text in value.items()}
        else:
            flat[key] = str(value)
    return flat


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_are_plain(language: str) -> None:
    """A whole sentence, at most 90 characters in Chinese, nothing that presses or shames."""
    for code, sentence in read_toml(language, "roster_problems.toml").items():
        assert re.search(r"[。.]$", sentence), code
        assert len(sentence) <= (90 if language == "zh" else 200), code
        assert not re.search(r"[!！]|错误|警告|失败|未完成|亲，|你", sentence), code


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_problem_stands_with_its_row_and_column(language: str) -> None:
    """Row and column first; a column or a level in the facts is named in words."""
    for column in COLUMNS:
        problem = RosterProblem(7, column, "name_missing")
        assert sheet_words(language)["columns"][column] in word_problem(problem, language)
        assert "7" in word_problem(problem, language)
        missing = RosterProblem(1, "", "column_missing", {"column": column})
        assert sheet_words(language)["columns"][column] in problem_sentence(missing, language)
    for level in LEVELS:
        facts = {"unit": "{x}", "level": level}
        said = problem_sentence(RosterProblem(3, "level", "level_differs", facts), language)
        assert sheet_words(language)["levels"][level] in said
        assert "{x}" in said
    whole = RosterProblem(0, "", "no_rows")
    assert word_problem(whole, language) == problem_sentence(whole, language)
