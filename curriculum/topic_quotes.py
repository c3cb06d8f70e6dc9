"""Workers' own words as others may read them: details masked, names and places taken out."""

import regex  # type: ignore[import-untyped]

from curriculum import guard

# Given names that are heard in every village here; who is meant does not matter, so all go.
_COMMON_NAMES = (
    "卓玛 扎西 次仁 达娃 尼玛 白玛 拉姆 央金 格桑 旺堆 顿珠 平措 索朗 德吉 仁青 巴桑 边巴 普布 "
    "多吉 强巴 贡布 洛桑 曲珍 央宗 拉巴 米玛 旺姆 卓嘎 曲扎 江村 丹增 次旺 旦增 罗布 桑珠 加措 "
    "群培 嘎玛 云丹 仓决 措姆 曲措"
)
_NAMES = frozenset(_COMMON_NAMES.split())
SOMEBODY, SOMEWHERE = "某某", "某地"
# So much of a question is quoted; ten of them fit one message.
QUOTE_LIMIT = 300
# Places beyond the county that tell where somebody is from.
_PLACES = frozenset(
    [
        "拉萨",
        "日喀则",
        "昌都",
        "林芝",
        "山南",
        "那曲",
        "阿里",
        "波密",
        "察隅",
        "墨脱",
        "米林",
        "朗县",
        "工布江达",
    ]
)
# What makes a remark a question, roughly; Tibetan is never judged.
_ASKS = regex.compile(
    r"[?？\u0f00-\u0fff]|吗|呢|么[样办着]?|怎|如何|咋|哪|谁|多少|多久|几[个次天岁点]|什么|啥|是不是"
    r"|能不能|要不要|该不该|会不会|有没有|算不算|行不行|可不可以|可以不|应该|该[从先跟找怎]|求|请教|想问"
    r"|\b(?:how|what|who|where|when|which|can|should|may)\b",
    regex.IGNORECASE,
)
# What follows a place's own name in a unit's: the place is known by what stands before it.
_KIND_OF_UNIT = regex.compile(r"(?:社工(?:指导)?(?:中心|服务站|站)?|社会工作.*|指导中心|服务站)$")
_KIND_OF_PLACE = regex.compile(r"(?:自治区|[省市县区镇乡村])$")


def asks(text: str) -> bool:
    """Whether a remark asks something; a thank-you or a word that somebody comes late does not."""
    return _ASKS.search(text) is not None


class Quoting:
    """Takes out of a text what tells who or where: made once for a cohort's people and units."""

    def __init__(self, people: set[str], units: set[str]) -> None:
        names = {name for name in people if len(name) >= 2} | _NAMES
        places = {part for unit in units for part in _places(unit)} | _PLACES
        # A greeting is no name.
        self._names = _any_of(names, r"(?!德勒)")
        self._places = _any_of(places, "")

    def quoted(self, text: str) -> str:
        """A question as its group reads it: what the guard finds, and announced names, masked."""
        looked = guard.look(" ".join(text.split()))
        return guard.masked(looked.masked, guard.client_words(looked.masked))

    def shortened(self, text: str) -> str:
        """`quoted`, cut where a page or a list would be nothing else."""
        words = self.quoted(text)
        return words if len(words) <= QUOTE_LIMIT else f"{words[: QUOTE_LIMIT - 1]}…"

    def without_identity(self, text: str) -> str:
        """A case to work on: besides, no given name and no place of the tree is left."""
        shown = self.quoted(text)
        shown = self._places.sub(SOMEWHERE, shown) if self._places else shown
        return str(self._names.sub(SOMEBODY, shown)) if self._names else str(shown)


def _places(unit: str) -> set[str]:
    """鲁朗镇社工站 is 鲁朗镇社工站, 鲁朗镇 and 鲁朗."""
    place = _KIND_OF_UNIT.sub("", unit)
    return {part for part in (unit, place, _KIND_OF_PLACE.sub("", place)) if len(part) >= 2}


def _any_of(words: set[str], unless: str) -> "regex.Pattern[str] | None":
    if not words:
        return None
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    return regex.compile(f"(?:{'|'.join(map(regex.escape, longest_first))}){unless}")
