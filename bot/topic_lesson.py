"""An answer as the file of a lesson, for whoever curates a pack to complete and review.

It is a whole lesson of the pack's format with status draft, so nothing of it is taught unread.
"""

import json
import re
from collections.abc import Sequence

from bot.render import escaped
from curriculum.topic_page import ThemePage, TopicPage

# What a lesson file may hold (docs/writing_a_lesson.md).
TITLE, KEY_POINT, OPTION, BODY = 40, 60, 100, 600
WRONG_OPTIONS = 2
# For whoever completes it; a draft with these words in it is plainly not finished.
TO_WRITE = ("（待写：心好的新手会犯的错）", "（待写：另一个常见的错）")


def lesson_file(page: TopicPage, theme: ThemePage) -> str:
    """Markdown with front matter; a check question whose wrong options the curator replaces."""
    answer = theme.answer or ""
    point = _first_sentence(answer)[:KEY_POINT]
    asked = theme.questions[0] if theme.questions else theme.title
    wrong = _others(page, theme)
    question = {
        "text": f"同事问：{asked} 您怎么答？",
        "options": [*wrong[:1], _first_sentence(answer)[:OPTION], *wrong[1:]],
        "answer": 2,
        "explanation": answer[:BODY],
    }
    head = {
        "code": f"T{theme.theme_id:03d}",
        "title": theme.title[:TITLE],
        "module": "LOCAL",
        "minutes": 3,
        "key_point": point,
        "basis": [f"{page.month:%Y}年{page.month.month}月专题的答复，属经验，待持证社工核对"],
        "status": "draft",
        "question": question,
    }
    # A JSON value is a YAML value, so nothing in a text can break the head.
    lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in head.items()]
    body = [escaped(asked), f"**{escaped(point)}**", escaped(_rest(answer, point))]
    written = "\n\n".join(part for part in body if part.strip("*"))
    return "\n".join(("---", *lines, "---", written, ""))


def _others(page: TopicPage, theme: ThemePage) -> Sequence[str]:
    """What was answered to other things reads likely and is wrong here; else a place to write."""
    found = [
        _first_sentence(one.answer)[:OPTION]
        for one in page.shown
        if one.answer and one.theme_id != theme.theme_id
    ]
    return [*dict.fromkeys(found), *TO_WRITE][:WRONG_OPTIONS]


def _first_sentence(text: str) -> str:
    return re.split(r"(?<=[。？！；.?!;])|\n", " ".join(text.split()), maxsplit=1)[0].strip()


def _rest(answer: str, point: str) -> str:
    """The answer without the sentence that stands above it, as long as a lesson may be."""
    rest = " ".join(answer.split())
    return rest.removeprefix(point).strip()[: BODY - 200]
