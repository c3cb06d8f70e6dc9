"""Stories as files: the digest of a session in Markdown and Word, and a lesson's draft."""

import json
import re
from collections.abc import Iterator
from datetime import datetime

from bot.render import Renderer
from bot.reports.plain_docx import HEADING_1, HEADING_2, TEXT, docx
from curriculum.share_programme import Digest
from curriculum.story_texts import PARTS, StoryView

# What a lesson's head can hold.
KEY_POINT = 60
FIRST_SENTENCE = re.compile(r"[^。！？!?\n]+[。！？!?]?")
# Signs that Markdown would read as its own at the beginning of a line or within one.
MARKS = re.compile(r"([\\`*_{}\[\]<>#|])")


def _paragraphs(digest: Digest, renderer: Renderer, language: str) -> Iterator[tuple[str, str]]:
    """(style, text) of everything the digest says, in order."""
    yield HEADING_1, renderer.label("share_digest_title", language)
    yield (
        TEXT,
        renderer.text("share_digest_lead", language, digest=digest).text.strip(),
    )
    for number, story in enumerate(digest.stories, start=1):
        yield HEADING_2, f"{number}. {story.title}"
        yield TEXT, f"{story.author} · {story.unit}"
        for part in PARTS:
            if story.texts.get(part):
                yield TEXT, f"{renderer.label(f'story_{part}', language)}：{story.texts[part]}"
        if story.tags:
            yield TEXT, " ".join(f"#{tag}" for tag in story.tags)


def digest_markdown(digest: Digest, renderer: Renderer, language: str) -> bytes:
    """The digest as Markdown; what people wrote is never read as markup."""
    heads = {HEADING_1: "# ", HEADING_2: "## ", TEXT: ""}
    lines = [
        heads[style] + MARKS.sub(r"\\\1", text).replace("\n", "\n\n")
        for style, text in _paragraphs(digest, renderer, language)
    ]
    return ("\n\n".join(lines) + "\n").encode()


def digest_docx(digest: Digest, renderer: Renderer, language: str, *, made_at: datetime) -> bytes:
    """The digest as a Word document."""
    return docx(_paragraphs(digest, renderer, language), made_at=made_at)


def lesson_draft(story: StoryView) -> bytes:
    """A story as a lesson's file: head and body are there, the check question is its editor's."""
    texts = story.texts
    first = FIRST_SENTENCE.match(texts.get("transfer", ""))
    point = (first.group() if first else "")[:KEY_POINT]
    head = {
        "code": f"L{story.story_id}",
        "title": story.title,
        "module": "LOCAL",
        "minutes": 5,
        "key_point": point,
        "basis": [f"本地经验：{story.author}，{story.unit}"],
        "reviewed_by": None,
        "status": "draft",
        "question": {"text": "", "options": [], "answer": 1, "explanation": ""},
    }
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in head.items()]
    body = [
        texts.get("background", ""),
        f"**{point}**",
        texts.get("practice", ""),
        texts.get("result", ""),
        texts.get("reflection", ""),
        texts.get("transfer", ""),
    ]
    return (
        "---\n" + "\n".join(lines) + "\n---\n" + "\n\n".join(filter(None, body)) + "\n"
    ).encode()
