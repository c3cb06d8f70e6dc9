"""Every problem of a pack has words in both languages, and the words fit its facts."""

import ast
import re
import tomllib
from pathlib import Path
from string import Formatter

import pytest

import bot
import curriculum
from curriculum.lesson_pack import PackRefused, Problem, read_pack, read_pack_bytes
from tests.curriculum.broken_packs import BREAKS, zipped
from tests.curriculum.test_pack_files import HOSTILE_ZIPS

CURRICULUM = Path(curriculum.__file__).parent
LOCALES = Path(bot.__file__).parent / "locales"
MODULES = (
    *("lesson_pack", "lesson_files", "pack_files", "pack_settings", "pack_schema", "pack_order"),
    *("front_matter", "body_links", "pack_media", "pictures"),
)


def wording(language: str) -> dict[str, str]:
    """The sentences of a language by code."""
    path = LOCALES / language / "lesson_problems.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def found_problems() -> list[Problem]:
    """One problem or more of every kind, from the broken packs and hostile zips."""
    packs = [(zipped(broken.files()), "pack.zip") for broken in BREAKS]
    packs += [(hostile.data(), "pack.zip") for hostile in HOSTILE_ZIPS]
    problems: list[Problem] = []
    for data, name in packs:
        with pytest.raises(PackRefused) as refused:
            read_pack_bytes(data, name)
        problems += refused.value.problems
    with pytest.raises(PackRefused) as refused:
        read_pack(Path("no-such-pack"))
    return problems + list(refused.value.problems)


def raised_in_sources() -> set[str]:
    """The codes that calls of Problem and refuse name, read from the source."""
    codes = set()
    for module in MODULES:
        tree = ast.parse((CURRICULUM / f"{module}.py").read_text(encoding="utf-8"))
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
            name = call.func.id if isinstance(call.func, ast.Name) else name
            place = {"Problem": 2, "refuse": 1}.get(name)
            if place is not None and len(call.args) > place:
                constants = (n for n in ast.walk(call.args[place]) if isinstance(n, ast.Constant))
                codes |= {str(constant.value) for constant in constants}
    return codes


def strings_in_sources() -> set[str]:
    """Every text constant of the pack's modules."""
    trees = (
        ast.parse((CURRICULUM / f"{module}.py").read_text(encoding="utf-8")) for module in MODULES
    )
    constants = (n for tree in trees for n in ast.walk(tree) if isinstance(n, ast.Constant))
    return {constant.value for constant in constants if isinstance(constant.value, str)}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_wording_and_sources_name_the_same_codes(language: str) -> None:
    """No problem without words, and no words for a problem nobody raises."""
    worded = set(wording(language))
    assert raised_in_sources() <= worded
    assert worded <= strings_in_sources()


def test_every_worded_problem_is_found_by_a_test_and_words_fit_its_facts() -> None:
    """Each sentence asks for exactly the facts that its problem brings, in both languages."""
    problems = found_problems()
    words = {language: wording(language) for language in ("zh", "en")}
    assert {problem.code for problem in problems} == set(words["zh"]) == set(words["en"])
    for problem in problems:
        for sentences in words.values():
            sentence = sentences[problem.code]
            asked = {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}
            assert asked == set(problem.facts), problem.code
            assert sentence.format(**problem.facts)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_words_are_plain(language: str) -> None:
    """A whole sentence, without exclamation marks or the words learners must never see."""
    for code, sentence in wording(language).items():
        assert re.search(r"[。.？?]$", sentence), code
        assert not re.search(r"[!！]$|错误|警告|失败|亲，", sentence), code
