"""日程 in chat: what goes out in the next two weeks, how it will look, holding or moving a date."""

from collections import Counter
from collections.abc import Sequence
from datetime import time
from typing import Any

from sqlmodel import Session
from telegram import InlineKeyboardMarkup, Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, drop, show
from bot.handlers import lesson_messages
from bot.taps import Act, FormAct, carried, number
from curriculum import duty, rearranging, schedule
from curriculum.errors import NotThere
from curriculum.people import Speaker
from curriculum.schedule import DayOff, Detail, Entry
from curriculum.written_times import read_hour

MOVE = "move_occasion"
# As many dates on one page as there are numbers under it.
ON_A_PAGE = 6
Page = list[tuple[int, Entry | DayOff]]


def pages(lines: Sequence[Entry | DayOff]) -> list[Page]:
    """Lines in pages of at most six dates, each numbered from 1; days stay whole where they fit."""
    made: list[Page] = [[]]
    on_day = Counter(line.day for line in lines if isinstance(line, Entry))
    for line in lines:
        numbered = sum(isinstance(other, Entry) for _, other in made[-1])
        is_new_day = not made[-1] or made[-1][-1][1].day != line.day
        room = on_day[line.day] if is_new_day else 1
        if isinstance(line, Entry) and numbered and numbered + min(room, ON_A_PAGE) > ON_A_PAGE:
            made.append([])
            numbered = 0
        made[-1].append((numbered + 1 if isinstance(line, Entry) else 0, line))
    return made


async def overview(update: Update, context: WuxueContext) -> None:
    """/schedule, 日程: the first page."""
    await _show_page(update, context, 0)


async def turned(update: Update, context: WuxueContext) -> None:
    """Another page of the schedule, or back to it from one date."""
    page = carried(update, "schedule", 1)[0]
    await _show_page(update, context, number(page))
    await context.answer(update)


async def _show_page(update: Update, context: WuxueContext, number: int) -> None:
    speaker = await context.speaker(update)
    lines = await context.read(schedule.coming, speaker, now=context.now())
    made = pages(lines)
    number = min(number, len(made) - 1)
    entries = [(n, line) for n, line in made[number] if isinstance(line, Entry)]
    keys = [buttons.press(str(n), "occasion", entry.name) for n, entry in entries]
    turns = {"previous_page": number - 1, "next_page": number + 1}
    navigation = [
        buttons.press(context.label(name, speaker.language), "schedule", page)
        for name, page in turns.items()
        if 0 <= page < len(made)
    ]
    navigation.append(
        buttons.press(context.label("calendar", speaker.language), "open", "calendar")
    )
    lacking = await context.read(duty.lacking, speaker)
    if lacking:
        label = context.label("duty", speaker.language)
        navigation.append(buttons.press(label, "duty", lacking[0].unit_id))
    text = context.text("schedule", speaker.language, lines=made[number], lacking=lacking)
    keyboard = InlineKeyboardMarkup([row for row in (keys, navigation) if row])
    is_new = update.callback_query is None or not (update.callback_query.data or "").startswith(
        "schedule:"
    )
    await show(update, context, text, keyboard, is_new=is_new)


async def opened(update: Update, context: WuxueContext) -> None:
    """One date: the messages as they will look, then what can be done about it."""
    speaker = await context.speaker(update)
    name = carried(update, "occasion", 1)[0]
    detail = await context.read(schedule.detail, speaker, name, now=context.now())
    await context.answer(update)
    if detail.values is not None:
        await show_lesson(context, speaker, detail.values)
    await context.say(speaker.chat_id, *_worded(context, speaker, detail))


async def show_lesson(context: WuxueContext, speaker: Speaker, values: Any) -> None:
    """A lesson and its question as a learner's messages will read, without a sound.

    The question is not a native quiz here: the coordinator's answer would belong to nobody.
    """
    renderer, language = context.services.renderer, speaker.language
    for text in lesson_messages.lesson_texts(renderer, language, values):
        await context.say(speaker.chat_id, text, silent=True)
    question, _ = lesson_messages.question_with_buttons(renderer, language, values)
    await context.say(speaker.chat_id, question, silent=True)


def _worded(context: WuxueContext, speaker: Speaker, detail: Detail) -> Any:
    """The text and the buttons of one date."""
    entry, language = detail.entry, speaker.language
    verbs = [] if entry.is_held else ["hold"]
    if detail.hours:
        verbs.append("change_time")
    if (entry.is_held or entry.is_moved) and detail.can_be_usual:
        verbs.append("as_usual")
    keys = [
        buttons.press(context.label(verb, language), "arrange", verb, entry.mark, entry.name)
        for verb in verbs
    ]
    back = buttons.press(context.label("schedule", language), "schedule", 0)
    text = context.text("occasion", language, entry=entry, is_shown=detail.values is not None)
    return text, InlineKeyboardMarkup([keys, [back]])


async def arranged(update: Update, context: WuxueContext, *, forms: Forms) -> None:
    """暂不发, 照常发 or 改时间 under a date; the button carries how the date stood then."""
    speaker = await context.speaker(update)
    verb, seen, name = carried(update, "arrange", 3)
    if verb == "change_time":
        await _ask_hour(update, context, speaker, forms, name=name, seen=seen)
        return
    acts = {"hold": rearranging.hold, "as_usual": rearranging.as_usual}
    if verb not in acts:
        raise NotThere
    detail = await context.in_session(acts[verb], speaker, name, seen=seen, now=context.now())
    await context.answer(update, context.label("arranged_toast", speaker.language))
    await show(update, context, *_worded(context, speaker, detail))


async def _ask_hour(
    update: Update, context: WuxueContext, speaker: Speaker, forms: Forms, *, name: str, seen: str
) -> None:
    detail = await context.read(schedule.detail, speaker, name, now=context.now())
    await context.answer(update)
    answers: Answers = {
        "occasion": name,
        "seen": seen,
        "hours": list(detail.hours),
        "day": context.services.renderer.day(detail.entry.day, speaker.language),
        "cohort": detail.entry.cohort_name,
        "language": speaker.language,
    }
    await forms.start(update, context, MOVE, answers)


async def _move(update: Update, context: WuxueContext, answers: Answers) -> None:
    """The hour is chosen: move the date and show how it stands."""
    speaker = await context.speaker(update)

    def run(session: Session) -> Detail:
        detail = rearranging.move(
            session,
            speaker,
            answers["occasion"],
            time.fromisoformat(answers["hour"]),
            seen=answers["seen"],
            now=context.now(),
        )
        drop(session, context, speaker.chat_id, MOVE)
        return detail

    await show(update, context, *_worded(context, speaker, await context.in_session(run)))


def _hour(written: str) -> str:
    return f"{read_hour(written):%H:%M}"


async def _hours(update: Update, context: WuxueContext, answers: Answers) -> list[tuple[str, str]]:
    """The hours that may be chosen, as they were read when the form began."""
    del update, context
    return [(hour, hour) for hour in answers["hours"]]


FORMS = (
    Form(
        MOVE,
        (
            Step(
                "hour",
                "occasion_hour",
                take=_hour,
                offer=_hours,
            ),
        ),
        _move,
        way_on=("schedule", "schedule", "0"),
    ),
)


BUTTONS: dict[str, Act] = {
    "schedule": turned,
    "occasion": opened,
}
FORM_BUTTONS: dict[str, FormAct] = {
    "arrange": arranged,
}
