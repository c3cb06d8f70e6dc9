"""Names that a sentence announces as such; without a list of names, so only where it says so."""

import re
from collections.abc import Iterator

from curriculum.private_details import Detail, Kind

# What stands behind 叫 when nobody is named: 叫我阿姨, 叫什么, 叫不醒, 叫人来.
_NO_NAME = (
    "(?!我|你|您|他|她|它|咱|大家|别人|人|谁|什么|啥|哪|不|没|醒|来|去|出|过|上|下|起|回|救|苦"
    "|声|骂|了|着|某|小[A-Z某]|孩子|老师|爸|妈|爷|奶|叔|阿姨|家长|医生|警察|村|做|作|一|这|那"
    "|自己|停|冤|好|外卖|车|两|社|监护|志愿|名字|姓名|全名|真名|化名|保密|隐私|要|能|可|就|都"
    "|也|还|有|在|写|填|和|与|及|的|等|是)"
)
# Two to five characters, or two parts of a name with a dot between.
_NAME = (
    rf"(?P<it>{_NO_NAME}[\u3400-\u9fff]{{1,4}}·[\u3400-\u9fff]{{1,6}}"
    rf"|{_NO_NAME}[\u3400-\u9fff]{{2,5}}?(?<![吗呢吧啊嘛了过]))"
)
_BORDER = r"(?=的|[,，。、;!?:()“”\"'\s\d]|今年|现在|家里?|他|她|住|说|是|在|[男女]|$)"
_CLIENT = (
    "(?:服务对象|案主|当事人|求助者|来访者|组员|学员|老人|老大爷|大爷|大妈|奶奶|爷爷|阿婆|阿姨"
    "|大叔|大姐|孩子|小孩|男孩|女孩|娃娃?|学生|低保户|五保户|特困户|患者|病人|妇女|妈妈|母亲"
    "|爸爸|父亲|丈夫|妻子|儿子|女儿|孙子|孙女|户主|人)"
)
# Behind 有个叫…的 a form or a policy may be named as well; only somebody is looked for.
_SOMEBODY = (
    "(?=的(?:小?孩|老人|老奶|人|女|男|学生|大[爷妈叔姐]|奶奶|爷爷|妈妈|小伙|姑娘|妇女|低保户"
    r"|五保户|服务对象)|[,，。\s]|$|今年|住)"
)
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        # 那个孩子叫…, 服务对象的名字是…
        rf"{_CLIENT}(?:的?(?:名字|姓名))?(?:名?叫做?|名字是|姓名是|是叫){_NAME}{_BORDER}",
        # 有个叫…的孩子
        rf"(?:有一?个|一个|有位|一位|那位|这位|那个|这个)叫{_NAME}{_SOMEBODY}",
        rf"(?:名叫|(?:他|她)的?(?:名字|姓名|小名|大名)叫做?){_NAME}{_BORDER}",
        rf"(?<![请写填问])(?:姓名|案主):\s?{_NAME}{_BORDER}",
        # "His name is called …"; where the question is what it is, གང or ཅི stands there.
        r"མིང་ལ་(?P<it>(?!གང|ཅི|ག་རེ|སུ)[\u0f40-\u0fbc]{1,12}(?:་[\u0f40-\u0fbc]{1,12}){0,5}?)"
        r"་?\s?(?=ཟེར|ཞེས)",
        r"\b(?:client|boy|girl|child|man|woman|mother|father|student)(?: is)? (?:named|called)"
        r" (?P<it>[A-Z][a-z]+(?: [A-Z][a-z]+)?)",
    )
)


def announced_names(text: str) -> Iterator[Detail]:
    """The names in a plain text that its sentences announce."""
    for pattern in _PATTERNS:
        for found in pattern.finditer(text):
            yield Detail(Kind.NAME, found.start("it"), found.end("it"))
