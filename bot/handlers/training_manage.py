"""管理培训 in chat: announcing after a look, taking that back, undoing, lists, coverage, papers."""

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import show
from bot.handlers import training_messages
from bot.handlers.directory import turning, with_navigation
from bot.taps import Act, carried, number
from curriculum import (
    training_changes,
    training_coverage,
    training_events,
    training_papers,
    training_plans,
    training_seats,
)
from curriculum.errors import NotThere
from curriculum.people import Speaker
from curriculum.rich_text import RichText
from curriculum.training_events import EventView
from curriculum.training_seats import LISTS, ListPage

Key = InlineKeyboardButton


def managing(
    context: WuxueContext, speaker: Speaker, event: EventView
) -> tuple[RichText, InlineKeyboardMarkup]:
    """A training in its coordinator's hands."""
    if not event.is_arranger:
        raise NotThere

    def key(label: str, verb: str, *ids: object) -> Key:
        return buttons.press(context.label(label, speaker.language), verb, event.event_id, *ids)

    is_draft, is_on = event.state == "draft", event.state == "published"
    is_ahead = event.phase in ("open", "closed")
    is_over = is_on and event.phase == "over"
    # Six buttons at most: for the ten minutes of 撤销 the test waits.
    can_go_back = event.can_take_back or event.can_undo
    wanted = [
        (is_draft, key("training_publish", "training_preview")),
        (event.can_take_back, key("take_back", "training_back")),
        (event.can_undo and not event.can_take_back, key("undo", "training_undo")),
        (not is_draft, key("training_lists", "training_list", LISTS[0], 0)),
        (not is_draft and not is_over, key("training_coverage", "training_coverage", 0)),
        (is_draft or (is_on and is_ahead), key("training_change", "training_change")),
        (is_draft or (is_on and not is_over), key("training_halves", "training_halves", 0)),
        (event.state != "cancelled", key("training_papers", "training_keep")),
        (is_on and not is_ahead, key("training_marks", "training_marks")),
        (
            event.state != "cancelled" and not can_go_back,
            key("training_test", "training_test_plan"),
        ),
        (is_over, key("certificates", "certificates", 0)),
        (is_over, key("training_feedback", "feedback_results", 0)),
    ]
    keys = [one for is_there, one in wanted if is_there]
    navigation = [key("training_back", "training")]
    if is_draft or (is_on and is_ahead):
        navigation.insert(0, key("training_cancel", "training_cancel"))
    elif not is_draft:
        navigation.insert(0, key("training_archive", "training_archive"))
    text = context.text("training_manage", speaker.language, event=event)
    return text, with_navigation(keys, navigation)


async def opened(update: Update, context: WuxueContext) -> None:
    """管理培训."""
    speaker = await context.speaker(update)
    (event_id,) = map(number, carried(update, "training_manage", 1))
    found = await context.read(training_events.read, speaker, event_id, now=context.now())
    worded = managing(context, speaker, found)
    await context.answer(update)
    await show(update, context, *worded)


async def preview(update: Update, context: WuxueContext) -> None:
    """发通知: to how many and in which words; sent only after another press."""
    speaker = await context.speaker(update)
    (event_id,) = map(number, carried(update, "training_preview", 1))
    found = await context.read(training_plans.preview, speaker, event_id, now=context.now())
    await context.answer(update)
    language = speaker.language
    words = training_messages.invitation(context.services.renderer, language, found.event)
    send = buttons.press(
        context.label("training_send", language), "training_send", event_id, found.event.version
    )
    back = buttons.press(context.label("training_back", language), "training_manage", event_id)
    text = context.text("training_preview", language, people=found.people, words=words)
    await show(update, context, text, with_navigation([send], [back]))


async def send(update: Update, context: WuxueContext) -> None:
    """确认发出: it goes out in a minute, with 撤回 until then."""
    speaker = await context.speaker(update)
    event_id, seen = map(number, carried(update, "training_send", 2))
    found = await context.in_session(
        training_plans.publish, speaker, event_id, seen=seen, now=context.now()
    )
    await context.answer(update)
    await show(update, context, *managing(context, speaker, found))


async def take_back(update: Update, context: WuxueContext) -> None:
    """撤回 within the minute."""
    speaker = await context.speaker(update)
    (event_id,) = map(number, carried(update, "training_back", 1))
    found = await context.in_session(training_plans.take_back, speaker, event_id, now=context.now())
    await context.answer(update, context.label("undone_toast", speaker.language))
    await show(update, context, *managing(context, speaker, found))


async def undo(update: Update, context: WuxueContext) -> None:
    """撤销 the last change."""
    speaker = await context.speaker(update)
    (event_id,) = map(number, carried(update, "training_undo", 1))
    found = await context.in_session(training_changes.undo, speaker, event_id, now=context.now())
    await context.answer(update, context.label("undone_toast", speaker.language))
    await show(update, context, *managing(context, speaker, found))


async def listed(update: Update, context: WuxueContext) -> None:
    """报名名单: who comes, who waits, who cannot."""
    speaker = await context.speaker(update)
    event_id, name, page = carried(update, "training_list", 3)
    found = await context.read(
        training_seats.listed,
        speaker,
        number(event_id),
        name,
        page=number(page),
        now=context.now(),
    )
    await context.answer(update)
    await show(update, context, *_list(context, speaker, found))


def _list(
    context: WuxueContext, speaker: Speaker, found: ListPage
) -> tuple[RichText, InlineKeyboardMarkup]:
    language, event_id = speaker.language, found.event_id
    lines = list(enumerate(found.lines, start=1))
    rows: list[list[Key]] = []
    if found.can_change and found.name != LISTS[2]:
        names = [
            buttons.press(f"{n} {line.name}", "training_off_ask", event_id, line.person_id)
            for n, line in lines
        ]
        rows += [list(row) for row in buttons.rows(names).inline_keyboard] if names else []
    rows.append(
        [
            buttons.press(
                context.label(f"training_{other}", language), "training_list", event_id, other, 0
            )
            for other in LISTS
            if other != found.name
        ]
    )
    navigation = turning(
        context,
        language,
        found.page,
        found.pages,
        lambda page: buttons.data("training_list", event_id, found.name, page),
    )
    if found.can_change:
        add = context.label("training_add_person", language)
        navigation.append(buttons.press(add, "training_add", event_id, 0))
    navigation.append(
        buttons.press(context.label("training_back", language), "training_manage", event_id)
    )
    text = context.text(
        "training_list",
        language,
        list=found,
        lines=lines,
        page=found.page + 1,
        pages=found.pages,
        can_change=found.can_change and found.name != LISTS[2],
    )
    return text, InlineKeyboardMarkup([*rows, navigation])


async def take_off_ask(update: Update, context: WuxueContext) -> None:
    """A name on the list: asks once, since that person would be told."""
    speaker = await context.speaker(update)
    event_id, person_id = map(number, carried(update, "training_off_ask", 2))
    found = await context.read(
        training_seats.on_list, speaker, event_id, person_id, now=context.now()
    )
    await context.answer(update)
    language = speaker.language
    confirm = context.label("training_confirm", language)
    keys = [buttons.press(confirm, "training_off", event_id, person_id)]
    back = buttons.press(
        context.label("training_lists", language), "training_list", event_id, LISTS[0], 0
    )
    text = context.text("training_off_ask", language, name=found[0], unit=found[1], title=found[2])
    await show(update, context, text, with_navigation(keys, [back]))


async def take_off(update: Update, context: WuxueContext) -> None:
    """移出名单: that person is told, and whoever waits longest moves up."""
    speaker = await context.speaker(update)
    event_id, person_id = map(number, carried(update, "training_off", 2))
    await context.in_session(
        training_seats.take_off, speaker, event_id, person_id, now=context.now()
    )
    await context.answer(update, context.label("changed_toast", speaker.language))
    found = await context.read(
        training_seats.listed, speaker, event_id, LISTS[0], now=context.now()
    )
    await show(update, context, *_list(context, speaker, found))
    context.send_what_is_due()


async def coverage(update: Update, context: WuxueContext) -> None:
    """各站情况: counts only, small units together."""
    speaker = await context.speaker(update)
    event_id, page = map(number, carried(update, "training_coverage", 2))
    found = await context.read(
        training_coverage.coverage, speaker, event_id, page=page, now=context.now()
    )
    await context.answer(update)
    language = speaker.language
    navigation = turning(
        context,
        language,
        found.page,
        found.pages,
        lambda other: buttons.data("training_coverage", event_id, other),
    )
    back = buttons.press(context.label("training_back", language), "training_manage", event_id)
    text = context.text("training_coverage", language, found=found)
    await show(update, context, text, with_navigation([], [*navigation, back]))


async def drop_paper(update: Update, context: WuxueContext) -> None:
    """A number: that paper goes."""
    speaker = await context.speaker(update)
    event_id, paper_id = map(number, carried(update, "training_drop", 2))
    found = await context.in_session(
        training_papers.drop, speaker, event_id, paper_id, now=context.now()
    )
    await context.answer(update, context.label("changed_toast", speaker.language))
    await show(update, context, *dropping(context, speaker, found))


def dropping(
    context: WuxueContext, speaker: Speaker, found: training_papers.Papers
) -> tuple[RichText, InlineKeyboardMarkup]:
    """The papers, each a button that removes it."""
    lines = [(n, one.name) for n, one in enumerate(found.papers, start=1)]
    keys = [
        buttons.press(str(n), "training_drop", found.event_id, one.paper_id)
        for n, one in enumerate(found.papers, start=1)
    ]
    back = context.label("training_back", speaker.language)
    text = context.text(
        "training_papers",
        speaker.language,
        lines=lines,
        is_adding=False,
        limit=training_papers.MOST,
    )
    navigation = [buttons.press(back, "training_manage", found.event_id)]
    return text, with_navigation(keys, navigation)


BUTTONS: dict[str, Act] = {
    "training_manage": opened,
    "training_preview": preview,
    "training_send": send,
    "training_back": take_back,
    "training_undo": undo,
    "training_list": listed,
    "training_off_ask": take_off_ask,
    "training_off": take_off,
    "training_coverage": coverage,
    "training_drop": drop_paper,
}
