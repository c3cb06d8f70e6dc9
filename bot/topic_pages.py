"""A topic's page in words: paragraphs with keys, as Markdown, as chat messages, as plain text."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.render import Renderer, Verbatim, escaped
from curriculum.rich_text import RichText, from_markdown
from curriculum.topic_page import PARTS, ThemePage, TopicPage
from curriculum.topic_session import INTRO

# What stays in the page when a coordinator looks; the parts nobody wrote are worded here.
HEADING = "topic_part_{part}"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One part of the page: its key, its heading (without markup) and its text as Markdown."""

    key: str
    heading: str
    markdown: str

    @property
    def plain(self) -> str:
        """What it says, as it is read and edited."""
        return from_markdown(self.markdown).text

    @property
    def rich(self) -> RichText:
        """Heading and text, for a chat."""
        return from_markdown(f"**{escaped(self.heading)}**\n\n{self.markdown}")


def title(renderer: Renderer, language: str, page: TopicPage) -> str:
    """11月专题."""
    return renderer.label("topic_of_month", language).format(month=_month(page, language))


def _month(page: TopicPage, language: str) -> str:
    return f"{page.month:%b}" if language == "en" else str(page.month.month)


def intro(renderer: Renderer, language: str, page: TopicPage) -> Paragraph:
    """What the month brought."""
    heading = renderer.label("topic_part_intro", language)
    return Paragraph(INTRO, heading, _words(renderer, language, page, INTRO, None))


def paragraphs(
    renderer: Renderer, language: str, page: TopicPage, theme: ThemePage
) -> list[Paragraph]:
    """The parts of one theme, in order."""
    return [
        Paragraph(
            f"{theme.theme_id}.{part}",
            renderer.label(HEADING.format(part=part), language),
            _words(renderer, language, page, part, theme),
        )
        for part in PARTS
    ]


def _words(
    renderer: Renderer, language: str, page: TopicPage, part: str, theme: ThemePage | None
) -> str:
    """A coordinator's words where there are some, else ours."""
    key = part if theme is None else f"{theme.theme_id}.{part}"
    if key in page.texts:
        return escaped(page.texts[key])
    return renderer.markdown(
        f"pages/topic_{part}", language, page=page, theme=theme, bot=Verbatim(renderer.bot_username)
    )


def whole(renderer: Renderer, language: str, page: TopicPage) -> str:
    """The page of every shown theme as one Markdown text."""
    lines = [f"# {escaped(title(renderer, language, page))}", ""]
    lines += [f"{escaped(page.cohort)} · {renderer.moment(page.starts_at, language)}"]
    if page.trainer:
        lines += ["", f"{renderer.label('topic_trainer', language)}: {escaped(page.trainer)}"]
    lines += ["", intro(renderer, language, page).markdown]
    for theme in page.shown:
        lines += ["", f"## {theme.number}. {escaped(theme.title)}"]
        for paragraph in paragraphs(renderer, language, page, theme):
            lines += ["", f"### {escaped(paragraph.heading)}", "", paragraph.markdown]
        if theme.answer:
            heading = renderer.label("topic_part_answer", language)
            lines += ["", f"### {escaped(heading)}", "", escaped(theme.answer)]
    return "\n".join(lines) + "\n"


def of_theme(
    renderer: Renderer, language: str, page: TopicPage, theme: ThemePage
) -> Sequence[Paragraph]:
    """What somebody who reads a theme sees: its parts, and the answer where there is one."""
    found = paragraphs(renderer, language, page, theme)
    if theme.answer:
        heading = renderer.label("topic_part_answer", language)
        found.append(Paragraph("", heading, escaped(theme.answer)))
    return found
