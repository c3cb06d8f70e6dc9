"""What a theme is called: up to three words that are said in it more than elsewhere."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from curriculum import field_terms
from curriculum.gram_space import syllables
from curriculum.lesson_terms import TIBETAN, TSHEG, normal, words_of
from curriculum.likeness import BO, ZH

KEYWORDS = 3
# What stands in less than one question of so many comes last.
ONE_IN = 20
# A term of the field says more to a reader than any other word, and may be said by fewer.
FIELD_COUNTS, FIELD_SHARE, WORD_SHARE = 1.5, 0.1, 0.12
# A word names a theme if it is so many times as usual there as in the other questions; what is
# said nowhere else is taken to be said by one in fifty.
MORE_USUAL, UNHEARD = 1.5, 0.02
# Parts of speech, as jieba tags them, that can name a thing or an act; of these nouns name a
# subject best, but for those that call people and places by name.
_NAMING = ("n", "v", "a", "i", "j", "l", "s")
_NAMES_OF = ("nr", "ns", "nt")
# Words of asking and of courtesy, and verbs that fit any subject: they name nothing.
_EMPTY_WORDS = (
    "没有 可以 应该 知道 需要 能够 请问 老师 谢谢 感谢 问题 办法 情况 时候 东西 事情 有人 人家 "
    "大家 怎么办 怎么 为什么 什么 怎样 如何 是不是 能不能 要不要 有没有 会不会 可不可以 该不该 "
    "算不算 觉得 认为 想要 希望 不会 不能 不要 不想 不行 不知 不敢 不肯 不好 不到 不了 不是 还有 "
    "还要 出来 起来 下来 过来 进去 出去 回来 一直 一下 现在 今天 明天 昨天 开始 继续 进行 "
    "使用 成为 算是 就是 只有 所有 有些 有点 这种 那种 直接 真的 一定 可能 "
    "必须 以后 之后 之前 其他 别人 看到 听到 说话 告诉 回答 说是 感觉 发现 请教 咨询 了解 "
    "想问 麻烦 你好 您好 哪里 多少 多久 家里 地方 容易 合适 正常 清楚 明白 "
    "钟头 小时 分钟 星期 个人 对象 社工 同事 领导 站里 屋里 门口 儿子 女儿 样子 时间 "
    "意思 关系 话题 内容 结果 "
    "有用 有效 不好意思 改成 变成 当成 写成 放到 收到 去找 叫做 找谁 来说 不用 不管 不让 不给"
)
_EMPTY = frozenset(_EMPTY_WORDS.split())

# Syllables that join, ask or end a Tibetan sentence; a pair with one of them names nothing.
_JOINING_SYLLABLES = (
    "ག གང ངས ང ངའི ཁྱེད ཁོ ཁོང མོ ལ ཇི ལྟར ཅི བྱེད བྱས དགོས འདུག ཡོད མེད རེད ཡིན མིན མི མ དང གི ཀྱི གྱི ཡི གིས "
    "ཀྱིས གྱིས ཡིས ནས ན རུ ཏུ དུ ར སུ སུར ནི ཀྱང ཡང འང ཟེར བཤད འདི དེ འགྲོ འགྲིག གམ སམ དམ ངམ ཨེ ཞིག ཤིག ཅིག ཆ དུས "
    "ཚོ ཚོའི ཚོས རེ ཚོད ཞུ རོགས བྱུང སོང སྐབས རྗེས ཐོག ནང ཡོང བཟོ འབྲི བལྟ འདྲི"
)
_JOINING = frozenset(_JOINING_SYLLABLES.split())


class _Cutter(Protocol):
    def tag(self, text: str, hmm: bool = True) -> list[tuple[str, str]]: ...  # noqa: FBT001, FBT002


def names(texts: Sequence[Sequence[str]], language: str) -> list[tuple[str, ...]]:
    """Up to three keywords for each theme, given the texts of every theme.

    In Chinese terms of the field first, whatever words the askers have for them, and nouns that
    stand out as much. Where nothing does, and in Tibetan, c-TF-IDF (Grootendorst 2022), counting
    a word once a question, so that one long question does not name the theme: share of the theme's
    questions x log(1 + mean size of a theme / how often the word stands in all of them).
    """
    found: list[tuple[str, ...]] = [()] * len(texts)
    if language != BO:
        found = _outstanding([[_read(text) for text in theme] for theme in texts])
    counts = [Counter(word for text in theme for word in _words(text, language)) for theme in texts]
    everywhere = sum(counts, Counter[str]())
    mean = sum(len(theme) for theme in texts) / max(len(texts), 1)
    return [
        known or _chosen(counted, len(theme), everywhere, mean)
        for known, counted, theme in zip(found, counts, texts, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class _Read:
    """What one question speaks of: terms of the field, and nouns that mean none of these."""

    terms: frozenset[str]
    nouns: frozenset[str]


def _read(text: str) -> _Read:
    terms = field_terms.said(normal(text))
    ways = [way for term in terms for way in field_terms.WRITTEN[term]]
    nouns = _words(text, ZH, _is_common_noun)
    return _Read(
        frozenset(terms),
        frozenset(word for word in nouns if not any(word in way or way in word for way in ways)),
    )


def _outstanding(themes: Sequence[Sequence[_Read]]) -> list[tuple[str, ...]]:
    """Terms and nouns of each theme that are said there by many and elsewhere by few."""
    terms = [Counter(term for one in theme for term in one.terms) for theme in themes]
    nouns = [Counter(noun for one in theme for noun in one.nouns) for theme in themes]
    total = sum(len(theme) for theme in themes)
    found = []
    for place, theme in enumerate(themes):
        weight: dict[str, float] = {}
        for counts, factor, least in (
            (terms, FIELD_COUNTS, FIELD_SHARE),
            (nouns, 1.0, WORD_SHARE),
        ):
            everywhere = sum(counts, Counter[str]())
            for word, count in counts[place].items():
                share = count / len(theme)
                usual = (everywhere[word] - count) / max(total - len(theme), 1)
                lift = share / (usual + UNHEARD)
                if share >= least and lift >= MORE_USUAL and count >= _least(len(theme)):
                    weight[word] = factor * share * math.log1p(lift)
        found.append(_apart(sorted(weight, key=lambda word: (-weight[word], word))))
    return found


def _least(questions: int) -> int:
    """What one question of many says is its own affair."""
    return 2 if questions >= 4 else 1


def _apart(words: Iterable[str]) -> tuple[str, ...]:
    """The first three of which none holds another."""
    kept: list[str] = []
    for word in words:
        if len(kept) < KEYWORDS and not any(word in other or other in word for other in kept):
            kept.append(word)
    return tuple(kept)


def _chosen(
    counted: Counter[str], questions: int, everywhere: Counter[str], mean: float
) -> tuple[str, ...]:
    # What few say names a theme only where nothing else does, however rare it is elsewhere.
    many = questions / ONE_IN
    weight = {
        word: count * math.log(1 + mean / everywhere[word])
        for word, count in counted.items()
        if count >= _least(questions)
    }
    return _apart(sorted(weight, key=lambda word: (counted[word] < many, -weight[word], word)))


def _is_naming(part: str) -> bool:
    return part.startswith(_NAMING)


def _words(text: str, language: str, fits: Callable[[str], bool] = _is_naming) -> set[str]:
    if language == BO:
        # A syllable alone seldom is a word in Tibetan; two together mostly are.
        pairs = (pair for pair in syllables(text) if TSHEG in pair)
        return {pair for pair in pairs if _JOINING.isdisjoint(pair.split(TSHEG))}
    spoken = " ".join(word.text for word in words_of(text) if word.kind != TIBETAN)
    return {
        word
        for word, part in _cutter().tag(spoken)
        if len(word) > 1 and fits(part) and word not in _EMPTY
    }


def _is_common_noun(part: str) -> bool:
    return part.startswith("n") and not part.startswith(_NAMES_OF)


@cache
def _cutter() -> _Cutter:
    import rjieba

    return rjieba
