"""专题 in chat: the list, one topic with its themes, one theme, and reading it."""

from collections.abc import Callable

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update

from bot import buttons, topic_pages
from bot.context import WuxueContext
from bot.forms import show
from bot.taps import carried, number
from curriculum import story_sources, topic_texts, topics
from curriculum.errors import NotThere
from curriculum.people import Speaker
from curriculum.rich_text import RichText, concat, plain, split
from curriculum.topic_page import PUBLISHED, ThemePage, TopicPage

Key = Callable[..., InlineKeyboardButton]
ON_A_PAGE = 6
QUESTIONS_ON_A_PAGE = 10
DRAFT = "draft"


async def overview(update: Update, context: WuxueContext) -> None:
    """/topics, 专题: the list, or the one topic there is."""
    speaker = await context.speaker(update)
    await _show_list(update, context, speaker, 0)


async def turned(update: Update, context: WuxueContext) -> None:
    """Another page of the list."""
    speaker = await context.speaker(update)
    (page,) = carried(update, "topics", 1)
    await _show_list(update, context, speaker, number(page))
    await context.answer(update)


async def _show_list(update: Update, context: WuxueContext, speaker: Speaker, page: int) -> None:
    found = await context.read(topics.listed, speaker, page=page)
    language = speaker.language
    lines = list(enumerate(found.lines, 1))
    keys = [buttons.press(str(n), "topic", line.topic_id, 0) for n, line in lines]
    turns = [("previous_page", page - 1)] if page else []
    turns += [("next_page", page + 1)] if found.has_next else []
    navigation = [
        buttons.press(context.label(name, language), "topics", other) for name, other in turns
    ]
    if speaker.may("lead_topic"):
        label = context.label("topic_settings", language)
        navigation.append(buttons.press(label, "topic_settings", 0, 0))
    if speaker.may("lead_topic") or speaker.may("see_workers"):
        navigation.append(buttons.press(context.label("quarter_view", language), "quarter", 0))
    text = context.text("topics", language, lines=lines, coming=found.coming)
    keyboard = InlineKeyboardMarkup([row for row in (keys, navigation) if row])
    await show(update, context, text, keyboard, is_new=not _stands_in(update, "topics:"))


async def opened(update: Update, context: WuxueContext) -> None:
    """A topic, from a button."""
    speaker = await context.speaker(update)
    topic_id, page = map(number, carried(update, "topic", 2))
    await show_topic(update, context, speaker, topic_id, page=page)
    await context.answer(update)


async def show_topic(
    update: Update,
    context: WuxueContext,
    speaker: Speaker,
    topic_id: int,
    *,
    page: int = 0,
    is_new: bool = False,
    is_edited: bool = False,
) -> None:
    """One topic: its themes by number, and what can be done; 撤销 after an edit."""
    found, is_editor = await context.read(topics.page, speaker, topic_id)
    language = speaker.language
    pages = max(1, -(-len(found.themes) // ON_A_PAGE))
    page = min(page, pages - 1)
    first = page * ON_A_PAGE
    shown = list(enumerate(found.themes[first : first + ON_A_PAGE], first + 1))
    keys = [buttons.press(str(n), "theme", theme.theme_id) for n, theme in shown]
    navigation = [
        buttons.press(context.label(name, language), "topic", topic_id, other)
        for name, other in (("previous_page", page - 1), ("next_page", page + 1))
        if 0 <= other < pages
    ]
    if is_editor and found.state == DRAFT:
        if is_edited:
            navigation.append(undo_key(context, language, found))
        navigation.append(
            buttons.press(context.label("arrange_topic", language), "topic_plan", topic_id)
        )
    else:
        navigation.append(
            buttons.press(context.label("as_document", language), "topic_file", topic_id)
        )
    text = context.text(
        "topic",
        language,
        page=found,
        title=topic_pages.title(context.services.renderer, language, found),
        themes=shown,
        is_draft=found.state == DRAFT,
    )
    keyboard = InlineKeyboardMarkup([row for row in (keys, navigation) if row])
    await show(update, context, text, keyboard, is_new=is_new)


def undo_key(context: WuxueContext, language: str, page: TopicPage) -> InlineKeyboardButton:
    """撤销 of a topic's last edit, as it stands on this page."""
    label = context.label("undo", language)
    return buttons.press(label, "topic_edit", "undo", page.version, page.topic_id)


def back_key(
    context: WuxueContext, language: str, page: TopicPage, theme_id: int
) -> InlineKeyboardButton:
    """回到专题, to the page on which a theme is."""
    place = next(n for n, one in enumerate(page.themes) if one.theme_id == theme_id)
    label = context.label("back_to_topic", language)
    return buttons.press(label, "topic", page.topic_id, place // ON_A_PAGE)


async def theme(update: Update, context: WuxueContext) -> None:
    """A theme, from a button."""
    speaker = await context.speaker(update)
    (theme_id,) = map(number, carried(update, "theme", 1))
    await show_theme(update, context, speaker, theme_id)
    await context.answer(update)


async def read_theme(
    context: WuxueContext, speaker: Speaker, theme_id: int
) -> tuple[TopicPage, ThemePage, bool]:
    """A theme with its topic, and whether this person may change it; raises NotThere."""
    topic_id = await context.read(topic_texts.topic_of, theme_id)
    page, is_editor = await context.read(topics.page, speaker, topic_id)
    found = page.theme(theme_id)
    if found is None:
        raise NotThere
    return page, found, is_editor


async def show_theme(
    update: Update,
    context: WuxueContext,
    speaker: Speaker,
    theme_id: int,
    *,
    is_new: bool = False,
    is_edited: bool = False,
) -> None:
    """One theme and, for whoever may, what can be done with it; 撤销 after an edit."""
    page, found, is_editor = await read_theme(context, speaker, theme_id)
    language = speaker.language

    def key(label: str, verb: str, *ids: object) -> InlineKeyboardButton:
        return buttons.press(context.label(label, language), verb, *ids)

    keys = [key("read_all", "topic_read", theme_id)]
    if is_editor and page.state == DRAFT:
        keys += _edits(found, page, key)
    elif page.state in PUBLISHED:
        may_answer = await context.read(
            topic_texts.may_answer, speaker, theme_id, now=context.now()
        )
        if may_answer:
            keys.append(key("answer_theme", "theme_answer", theme_id))
        if found.answer and may_answer:
            keys.append(key("take_back", "theme_unsay", theme_id))
        if found.answer and is_editor:
            keys.append(key("make_lesson", "theme_lesson", theme_id))
        kind = story_sources.THEME
        if await context.read(story_sources.may_propose, speaker, kind, theme_id):
            keys.append(key("nominate_story", "nominate_from", kind, theme_id))
    place = next(n for n, one in enumerate(page.themes) if one.theme_id == theme_id)
    navigation = [back_key(context, language, page, theme_id)]
    if is_editor:
        navigation.insert(0, key("see_questions", "theme_questions", theme_id, 0))
    if is_editor and is_edited and page.state == DRAFT:
        navigation.insert(0, undo_key(context, language, page))
    rows = buttons.rows(keys, width=3).inline_keyboard
    text = context.text("topic_theme", language, theme=found, number=place + 1)
    await show(update, context, text, InlineKeyboardMarkup([*rows, navigation]), is_new=is_new)


def _edits(found: ThemePage, page: TopicPage, key: Key) -> list[InlineKeyboardButton]:
    """What a coordinator can do with a theme of a draft."""
    carried_on = (page.version, found.theme_id)
    hide = "show_theme" if found.is_hidden else "hide_theme"
    return [
        key("rename_theme", "theme_form", "rename", *carried_on),
        key("merge_into", "theme_form", "merge", *carried_on),
        key("split_theme", "theme_form", "split", *carried_on),
        key(hide, "theme_edit", hide, *carried_on),
        key("move_up", "theme_edit", "move_up", *carried_on),
    ]


async def read(update: Update, context: WuxueContext) -> None:
    """看全文: the parts of a theme. For whoever may change them each is a message of its own, so
    that it can be replied to with other words.
    """
    speaker = await context.speaker(update)
    (theme_id,) = map(number, carried(update, "topic_read", 1))
    page, found, is_editor = await read_theme(context, speaker, theme_id)
    await context.answer(update)
    renderer, language = context.services.renderer, speaker.language
    parts = topic_pages.of_theme(renderer, language, page, found)
    back = buttons.row(back_key(context, language, page, theme_id))
    if not (is_editor and page.state == DRAFT):
        *texts, last = split(joined([part.rich for part in parts]))
        for text in texts:
            await context.say(speaker.chat_id, text, silent=True)
        await context.say(speaker.chat_id, last, back, silent=True)
        return
    for part in parts:
        sent = await context.say(speaker.chat_id, split(part.rich)[0], silent=True)
        await context.in_session(
            topic_texts.note_message,
            speaker,
            message_id=sent.message_id,
            topic_id=page.topic_id,
            paragraph=part.key,
            version=page.version,
        )
    await context.say(speaker.chat_id, context.text("topic_reply", language), back, silent=True)


def joined(texts: list[RichText]) -> RichText:
    """Texts one below the other."""
    pieces: list[RichText] = []
    for text in texts:
        pieces += [text, plain("\n\n")]
    return concat(*pieces[:-1])


async def questions(update: Update, context: WuxueContext) -> None:
    """看提问: every question of a theme, numbered, for taking some out."""
    speaker = await context.speaker(update)
    theme_id, page = map(number, carried(update, "theme_questions", 2))
    lines = await context.read(topic_texts.numbered, speaker, theme_id)
    language = speaker.language
    pages = max(1, -(-len(lines) // QUESTIONS_ON_A_PAGE))
    page = min(page, pages - 1)
    first = page * QUESTIONS_ON_A_PAGE
    text = context.text(
        "topic_questions",
        language,
        lines=list(enumerate(lines[first : first + QUESTIONS_ON_A_PAGE], first + 1)),
    )
    keys = [
        buttons.press(context.label(name, language), "theme_questions", theme_id, other)
        for name, other in (("previous_page", page - 1), ("next_page", page + 1))
        if 0 <= other < pages
    ]
    keys.append(buttons.press(context.label("back_to_theme", language), "theme", theme_id))
    await show(update, context, text, InlineKeyboardMarkup([keys]))
    await context.answer(update)


def _stands_in(update: Update, verb: str) -> bool:
    query = update.callback_query
    return query is not None and (query.data or "").startswith(verb)


BUTTONS = {
    "topics": turned,
    "topic": opened,
    "theme": theme,
    "topic_read": read,
    "theme_questions": questions,
}
