"""管理参观 in chat: proposing, another coordinator's yes after a look, taking back, undoing."""

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import show
from bot.handlers import visit_messages
from bot.handlers.directory import with_navigation
from bot.handlers.event_pages import change_one, show_one
from bot.taps import Act, carried, number
from curriculum import visit_changes, visit_pages, visit_plans
from curriculum.errors import NotThere
from curriculum.people import Speaker
from curriculum.rich_text import RichText
from curriculum.visit_pages import VisitView

Key = InlineKeyboardButton
read = visit_pages.read


def managing(
    context: WuxueContext, speaker: Speaker, visit: VisitView
) -> tuple[RichText, InlineKeyboardMarkup]:
    """A visit in its coordinators' hands."""
    if not visit.is_arranger:
        raise NotThere

    def key(label: str, verb: str, *ids: object) -> Key:
        return buttons.press(context.label(label, speaker.language), verb, visit.visit_id, *ids)

    is_draft, is_proposed = visit.state == "draft", visit.state == "proposed"
    is_on, is_over = visit.state != "cancelled", visit.phase == "over"
    can_go_back = visit.can_take_back or visit.can_undo
    wanted = [
        (is_draft, key("visit_propose", "visit_propose", visit.version)),
        (is_proposed and visit.can_approve, key("visit_approve", "visit_preview")),
        (is_proposed and visit.can_approve, key("visit_refuse", "visit_refuse")),
        (is_proposed and not visit.can_approve, key("visit_withdraw", "visit_withdraw")),
        (visit.can_take_back, key("take_back", "visit_back")),
        (visit.can_undo and not visit.can_take_back, key("undo", "visit_undo")),
        (True, key("visit_lists", "visit_lists")),
        (visit.unconfirmed > 0, key("visit_unconfirmed", "visit_unconfirmed")),
        (is_on and not is_over, key("visit_change", "visit_change")),
        # Six buttons at most: while there is something to go back to, the papers wait.
        (is_on and not (can_go_back and is_proposed), key("visit_papers", "visit_keep")),
        (not (can_go_back and visit.unconfirmed), key("visit_print", "visit_print")),
    ]
    keys = [one for is_there, one in wanted if is_there]
    navigation = [key("visit_back", "visit")]
    if is_on and not is_over:
        navigation.insert(0, key("visit_cancel", "visit_cancel"))
    text = context.text("visit_manage", speaker.language, visit=visit)
    return text, with_navigation(keys, navigation)


async def opened(update: Update, context: WuxueContext) -> None:
    """管理参观."""
    await show_one(update, context, "visit_manage", visit_pages.read, managing)


async def propose(update: Update, context: WuxueContext) -> None:
    """报批: from now on it waits for another coordinator."""
    act = visit_plans.propose
    await change_one(update, context, "visit_propose", act, managing, was_seen=True)


async def withdraw(update: Update, context: WuxueContext) -> None:
    """收回报批."""
    act = visit_plans.withdraw
    await change_one(update, context, "visit_withdraw", act, managing, toast="undone_toast")


async def preview(update: Update, context: WuxueContext) -> None:
    """批准: to how many and in which words it goes; sent only after another press."""
    speaker = await context.speaker(update)
    (visit_id,) = map(number, carried(update, "visit_preview", 1))
    found = await context.read(visit_plans.preview, speaker, visit_id, now=context.now())
    await context.answer(update)
    language = speaker.language
    words = visit_messages.invitation(context.services.renderer, language, found.visit)
    send = buttons.press(
        context.label("visit_send", language), "visit_approve", visit_id, found.visit.version
    )
    back = buttons.press(context.label("visit_back", language), "visit_manage", visit_id)
    text = context.text("visit_preview", language, found=found, words=words)
    await show(update, context, text, with_navigation([send], [back]))


async def approve(update: Update, context: WuxueContext) -> None:
    """确认批准: it goes out in a minute, with 撤回 until then."""
    act = visit_plans.approve
    await change_one(update, context, "visit_approve", act, managing, was_seen=True)


async def take_back(update: Update, context: WuxueContext) -> None:
    """撤回 within the minute."""
    act = visit_plans.take_back
    await change_one(update, context, "visit_back", act, managing, toast="undone_toast")


async def undo(update: Update, context: WuxueContext) -> None:
    """撤销 the last change, or a refusal."""
    act = visit_changes.undo
    await change_one(update, context, "visit_undo", act, managing, toast="undone_toast")


async def prints(update: Update, context: WuxueContext) -> None:
    """打印: the roster and the programme, each to change and to print."""
    speaker = await context.speaker(update)
    (visit_id,) = map(number, carried(update, "visit_print", 1))
    found = await context.read(visit_pages.read, speaker, visit_id, now=context.now())
    if not found.is_arranger:
        raise NotThere
    await context.answer(update)
    language = speaker.language
    keys = [
        buttons.press(
            context.label(f"visit_{verb}_{kind}", language), f"visit_{verb}", visit_id, kind
        )
        for verb, kinds in (("roster", ("xlsx", "docx")), ("programme", ("docx", "pdf")))
        for kind in kinds
    ]
    back = buttons.press(context.label("visit_back", language), "visit_manage", visit_id)
    text = context.text("visit_print", language, visit=found)
    await show(update, context, text, with_navigation(keys, [back]))


BUTTONS: dict[str, Act] = {
    "visit_manage": opened,
    "visit_propose": propose,
    "visit_withdraw": withdraw,
    "visit_preview": preview,
    "visit_approve": approve,
    "visit_back": take_back,
    "visit_undo": undo,
    "visit_print": prints,
}
