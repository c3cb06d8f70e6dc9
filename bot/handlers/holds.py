"""恢复后补发 in chat: what a restored database holds back, and 补发, 合并 or 不发 for each."""

import structlog
from telegram import Bot, InlineKeyboardMarkup, Update
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter

from bot import buttons
from bot.context import WuxueContext
from bot.forms import show
from bot.render import entities
from bot.services import Services
from bot.taps import Act, carried, number
from bot.telegram_channel import NO_PREVIEW
from curriculum import holds, people
from curriculum.errors import NotThere
from curriculum.held_rhythms import Line
from curriculum.holds import Overview
from curriculum.people import Speaker
from scheduler.planner import STUDIES
from scheduler.rate import REPLY

log = structlog.get_logger(__name__)
ON_A_PAGE = 6
TELL_AGAIN_SECONDS = 60.0
# How a choice is called on its button.
LABELS = {"send": "send_late", "merge": "merge", "skip": "do_not_send"}


async def overview(update: Update, context: WuxueContext) -> None:
    """/held, 恢复后补发: everything that waits for a choice of hers."""
    await _show_list(update, context, 0, is_new=True)


async def turned(update: Update, context: WuxueContext) -> None:
    """Another page of the list, or back to it."""
    (page,) = carried(update, "held", 1)
    await _show_list(update, context, number(page), is_new=False)
    await context.answer(update)


async def _show_list(update: Update, context: WuxueContext, page: int, *, is_new: bool) -> None:
    speaker = await context.speaker(update)
    found = await context.read(holds.overview, speaker, STUDIES, now=context.now())
    lines = found.lines if found is not None else ()
    page = min(page, max(0, (len(lines) - 1) // ON_A_PAGE))
    shown = list(enumerate(lines[page * ON_A_PAGE : (page + 1) * ON_A_PAGE], 1))
    keys = [
        buttons.press(str(place), "held_line", line.kind, line.cohort_id or 0)
        for place, line in shown
    ]
    turns = [
        buttons.press(context.label(name, speaker.language), "held", to)
        for name, to, is_there in (
            ("previous_page", page - 1, page > 0),
            ("next_page", page + 1, len(lines) > (page + 1) * ON_A_PAGE),
        )
        if is_there
    ]
    text = context.text("hold", speaker.language, found=found, lines=shown)
    rows = [row for row in (keys, turns) if row]
    await show(update, context, text, InlineKeyboardMarkup(rows), is_new=is_new)


async def opened(update: Update, context: WuxueContext) -> None:
    """One line of the list: how many days and messages, and the three choices."""
    speaker = await context.speaker(update)
    kind, cohort = carried(update, "held_line", 2)
    found, line = await _line(context, speaker, kind, cohort)
    await context.answer(update)
    names = [name for name in holds.CHOICES if name != "merge" or line.may_merge]
    keys = [
        buttons.press(context.label(LABELS[name], speaker.language), "settle", name, kind, cohort)
        for name in names
    ]
    back = buttons.press(context.label("back", speaker.language), "held", 0)
    text = context.text("hold_line", speaker.language, found=found, line=line)
    await show(update, context, text, InlineKeyboardMarkup([keys, [back]]))


async def _line(
    context: WuxueContext, speaker: Speaker, kind: str, cohort: str
) -> tuple[Overview, Line]:
    """The line behind a button; NotThere when it was chosen for meanwhile or is not hers."""
    found = await context.read(holds.overview, speaker, STUDIES, now=context.now())
    key = (kind, number(cohort) or None)
    for line in found.lines if found is not None else ():
        if found is not None and (line.kind, line.cohort_id) == key:
            return found, line
    raise NotThere


async def settled(update: Update, context: WuxueContext) -> None:
    """补发, 合并 or 不发 pressed: applied at once; the list shows what is left."""
    speaker = await context.speaker(update)
    choice, kind, cohort = carried(update, "settle", 3)
    is_over = await context.in_session(
        holds.choose,
        speaker,
        STUDIES,
        bot=speaker.bot,
        kind=kind,
        cohort_id=number(cohort) or None,
        choice=choice,
        now=context.now(),
    )
    await context.answer(update, context.label("changed_toast", speaker.language))
    await _show_list(update, context, 0, is_new=False)
    if is_over:
        context.send_what_is_due()


async def tell_in_charge(bot: Bot, services: Services) -> int:
    """Tell every coordinator and administrator of the hold, once; returns how many.

    Not through the outbox, which is what stands still. Whoever cannot be reached for now is tried
    again each minute.
    """
    told = 0
    while True:
        hold_id, left = await services.database.read(
            holds.to_tell, bot=services.bot_id, now=services.clock.now()
        )
        if not left:
            return told
        results = [await _tell(bot, services, hold_id, one) for one in left]
        told += sum(results)
        if not all(results):
            await services.clock.sleep(TELL_AGAIN_SECONDS)


async def _tell(bot: Bot, services: Services, hold_id: int, to: holds.InCharge) -> bool:
    again = await services.database.read(holds.forgotten_again, bot=services.bot_id)
    text = services.renderer.text("hold_told", to.language, forgotten=again)
    label = services.renderer.label("held", to.language)
    await services.budget.slot(REPLY)
    try:
        await bot.send_message(
            to.chat_id,
            text.text,
            entities=entities(text),
            reply_markup=buttons.row(buttons.press(label, "open", "held")),
            link_preview_options=NO_PREVIEW,
        )
    except (Forbidden, BadRequest) as error:
        log.info("hold_not_told", person=to.person_id, error=type(error).__name__)
        await services.database.write(
            people.set_reachable,
            bot=services.bot_id,
            chat_id=to.chat_id,
            reachable=False,
            reason="unreachable",
            now=services.clock.now(),
        )
        return False
    except (RetryAfter, NetworkError) as error:
        log.info("hold_not_told", person=to.person_id, error=type(error).__name__)
        return False
    await services.database.write(
        holds.note_told, hold_id=hold_id, person_id=to.person_id, now=services.clock.now()
    )
    return True


BUTTONS: dict[str, Act] = {
    "held": turned,
    "held_line": opened,
    "settle": settled,
}
