"""文档: a topic as a Word document both ways, and an answer as the draft of a lesson."""

import asyncio
import hashlib

from sqlmodel import Session
from telegram import Update
from telegram.constants import ChatAction

from bot import topic_pages
from bot.context import WuxueContext
from bot.handlers.topic_edits import attempt
from bot.handlers.topics import DRAFT, read_theme, show_topic
from bot.render import Renderer
from bot.reports import docx_text
from bot.reports.docx_text import NoDocument, Section
from bot.taps import carried, number
from bot.topic_lesson import lesson_file
from curriculum import topic_session, topics
from curriculum.errors import ChangedMeanwhile, NotThere
from curriculum.people import Speaker
from curriculum.rich_text import plain
from curriculum.topic_errors import TopicFileNotRead
from curriculum.topic_page import TopicPage

MAX_FILE = 5_000_000
# A bookmark says which paragraph of which topic it is, and how that read when it was written.
MARK = "wx"


class Stale(Exception):
    """Somebody else changed a paragraph that was changed in a document too."""

    def __init__(self, topic_id: int) -> None:
        super().__init__(topic_id)
        self.topic_id = topic_id


async def download(update: Update, context: WuxueContext) -> None:
    """文档: the topic as it stands; in a draft each paragraph can be changed and sent back."""
    speaker = await context.speaker(update)
    (topic_id,) = map(number, carried(update, "topic_file", 1))
    page, _ = await context.read(topics.page, speaker, topic_id)
    renderer, language = context.services.renderer, speaker.language
    await context.answer(update, context.label("working", language))
    await context.bot.send_chat_action(speaker.chat_id, ChatAction.UPLOAD_DOCUMENT)
    data = await asyncio.to_thread(document, renderer, language, page)
    name = renderer.label("topic_file_name", language).format(
        month=page.month.month, cohort=page.cohort
    )
    caption = context.text("topic_file", language, is_draft=page.state == DRAFT).text
    await context.send_file(speaker.chat_id, data, f"{_safe(name)}.docx", caption=caption)


def document(renderer: Renderer, language: str, page: TopicPage) -> bytes:
    """The page as a document whose paragraphs are known when it comes back."""
    first = topic_pages.intro(renderer, language, page)
    sections = [Section(_mark(page, first.key, first.plain), 2, first.heading, first.plain)]
    for theme in page.shown:
        sections.append(Section("", 1, f"{theme.number}. {theme.title}", ""))
        for part in topic_pages.of_theme(renderer, language, page, theme):
            key = _mark(page, part.key, part.plain) if part.key else ""
            sections.append(Section(key, 2, part.heading, part.plain))
    return docx_text.written(topic_pages.title(renderer, language, page), sections)


def _mark(page: TopicPage, key: str, text: str) -> str:
    """wx_12_v5_34_why_1a2b3c4d: topic, version, paragraph, how it read."""
    return f"{MARK}_{page.topic_id}_v{page.version}_{key.replace('.', '_')}_{_sum(text)}"


def _sum(text: str) -> str:
    """A short sum of a text's words, blind to how they are broken into lines."""
    return hashlib.sha256("".join(text.split()).encode()).hexdigest()[:8]


async def received(update: Update, context: WuxueContext) -> bool:
    """A topic's document sent back: what was changed in it is taken over; False for other files.

    A paragraph that somebody else changed meanwhile is not overwritten: all is refused then, and
    the present state shown.
    """
    message = update.effective_message
    document = message.document if message is not None else None
    if document is None or not (document.file_name or "").lower().endswith(".docx"):
        return False
    speaker = await context.speaker(update)
    if not speaker.may("lead_topic"):
        return False
    if (document.file_size or 0) > MAX_FILE:
        raise TopicFileNotRead
    sent = await context.bot.get_file(document.file_id)
    data = bytes(await sent.download_as_bytearray())
    try:
        topic_id, version, texts = await _changed(context, speaker, data)
    except Stale as stale:
        sentence = context.services.renderer.refusal(ChangedMeanwhile(), speaker.language)
        await context.say(speaker.chat_id, plain(sentence))
        await show_topic(update, context, speaker, stale.topic_id, is_new=True)
        return True
    count = 0

    def change(session: Session) -> None:
        nonlocal count
        count = topic_session.set_texts(
            session,
            speaker,
            topic_id,
            texts,
            version=version,
            now=context.now(),
        )

    if await attempt(update, context, speaker, topic_id, change):
        await context.say(
            speaker.chat_id, context.text("topic_file_taken", speaker.language, count=count)
        )
    return True


async def _changed(
    context: WuxueContext, speaker: Speaker, data: bytes
) -> tuple[int, int, dict[str, str]]:
    """The topic of a document, its version, and the paragraphs that were changed in it."""
    try:
        sections = await asyncio.to_thread(docx_text.read, data)
    except NoDocument as error:
        raise TopicFileNotRead from error
    marks = [(_read_mark(section.key), section.text) for section in sections]
    known = [(mark, text) for mark, text in marks if mark is not None]
    if not known:
        raise TopicFileNotRead
    topic_id, version = known[0][0][:2]
    page, is_editor = await context.read(topics.page, speaker, topic_id)
    if not is_editor:
        raise NotThere
    return topic_id, version, _texts(context.services.renderer, speaker, page, known)


def _texts(
    renderer: Renderer,
    speaker: Speaker,
    page: TopicPage,
    known: list[tuple[tuple[int, int, str, str], str]],
) -> dict[str, str]:
    """What was changed; raises Stale where the same paragraph reads otherwise by now."""
    language = speaker.language
    parts = [topic_pages.intro(renderer, language, page)]
    for theme in page.themes:
        parts += topic_pages.paragraphs(renderer, language, page, theme)
    present = {part.key: part.plain for part in parts}
    texts = {}
    for (_, _, key, was), text in known:
        if not text or _sum(text) == was or key not in present:
            continue
        if _sum(present[key]) not in (was, _sum(text)):
            raise Stale(page.topic_id)
        texts[key] = text
    return texts


def _read_mark(mark: str) -> tuple[int, int, str, str] | None:
    """(topic, version, paragraph, sum) of a bookmark of ours, or None."""
    parts = mark.split("_")
    if len(parts) < 5 or parts[0] != MARK or not parts[2].startswith("v"):
        return None
    topic, version = parts[1], parts[2].removeprefix("v")
    if not (topic.isdecimal() and version.isdecimal() and len(topic + version) <= 20):
        return None
    return int(topic), int(version), ".".join(parts[3:-1]), parts[-1]


def _safe(name: str) -> str:
    return name.replace("/", "-").replace(":", "-")


async def lesson(update: Update, context: WuxueContext) -> None:
    """写成课稿: an answer as a lesson file for whoever curates a pack, with a check question to
    be completed.
    """
    speaker = await context.speaker(update)
    (theme_id,) = map(number, carried(update, "theme_lesson", 1))
    page, theme, is_editor = await read_theme(context, speaker, theme_id)
    if not is_editor or not theme.answer:
        raise NotThere
    await context.answer(update)
    written = lesson_file(page, theme).encode()
    caption = context.text("lesson_draft", speaker.language).text
    await context.send_file(
        speaker.chat_id, written, f"T{theme.theme_id:03d}.zh.md", caption=caption
    )


BUTTONS = {"topic_file": download, "theme_lesson": lesson}
