"""行动 in chat: what the two of a pair have still to do, done with one tap, put off, dropped."""

from datetime import date

from sqlmodel import Session
from telegram import Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, drop, show
from bot.handlers.directory import with_navigation
from bot.handlers.numbered_pages import searching, turned_to
from bot.handlers.supervision_records import is_protected
from bot.taps import Act, carried, number
from curriculum import supervision_actions
from curriculum.errors import NotThere
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.supervision_actions import ActionView
from curriculum.written_times import read_date

MOVE, YES, AGAIN = "sup_act_move", "yes", "again"
DONE, DROPPED = "done", "dropped"


async def of_pair(update: Update, context: WuxueContext) -> None:
    """看行动: the open ones of a pair, each by its number."""
    pair_id, _, rest = carried(update, "sup_acts", 1)[0].partition(":")
    page, words = turned_to(rest)
    await show_list(update, context, number(pair_id), words, page)
    await context.answer(update)


async def show_list(
    update: Update, context: WuxueContext, pair_id: int, words: str = "", page: int = 0
) -> None:
    """One page of them, or of those that hold these words."""
    speaker = await context.speaker(update)
    found = await context.read(
        supervision_actions.open_of_pair,
        speaker,
        pair_id,
        words=words,
        page=page,
        note_key=context.services.note_key,
        now=context.now(),
    )
    language = speaker.language
    lines = list(enumerate(found.lines, start=1))
    keys = [buttons.press(str(place), "sup_act", line.action_id) for place, line in lines]
    navigation = searching(
        context,
        language,
        found,
        at=("sup_acts", pair_id),
        turn=lambda rest: buttons.data("sup_acts", pair_id, rest),
    )
    navigation.append(buttons.press(context.label("to_pair", language), "own_pair", pair_id))
    text = context.text("supervision_actions", language, found=found, lines=lines)
    await show(
        update,
        context,
        text,
        with_navigation(keys, navigation),
        is_new=not is_protected(update),
        protected=True,
    )


async def opened(update: Update, context: WuxueContext) -> None:
    """One action."""
    speaker = await context.speaker(update)
    (action_id,) = map(number, carried(update, "sup_act", 1))
    await _show(update, context, speaker, action_id)
    await context.answer(update)


async def _read(context: WuxueContext, speaker: Speaker, action_id: int) -> ActionView:
    return await context.read(
        supervision_actions.view,
        speaker,
        action_id,
        note_key=context.services.note_key,
        now=context.now(),
    )


async def _show(update: Update, context: WuxueContext, speaker: Speaker, action_id: int) -> None:
    view = await _read(context, speaker, action_id)
    language, marked = speaker.language, (view.version, action_id)
    wanted = []
    if view.may_undo:
        wanted.append(("undo", "sup_act_undo", marked))
    if view.state == "open":
        wanted += [
            ("action_done", "sup_act_done", marked),
            ("change_time", MOVE, marked),
            ("action_drop", "sup_act_drop", marked),
        ]
    keys = [buttons.press(context.label(name, language), verb, *ids) for name, verb, ids in wanted]
    back = (
        buttons.press(context.label("see_actions", language), "sup_acts", view.pair_id)
        if view.pair_id is not None
        else buttons.press(context.label("back_to_record", language), "sup_rec", view.record_id)
    )
    text = context.text("supervision_action", language, view=view)
    await show(
        update,
        context,
        text,
        with_navigation(keys, [back]),
        is_new=not is_protected(update),
        protected=True,
    )


async def done(update: Update, context: WuxueContext) -> None:
    """做完了."""
    await _settle(update, context, "sup_act_done", DONE)


async def dropped(update: Update, context: WuxueContext) -> None:
    """不做了."""
    await _settle(update, context, "sup_act_drop", DROPPED)


async def _settle(update: Update, context: WuxueContext, verb: str, state: str) -> None:
    speaker = await context.speaker(update)
    seen, action_id = map(number, carried(update, verb, 2))
    await context.in_session(
        supervision_actions.settle, speaker, action_id, state, seen=seen, now=context.now()
    )
    await context.answer(update, context.label("changed_toast", speaker.language))
    await _show(update, context, speaker, action_id)


async def take_back(update: Update, context: WuxueContext) -> None:
    """撤销."""
    speaker = await context.speaker(update)
    seen, action_id = map(number, carried(update, "sup_act_undo", 2))
    await context.in_session(
        supervision_actions.take_back, speaker, action_id, seen=seen, now=context.now()
    )
    await context.answer(update, context.label("taken_back_toast", speaker.language))
    await _show(update, context, speaker, action_id)


async def begin_move(update: Update, context: WuxueContext, forms: Forms) -> None:
    """改时间: until when instead."""
    speaker = await context.speaker(update)
    seen, action_id = map(number, carried(update, MOVE, 2))
    view = await _read(context, speaker, action_id)
    if view.state != "open":
        raise NotThere
    answers: Answers = {
        "action": action_id,
        "seen": seen,
        "was": view.due_on.isoformat(),
        "language": speaker.language,
    }
    await context.answer(update)
    await forms.start(update, context, MOVE, answers)


async def _day(update: Update, context: WuxueContext, answers: Answers, came: str) -> str:
    del update, answers
    today = local_date(context.now(), ZONE)
    return supervision_actions.usable_date(read_date(came, today=today), today=today).isoformat()


async def _dates(update: Update, context: WuxueContext, answers: Answers) -> dict[str, date]:
    del update, context
    known = {"was_on": date.fromisoformat(answers["was"])}
    if "day" in answers:
        known["due_on"] = date.fromisoformat(answers["day"])
    return known


async def _finish_move(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)

    def store(session: Session) -> None:
        supervision_actions.move(
            session,
            speaker,
            answers["action"],
            date.fromisoformat(answers["day"]),
            seen=answers["seen"],
            now=context.now(),
        )
        drop(session, context, speaker.chat_id, MOVE)

    await context.in_session(store)
    await _show(update, context, speaker, answers["action"])


BUTTONS: dict[str, Act] = {
    "sup_acts": of_pair,
    "sup_act": opened,
    "sup_act_done": done,
    "sup_act_drop": dropped,
    "sup_act_undo": take_back,
}
FORM_BUTTONS = {MOVE: begin_move}
FORMS = (
    Form(
        MOVE,
        (
            Step("day", "supervision_action_move", settle=_day, facts=_dates),
            Step(
                "sure",
                "supervision_action_check",
                ((YES, "confirm"), (AGAIN, "write_again")),
                facts=_dates,
                returns={AGAIN: "day"},
            ),
        ),
        _finish_move,
        protected=True,
        way_on=("open_question", "sup_act", "{action}"),
    ),
)
