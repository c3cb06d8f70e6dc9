"""Whether a text reads like present danger: somebody hurt, a child harmed, somebody who may die.

In doubt it says yes: a needless reply with emergency contacts costs a tap, a missed one may cost a
life. A question about the subject (什么是强制报告) is no danger as long as nobody stands in it. It
reads signs, not meaning, and misses much of what is only hinted at: what it does not find is not
therefore safe, and no text may say so.
"""

import regex  # type: ignore[import-untyped]

from curriculum import danger_signs
from curriculum.danger_hints import hinted
from curriculum.plain_writing import plain

_SENTENCE_END = regex.compile(r"[。!?;\n།]+|\.\s")

_SIGNS = (danger_signs.CHINESE, danger_signs.TIBETAN, danger_signs.ENGLISH)
# Somebody in particular.
_SOMEBODY = regex.compile(
    r"(?<![其吉])[他她](?![们人])|[这那](?:个|位|户|家|孩)|有(?:一)?(?:[个位户家人]|学生|同学"
    r"|孩子|老人|女|男)|一[个位户](?!案"
    r"|小组)|邻居|隔壁|我[家妈爸老的](?!们)|服务对象|案主|村里有|班上"
    r"|阿佳|阿妈|阿爸|奶奶|爷爷|大姐|姑娘|女孩|男孩|\d{1,2}岁|[一二三四五六七八九十]{1,2}岁"
    r"|我(?:想|怀疑|被)"
    r"|འདི|དེ་|ཅིག|ཞིག|ཁོང?་|མོ་|\b(?:he|she|my|this|a (?:girl|boy|child|woman|man|client|mother))\b",
    regex.IGNORECASE,
)
_NOW = regex.compile(
    r"现在|正在|刚[才刚]?|此刻|马上|昨[天晚夜]|今[天早晚]|前天|半夜|又[被在打]|天天|每天|经常"
    r"|一直|这[几两]天|快[点要来]"
    r"|ད་ལྟ|མདང་|དེ་རིང|ཁ་སང|\b(?:now|right now|tonight|last night|today|yesterday|just|again)\b",
    regex.IGNORECASE,
)
# It happened to somebody.
_HAPPENED = regex.compile(
    r"[被遭]|受(?!理)|了(?!解)|过(?!程)|怀疑|好像|可能|说|\b(?:is|was|has"
    r"|been)\b|སོང|འདུག|བྱུང"
)
# A case in a lesson, a training, an examination: nobody is there, whatever it tells.
_STUDY = regex.compile(
    r"案例(?!对象)|课[里上件程后]|课文[里中]|(?:小组|活动|班会)[里中上]怎么[讲说教]|这[一]?课|第.{1,4}课|上课(?!.{0,4}[被打])|考试|考题|题目|选项"
    r"|选[ABCD]|培训|讲座|宣传|海报|展板|PPT|(?:[课看放播录]|学习|宣传|教学"
    r"|警示)[^，,]{0,3}(?:视频|电影|电视|片)|小品"
    r"|演练|演习|教材|手册|主题|论文|知识|སྦྱོང་བརྡར|སློབ་ཚན|\b(?:training|lesson|course|exam"
    r"|workshop|poster|leaflet)\b",
    regex.IGNORECASE,
)
_QUESTION_OF_RULE = regex.compile(
    r"什么[是叫]|啥[是叫]|是什么|是啥|什么意思|指的是|哪[些几][^，,]{0,6}(?:信号|迹象|表现|种"
    r"|情形|情况|条|类|部门|单位|人)|定义|区别|有没有.{0,6}规定|法律|法条|条例|规定|政策|文件"
    r"|条文|预防|防止|防范|识别|辨别|流程|程序|步骤|表格|模板|格式|指南|资料|统计|数据|犯法|违法"
    r"|算不算|算家暴|是不是家暴|义务|责任|制度|预案|评估表|量表|告诫书"
    r"|ཅི་ཡིན|གང་ཡིན|ག་རེ་ཡིན|ཁྲིམས|\b(?:what (?:is|are|does|counts)|definition|policy|law|rule"
    r"|procedure|signs of|prevent\w*|difference)\b",
    regex.IGNORECASE,
)
# Said of something that did not happen, or in jest.
_NOTHING = regex.compile(
    "(?:没有?|不是|并非|从不|不会)(?:人|再|被|在|发生|出现|存在|任何)?过?"
    "(?:打过?(?:孩子|人|架|他|她|老人)|挨打|被打|自杀|自伤|自残|家暴|家庭暴力|虐待|暴力|受伤"
    "|流血|外伤)(?:的?(?:情况|想法|念头|行为|现象))?"
    "|得(?:我|人)?(?:都|真|快)?[要想]死|[忙累气笑急热冷冻烦困饿]得?[要想]?死(?:人|我)?了?"
    "|跳楼价|打[死杀]?(?:虫|苍蝇|老鼠)|杀(?:虫|羊|牛|鸡|猪)|(?:球|牌|麻将|工|比赛)[^，,]{0,8}打得"
    "|(?:狗|獒|马|牛|羊|猪)(?:就|都)?(?:拴[在着住]|被[^，,]{0,2}打[死伤]?了?)|[雹雨风霜浪]打"
)


def danger(text: str) -> bool:
    """Whether the text reads like present danger, in Chinese, English or simple Tibetan.

    One sentence that does is enough. Never raises; takes time in proportion to the length.
    """
    read = plain(text).text
    return any(_in_danger(sentence) for sentence in _SENTENCE_END.split(read))


def _in_danger(sentence: str) -> bool:
    said = _NOTHING.sub("", sentence)
    sign = any(signs.search(said) for signs in _SIGNS) or hinted(said)
    if not sign and not danger_signs.SUBJECTS.search(said):
        return False
    somebody, now = bool(_SOMEBODY.search(said)), bool(_NOW.search(said))
    happened = bool(_HAPPENED.search(said))
    if _STUDY.search(said):
        return sign and somebody and (now or happened)
    if _QUESTION_OF_RULE.search(said):
        return (sign and (somebody or now)) or (somebody and now and happened)
    return sign or somebody or now
