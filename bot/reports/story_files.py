"""Stories as files: the digest of a session in Markdown and Word, and a lesson's draft."""

import json
import re

from bot.render import Renderer, escaped
from bot.reports.docx_text import Section, written
from bot.topic_lesson import OPTION, TO_WRITE
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


def lesson_file_name(story: StoryView) -> str:
    """As a pack wants it: the lesson's code, then its language."""
    return f"{_code(story)}.zh.md"


def _code(story: StoryView) -> str:
    return f"L{story.story_id:03d}"


def lesson_draft(story: StoryView, mark: str) -> bytes:
    """A story as a lesson's file, whole but unread; the wrong options are its editor's to write.

    `mark` is how the import knows whose story it was.
    """
    texts = story.texts
    point = _first_sentence(texts.get("transfer", ""))[:KEY_POINT] or story.title
    practice = _first_sentence(texts.get("practice", "")) or point
    head = {
        "code": _code(story),
        "title": story.title,
        "module": "LOCAL",
        "minutes": 5,
        "key_point": point,
        "basis": [f"本地经验：{story.author}，{story.unit}，属经验，待持证社工核对"],
        "story": mark,
        "status": "draft",
        "question": {
            "text": f"{_first_sentence(texts.get('background', ''))}您怎么做？",
            "options": [TO_WRITE[0], practice[:OPTION], TO_WRITE[1]],
            "answer": 2,
            "explanation": texts.get("result") or point,
        },
    }
    # A JSON value is a YAML value, so nothing in a text can break the head.
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in head.items()]
    told = [escaped(texts.get(part, "")) for part in PARTS]
    body = "\n\n".join(filter(None, [told[0], f"**{escaped(point)}**", *told[1:]]))
    return ("---\n" + "\n".join(lines) + f"\n---\n{body}\n").encode()


def _first_sentence(text: str) -> str:
    first = FIRST_SENTENCE.match(text)
    return first.group().strip() if first else ""
