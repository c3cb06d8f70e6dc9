"""参观日志 in chat: what there is to do during and after a visit, entries read and changed."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import show
from bot.handlers.directory import with_navigation
from bot.handlers.media import kilobytes
from bot.handlers.numbered_pages import Listing, searching, show_page, turned_to
from bot.render import Renderer, entities
from bot.taps import Act, carried, number
from bot.telegram_channel import Text
from curriculum import visit_hub, visit_log, visit_log_changes
from curriculum.errors import NotThere
from curriculum.facts import Facts
from curriculum.people import Speaker
from curriculum.rich_text import RichText
from curriculum.visit_hub import Hub
from curriculum.visit_log import (
    FELLOWS,
    NAMED,
    NO,
    OWN,
    PICTURE,
    UNNAMED,
    EntryView,
)
from scheduler.channel import Part

WRITE, CHANGE = "visit_write", "visit_entry_change"
# Of the day that was asked about, whenever the button is pressed.
WRITE_OF = "visit_write_of"
OTHER_DAY = "other_day"
Key = InlineKeyboardButton


def asked_parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """The evening's question, silent, with the way to write."""
    text = renderer.text("visit_log_ask", facts.language, **facts.values)
    label = renderer.label("visit_write", facts.language)
    day: date = facts.values["day"]
    key = buttons.press(label, WRITE_OF, facts.values["visit_id"], day.isoformat())
    return [Part(Text(text.text, tuple(entities(text)), buttons.row(key)), silent=True)]


async def hub(update: Update, context: WuxueContext) -> None:
    """参观日志 of a visit: everything there is to do during and after it."""
    speaker = await context.speaker(update)
    (visit_id,) = map(number, carried(update, "visit_hub", 1))
    found = await context.read(visit_hub.hub, speaker, visit_id, now=context.now())
    await context.answer(update)
    await show(update, context, *_hub_page(context, speaker, found))


def _hub_page(
    context: WuxueContext, speaker: Speaker, found: Hub
) -> tuple[RichText, InlineKeyboardMarkup]:
    def key(label: str, verb: str, *ids: object) -> Key:
        return buttons.press(context.label(label, speaker.language), verb, *ids)

    visit_id, arranges = found.visit_id, found.is_arranger
    wanted = (
        (found.travels and found.has_begun, key("visit_write", WRITE, visit_id, 0)),
        (found.has_begun, key("visit_read", "visit_logs", visit_id, 0)),
        (found.is_home and found.travels, key("visit_return", "visit_return", visit_id)),
        (found.is_home and not found.travels, key("visit_return", "visit_returns", visit_id, 0)),
        (found.has_begun and arranges, key("visit_for", "visit_for", visit_id, 0)),
        (found.has_begun and arranges, key("visit_roll", "visit_roll", visit_id, 0)),
        (found.is_home and arranges, key("visit_summary", "visit_summary", visit_id)),
        (found.is_published and not arranges, key("visit_see_summary", "visit_paper", visit_id)),
    )
    navigation = [key("visit_back", "visit", visit_id)]
    if arranges:
        navigation.insert(0, key("visit_counts", "visit_counts", "year"))
    text = context.text("visit_hub", speaker.language, hub=found)
    return text, with_navigation([one for is_open, one in wanted if is_open], navigation)


async def listed(update: Update, context: WuxueContext) -> None:
    """看日志: what she may read, the last day first."""
    visit_id, rest = carried(update, "visit_logs", 2)
    page, words = turned_to(rest)
    await show_list(update, context, number(visit_id), words, page)
    await context.answer(update)


async def show_list(
    update: Update, context: WuxueContext, visit_id: int, words: str = "", page: int = 0
) -> None:
    """One page of it, or of what holds these words."""
    speaker = await context.speaker(update)
    found = await context.read(
        visit_log.listed, speaker, visit_id, words=words, page=page, now=context.now()
    )
    navigation = searching(
        context,
        speaker.language,
        found,
        at=("visit_logs", visit_id),
        turn=lambda rest: buttons.data("visit_logs", visit_id, rest),
    )
    listing = Listing(
        "visit_logs",
        {"found": found, "lines": list(enumerate(found.lines, start=1))},
        [line.entry_id for line in found.lines],
        "visit_entry",
        elsewhere=(*navigation, back_key(context, speaker.language, visit_id)),
    )
    await show_page(update, context, speaker.language, found, listing)


def back_key(context: WuxueContext, language: str, visit_id: int) -> Key:
    """回到日志."""
    return buttons.press(context.label("visit_hub", language), "visit_hub", visit_id)


async def opened(update: Update, context: WuxueContext) -> None:
    """One entry."""
    speaker = await context.speaker(update)
    (entry_id,) = map(number, carried(update, "visit_entry", 1))
    found = await context.read(visit_log.read, speaker, entry_id, now=context.now())
    await context.answer(update)
    await show(update, context, *entry_page(context, speaker, found))


def entry_page(
    context: WuxueContext,
    speaker: Speaker,
    entry: EntryView,
    *,
    is_new: bool = False,
    erased: str = "",
) -> tuple[RichText, InlineKeyboardMarkup]:
    """An entry with what she can do with it; `erased` is what became of words that were masked."""
    language, entry_id = speaker.language, entry.entry_id

    def key(label: str, verb: str, *ids: object) -> Key:
        return buttons.press(context.label(label, language), verb, entry_id, *ids)

    keys = []
    if entry.files and not entry.is_dropped:
        label = "see_picture" if entry.kind == PICTURE else "hear_voice"
        words = f"{context.label(label, language)}({kilobytes(entry.size)} KB)"
        keys.append(buttons.press(words, "visit_file", entry_id))
    if entry.is_mine and not entry.is_dropped:
        keys += _own_keys(key, entry)
    navigation = [back_key(context, language, entry.visit_id)]
    if is_new and not entry.is_entered:
        more, day = context.label("visit_write_more", language), entry.day.isoformat()
        navigation.insert(0, buttons.press(more, WRITE_OF, entry.visit_id, day))
    if entry.can_undo:
        navigation.insert(0, key("undo", "visit_entry_undo"))
    text = context.text("visit_entry", language, entry=entry, is_new=is_new, erased=erased)
    return text, with_navigation(keys, navigation)


def _own_keys(key: Callable[..., Key], entry: EntryView) -> list[Key]:
    """What whoever wrote it can do: other words, who reads it, the summary, away with it."""
    keys = [key("visit_entry_change", CHANGE)]
    if not entry.is_entered:
        other = ("visit_only_me", OWN) if entry.sharing == FELLOWS else ("visit_fellows", FELLOWS)
        keys.append(key(other[0], "visit_share", other[1]))
    keys += allowing(key, "visit_allow", entry.summary)
    return [*keys, key("visit_entry_drop", "visit_entry_drop")]


def allowing(key: Callable[..., Key], verb: str, summary: str) -> list[Key]:
    """The two of 署名, 不署名 and 不放总结 that are not so now."""
    labels = ((NAMED, "visit_named"), (UNNAMED, "visit_unnamed"), (NO, "visit_not_in"))
    return [key(label, verb, value) for value, label in labels if value != summary]


async def file(update: Update, context: WuxueContext) -> None:
    """看图, 听录音: sent as Telegram keeps it, without a sound."""
    speaker = await context.speaker(update)
    (entry_id,) = map(number, carried(update, "visit_file", 1))
    found = await context.read(visit_log.read, speaker, entry_id, now=context.now())
    if not found.files:
        raise NotThere
    await context.answer(update)
    send: Callable[..., Any] = (
        context.bot.send_photo if found.kind == PICTURE else context.bot.send_voice
    )
    # The words stand below the last, where one has looked at all of them.
    for file_id in found.files:
        caption = found.text if file_id == found.files[-1] else None
        await context.patiently(
            partial(send, speaker.chat_id, file_id, caption=caption, disable_notification=True)
        )


def _changing(verb: str, change: Callable[..., EntryView], *, has_value: bool = False) -> Act:
    """A button that does one thing to an entry of hers and shows it."""

    async def act(update: Update, context: WuxueContext) -> None:
        speaker = await context.speaker(update)
        entry_id, *value = carried(update, verb, 1 + has_value)
        found = await context.in_session(
            change, speaker, number(entry_id), *value, now=context.now()
        )
        await context.answer(update, context.label("changed_toast", speaker.language))
        await show(update, context, *entry_page(context, speaker, found))

    return act


BUTTONS: dict[str, Act] = {
    "visit_hub": hub,
    "visit_logs": listed,
    "visit_entry": opened,
    "visit_file": file,
    "visit_entry_drop": _changing("visit_entry_drop", visit_log_changes.drop),
    "visit_entry_undo": _changing("visit_entry_undo", visit_log_changes.undo),
    "visit_share": _changing("visit_share", visit_log_changes.share, has_value=True),
    "visit_allow": _changing("visit_allow", visit_log_changes.allow, has_value=True),
}
