"""What the terminal says: the same sentences in both languages, each used, none in the code."""

import ast
import string
import tomllib
from pathlib import Path

import pytest

from bot.render import LOCALES

COMMANDS = Path(__file__).parents[3] / "bot" / "commands"
WORDED_BY = {"say", "fail", "words"}


def sentences(language: str) -> dict[str, str]:
    return tomllib.loads((LOCALES / language / "terminal.toml").read_text(encoding="utf-8"))


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def calls() -> list[tuple[str, set[str]]]:
    """Every (key, facts) the commands ask for."""
    found = []
    for path in COMMANDS.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name, key = node.func, node.args[0]
            called = name.attr if isinstance(name, ast.Attribute) else getattr(name, "id", "")
            if called in WORDED_BY and isinstance(key, ast.Constant) and isinstance(key.value, str):
                facts = {word.arg for word in node.keywords if word.arg} - {"to", "style", "code"}
                found.append((key.value, facts))
    return found


def test_both_languages_have_the_same_sentences_with_the_same_facts() -> None:
    """A sentence that one language lacks would end a command with an error."""
    zh, en = sentences("zh"), sentences("en")
    assert list(zh) == list(en)
    assert {key: placeholders(zh[key]) for key in zh} == {key: placeholders(en[key]) for key in en}


def test_every_sentence_is_used_and_every_used_one_exists() -> None:
    """The files hold what the commands say and nothing else."""
    assert {key for key, _ in calls()} == set(sentences("zh"))


def test_every_call_gives_the_facts_its_sentence_needs() -> None:
    """No placeholder stays empty."""
    zh = sentences("zh")
    assert [(k, f) for k, f in calls() if f != placeholders(zh[k])] == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_sentences_are_one_calm_line(language: str) -> None:
    """One line each, no exclamation mark."""
    for key, sentence in sentences(language).items():
        assert "\n" not in sentence, key
        assert not set(sentence) & set("!！"), key


def test_no_sentence_stands_in_the_code() -> None:
    """Chinese in the commands is help and examples only: docstrings and typer's help texts."""
    for path in COMMANDS.glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        helped = {
            id(node)
            for found in ast.walk(tree)
            if isinstance(found, ast.keyword) and found.arg == "help"
            for node in ast.walk(found)
        }
        docs = {id(found.value) for found in ast.walk(tree) if isinstance(found, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                is_chinese = any("\u4e00" <= sign <= "\u9fff" for sign in node.value)
                assert not is_chinese or id(node) in helped | docs, (path.name, node.value)
