"""The words of the field, each with the ways in which workers write it; for labels of themes.

A term is what colleagues would call the subject; what stands behind it are everyday words that
mean it. Source: the subjects of the starter curriculum and the field's glossary.
"""

import re
from collections.abc import Mapping

# One line a term: the term, then what else is written for it.
_LINES = """
低保 最低生活保障
低保收入 家庭收入 人均收入 虫草收入 挖虫草
特困供养 特困 五保
临时救助 急难救助
医疗救助 医保 报销 大病 医药费
救助申请 申请救助 申请材料 申请低保 审批 公示
残疾人 残疾 残疾证 残联 轮椅 辅具
养老 养老院 敬老院 福利院
独居老人 独居 老人一个人 一个人住
老人 阿妈 阿爸 奶奶 爷爷
照护者 照顾 护理 瘫痪 卧床
留守儿童 留守 爸妈不在 妈妈走了 妈妈跑了 父母不在
困境儿童 孤儿 事实无人抚养
儿童 孩子 小孩 娃娃 娃
辍学 不上学 不去上学 不读书 返校 逃学
学校 老师说 住校 班主任
家暴 家庭暴力 打老婆 打妈妈 打人 被打 挨打 老公打
虐待 皮带 伤痕 青一块
强制报告 要不要报 上报 报告
报警 派出所 警察
自伤自杀 自杀 自伤 不想活 寻死
精神障碍 精神病 精神分裂 发病 停药 疯
情绪支持 难过 哭 眼泪 伤心 安慰 去世 哀伤
自我照顾 睡不着 太累 好累 压力 burn 辞职
饮酒 喝酒 喝醉 喝了酒 酒后 劝酒 戒酒 敬酒 酒鬼 酗酒
赌博 打麻将 赌
入户探访 入户 走访 探访 走户 家访 进门 敲门
安全结伴 结伴 一个人去 单独去 报备 狗
建档 档案 一户一档 台账
个案记录 写记录 记录 过程记录
照片 拍照 录像 录音
知情同意 签字 同意书 手印
保密 隐私 泄露 说出去 打听
收礼 送礼 送我 红包 礼物 随份子
个案工作 个案 接案 预估
结案 跟进 回访
转介 转给
小组活动 小组 组员
社区活动 办活动 搞活动
志愿者 志愿 义工
资源链接 链接资源 捐 物资 爱心企业
经费 报账 发票 预算 补贴 工资
翻译 双语 藏语 藏话 听不懂 方言 汉语
村委会 村委 村干部 村长 书记
部门协调 民政 乡里 乡上 乡领导 镇里 派我
督导 督导者
考试 社工证 报名 考证 教材
学时 继续教育 培训 盖章 证书
寺院 信仰 习俗 念经 活佛 风俗
牧区 夏季牧场 冬季牧场 虫草季 放牧 转场 草场
高原出行 大雪 下雪 封路 路滑 车坏 没信号
灾后 地震 洪水 泥石流 失火 火灾
邻里纠纷 邻居 吵架 纠纷 草场纠纷
婚姻家庭 离婚 婆婆 媳妇 丈夫 老婆 老公
机器人 bot 课程 推送 打卡
手机网络 网络 流量 信号 app
"""


def _read() -> Mapping[str, tuple[str, ...]]:
    lines = (line.split() for line in _LINES.strip().splitlines())
    return {term: (term, *others) for term, *others in lines}


# How each term may be written, itself first.
WRITTEN = _read()


# One search a term: thousands of texts are read at once.
_WAYS = {term: re.compile("|".join(map(re.escape, ways))) for term, ways in WRITTEN.items()}


def said(text: str) -> set[str]:
    """The terms whose subject a text (one spelling, small letters) speaks of."""
    return {term for term, ways in _WAYS.items() if ways.search(text)}
