"""Forgetting somebody who has no chat of her own, on her wish: a coordinator asks for it."""

from datetime import datetime, timedelta

from telegram import Update

from bot import buttons, personal_data
from bot.context import WuxueContext
from bot.forms import show
from bot.handlers.directory import with_navigation
from bot.taps import Act, carried, number
from curriculum import directory, forgetting
from curriculum.people import Speaker

# An old button must not erase anything by a slip of the thumb.
HOLDS = timedelta(hours=1)


def minute_of(now: datetime) -> int:
    """The minute (of the epoch) that a button which erases carries."""
    return int(now.timestamp()) // 60


def holds(minute: int, now: datetime) -> bool:
    """Whether a button that was shown at a minute (of the epoch) still stands."""
    return timedelta() <= now - datetime.fromtimestamp(minute * 60, now.tzinfo) <= HOLDS


async def find(update: Update, context: WuxueContext, speaker: Speaker) -> None:
    """/forget with a name: whom it may mean."""
    words = " ".join(context.args or [])
    found = await context.read(directory.people, speaker, words=words, now=context.now())
    keys = [
        buttons.press(f"{place} {line.name}", "forget_of", line.person_id)
        for place, line in enumerate(found.lines, start=1)
    ]
    text = context.text("people", speaker.language, page=found, can_turn=False)
    back = buttons.press(context.label("back_to_people", speaker.language), "people", 0, "")
    await show(update, context, text, with_navigation(keys, [back]), is_new=True)


async def ask(update: Update, context: WuxueContext) -> None:
    """删除资料 of a person: who it is, what goes and what stays; nothing is erased yet."""
    speaker = await context.speaker(update)
    (person_id,) = map(number, carried(update, "forget_of", 1))
    await _explain(update, context, speaker, person_id)
    await context.answer(update)


async def _explain(update: Update, context: WuxueContext, speaker: Speaker, person_id: int) -> None:
    now, language = context.now(), speaker.language
    name = await context.read(forgetting.begin_for, speaker, person_id, now=now)
    found = await context.read(directory.person, speaker, person_id, now=now)
    key = buttons.press(
        f"{context.label('forget', language)} {name}", "forget_for", person_id, minute_of(now)
    )
    back = buttons.press(context.label("back_to_person", language), "person", person_id)
    text = context.text("forget_for_ask", language, person=found)
    await show(update, context, text, with_navigation([key], [back]))


async def sure(update: Update, context: WuxueContext) -> None:
    """删除资料 and the name: erased, which nothing takes back."""
    speaker = await context.speaker(update)
    person_id, minute = map(number, carried(update, "forget_for", 2))
    if not holds(minute, context.now()):
        await _explain(update, context, speaker, person_id)
        await context.answer(update, context.label("step_passed", speaker.language))
        return
    await context.in_session(personal_data.forget_for, speaker, person_id, now=context.now())
    await context.services.forgotten.keep()
    # Questions that are compared in memory hold what hers were about.
    context.services.likely.clear()
    await personal_data.clean_up(context.services.database)
    language = speaker.language
    await context.answer(update)
    back = buttons.press(context.label("back_to_people", language), "people", 0, "")
    text = context.text("forget_for_done", language, number=person_id)
    await show(update, context, text, buttons.row(back))


BUTTONS: dict[str, Act] = {"forget_of": ask, "forget_for": sure}
