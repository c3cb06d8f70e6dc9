"""Stories as files: the digest of a session in Markdown and Word, and a lesson's draft."""

import json
import re

from bot.render import Renderer
from bot.reports.docx_text import Section, written
from curriculum.share_digest import Digest
from curriculum.story_texts import PARTS, StoryView

# What a lesson's head can hold.
KEY_POINT = 60
FIRST_SENTENCE = re.compile(r"[^。！？!?\n]+[。！？!?]?")
# Signs that Markdown would read as its own at the beginning of a line or within one.
MARKS = re.compile(r"([\\`*_{}\[\]<>#|])")


def _sections(digest: Digest, renderer: Renderer, language: str) -> list[Section]:
    """Each story under its title: whose it is, its five parts, its tags."""
    found = []
    for number, story in enumerate(digest.stories, start=1):
        lines = [f"{story.author} · {story.unit}"]
        lines += [
            f"{renderer.label(f'story_{part}', language)}：{story.texts[part]}"
            for part in PARTS
            if story.texts.get(part)
        ]
        if story.tags:
            lines.append(" ".join(f"#{tag}" for tag in story.tags))
        found.append(Section("", 2, f"{number}. {story.title}", "\n".join(lines)))
    return found


def _lead(digest: Digest, renderer: Renderer, language: str) -> Section:
    """When it was and how many came, under the day's date."""
    first, _, rest = renderer.text("share_digest_lead", language, digest=digest).text.partition(
        "\n"
    )
    return Section("", 1, first, rest.strip())


def digest_markdown(digest: Digest, renderer: Renderer, language: str) -> bytes:
    """The digest as Markdown; what people wrote is never read as markup."""
    lines = [f"# {renderer.label('share_digest_title', language)}"]
    for section in (_lead(digest, renderer, language), *_sections(digest, renderer, language)):
        lines.append(f"## {_plain(section.heading)}")
        lines += [_plain(line) for line in section.text.split("\n") if line.strip()]
    return ("\n\n".join(lines) + "\n").encode()


def _plain(text: str) -> str:
    return MARKS.sub(r"\\\1", text)


def digest_docx(digest: Digest, renderer: Renderer, language: str) -> bytes:
    """The digest as a Word document."""
    sections = [_lead(digest, renderer, language), *_sections(digest, renderer, language)]
    return written(renderer.label("share_digest_title", language), sections)


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
