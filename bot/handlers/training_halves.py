"""半天安排 in chat: the half days of a training one by one, added, changed, dropped, also later."""

from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session
from telegram import Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, drop, show
from bot.handlers import training_manage
from bot.handlers.directory import turning, with_navigation
from bot.taps import Act, carried, number
from curriculum import training_events, training_halves, training_words
from curriculum.errors import NotThere
from curriculum.training_events import EventView
from curriculum.training_halves import CHANGEABLE, TIME, TOPIC, HalfPlan
from curriculum.training_words import TOPIC_LIMIT, PeriodPlan

ADD, SET, DROP = "training_half_add", "training_half_set", "training_half_drop"


async def listed(update: Update, context: WuxueContext) -> None:
    """半天安排: each half day with a button to change it."""
    speaker = await context.speaker(update)
    event_id, page = map(number, carried(update, "training_halves", 2))
    found = await context.read(training_events.read, speaker, event_id, now=context.now())
    if not found.is_arranger:
        raise NotThere
    size = training_events.PAGE
    pages = max(1, -(-len(found.periods) // size))
    place = min(page, pages - 1)
    lines = list(enumerate(found.periods[place * size : (place + 1) * size], start=1))
    await context.answer(update)
    language = speaker.language
    keys = [buttons.press(str(n), "training_half_plan", one.period_id) for n, one in lines]
    navigation = turning(
        context,
        language,
        place,
        pages,
        lambda other: buttons.data("training_halves", event_id, other),
    )
    navigation += [
        buttons.press(context.label("training_half_add", language), ADD, event_id),
        buttons.press(context.label("training_back", language), "training_manage", event_id),
    ]
    text = context.text("training_halves", language, title=found.title, lines=lines)
    await show(update, context, text, with_navigation(keys, navigation))


async def opened(update: Update, context: WuxueContext) -> None:
    """One half day, and what of it can be changed."""
    speaker = await context.speaker(update)
    (period_id,) = map(number, carried(update, "training_half_plan", 1))
    found = await context.read(training_halves.half, speaker, period_id)
    await context.answer(update)
    language = speaker.language
    keys = []
    if found.can_change:
        keys = [
            buttons.press(context.label(f"training_half_{field}", language), SET, field, period_id)
            for field in CHANGEABLE
        ]
        keys.append(buttons.press(context.label("training_half_drop", language), DROP, period_id))
    back = context.label("training_halves", language)
    navigation = [buttons.press(back, "training_halves", found.event_id, 0)]
    text = context.text("training_half_plan", language, half=found)
    await show(update, context, text, with_navigation(keys, navigation))


async def begin_add(update: Update, context: WuxueContext, forms: Forms) -> None:
    """加半天: when, what about, then whether she is sure."""
    speaker = await context.speaker(update)
    (event_id,) = map(number, carried(update, ADD, 1))
    title, version, told = await context.read(training_halves.to_add, speaker, event_id)
    await context.answer(update)
    answers: Answers = {
        "event": event_id,
        "period": 0,
        "field": "add",
        "title": title,
        "mark": version,
        "told": told,
        "was": "",
        "language": speaker.language,
    }
    await forms.start(update, context, ADD, answers)


async def begin_set(update: Update, context: WuxueContext, forms: Forms) -> None:
    """改时间, 改主题, 改讲师."""
    field, period_id = carried(update, SET, 2)
    if field not in CHANGEABLE:
        raise NotThere
    await _begin(update, context, forms, SET, field=field, period_id=number(period_id))


async def begin_drop(update: Update, context: WuxueContext, forms: Forms) -> None:
    """删半天: asks once, since people are told."""
    (period_id,) = map(number, carried(update, DROP, 1))
    await _begin(update, context, forms, DROP, field="drop", period_id=period_id)


async def _begin(
    update: Update, context: WuxueContext, forms: Forms, form: str, *, field: str, period_id: int
) -> None:
    speaker = await context.speaker(update)
    found = await context.read(training_halves.half, speaker, period_id)
    if form == DROP:
        await context.read(training_halves.to_drop, speaker, period_id)
    await context.answer(update)
    language = speaker.language
    moment = context.services.renderer.moment(found.starts_at, language)
    answers: Answers = {
        "event": found.event_id,
        "period": period_id,
        "field": field,
        "title": found.title,
        "mark": found.version,
        "told": found.told,
        "was": _reads(found, field, moment),
        "language": language,
    }
    await forms.start(update, context, form, answers)


def _reads(found: HalfPlan, field: str, moment: str) -> str:
    """What stands now, in one line."""
    plain = {TIME: moment, TOPIC: found.topic, "trainer": found.trainer}
    return plain.get(field, f"{moment} {found.topic}")


async def _time(update: Update, context: WuxueContext, answers: Answers, came: str) -> list[Any]:
    """When it is, as [ISO moment, minutes]."""
    speaker = await context.speaker(update)
    starts_at, minutes = await context.read(
        training_halves.read_time,
        speaker,
        answers["event"],
        answers["period"],
        came,
        now=context.now(),
    )
    return [starts_at.isoformat(), minutes]


async def _value(update: Update, context: WuxueContext, answers: Answers, came: str) -> Any:
    if answers["field"] == TIME:
        return await _time(update, context, answers, came)
    if answers["field"] == TOPIC:
        return training_words.one_line(came, TOPIC, TOPIC_LIMIT)
    return training_words.trainer("" if came.strip() in training_words.NOTHING else came)


async def _sure(update: Update, context: WuxueContext, answers: Answers) -> dict[str, Any]:
    """How it will read."""
    del update
    value = answers.get("value", "")
    if answers["field"] == TIME:
        value = _when(context, value, answers["language"])
    elif answers["field"] == "add":
        topic, name = answers["line"]
        named = f"{topic}（{name}）" if name else topic
        value = f"{_when(context, answers['at'], answers['language'])} {named}"
    return {"reads": value}


def _when(context: WuxueContext, at: list[Any], language: str) -> str:
    """12月22日(周二)14:30-17:30."""
    renderer, begins = context.services.renderer, datetime.fromisoformat(at[0])
    ends = renderer.clock(begins + timedelta(minutes=at[1]), language)
    return f"{renderer.moment(begins, language)}-{ends}"


async def _finish_add(update: Update, context: WuxueContext, answers: Answers) -> None:
    topic, name = answers["line"]
    starts_at, minutes = answers["at"]
    plan = PeriodPlan(datetime.fromisoformat(starts_at), minutes, topic, name)

    def act(session: Session, speaker: Any) -> EventView:
        return training_halves.add(
            session, speaker, answers["event"], plan, seen=answers["mark"], now=context.now()
        )

    await _store(update, context, ADD, act)


async def _finish_set(update: Update, context: WuxueContext, answers: Answers) -> None:
    field, value = answers["field"], answers["value"]

    def act(session: Session, speaker: Any) -> EventView:
        now_is = training_halves.half(session, speaker, answers["period"])
        plan = PeriodPlan(now_is.starts_at, now_is.minutes, now_is.topic, now_is.trainer)
        if field == TIME:
            plan = PeriodPlan(datetime.fromisoformat(value[0]), value[1], plan.topic, plan.trainer)
        else:
            topic = value if field == TOPIC else plan.topic
            trainer = plan.trainer if field == TOPIC else value
            plan = PeriodPlan(plan.starts_at, plan.minutes, topic, trainer)
        return training_halves.change(
            session,
            speaker,
            answers["period"],
            field,
            plan,
            seen=answers["mark"],
            now=context.now(),
        )

    await _store(update, context, SET, act)


async def _finish_drop(update: Update, context: WuxueContext, answers: Answers) -> None:
    def act(session: Session, speaker: Any) -> EventView:
        return training_halves.drop(
            session, speaker, answers["period"], seen=answers["mark"], now=context.now()
        )

    await _store(update, context, DROP, act)


async def _store(update: Update, context: WuxueContext, form: str, act: Any) -> None:
    """Do it, and show the training with 撤销."""
    speaker = await context.speaker(update)

    def store(session: Session) -> EventView:
        # In one transaction: what is refused leaves the form where it stands.
        drop(session, context, speaker.chat_id, form)
        found: EventView = act(session, speaker)
        return found

    found = await context.in_session(store)
    await show(update, context, *training_manage.managing(context, speaker, found))


SURE = Step("sure", "training_half_sure", (("yes", "training_confirm"),), facts=_sure)
BUTTONS: dict[str, Act] = {"training_halves": listed, "training_half_plan": opened}
FORM_BUTTONS = {ADD: begin_add, SET: begin_set, DROP: begin_drop}
TO_HALVES = ("training_halves", "training_halves", "{event}", "0")
FORMS = (
    Form(
        ADD,
        (
            Step("at", "training_half_time", settle=_time),
            Step("line", "training_half_line", take=training_halves.read_line),
            SURE,
        ),
        _finish_add,
        asks_again=True,
        way_on=TO_HALVES,
    ),
    Form(
        SET,
        (Step("value", "training_half_value", settle=_value), SURE),
        _finish_set,
        asks_again=True,
        way_on=TO_HALVES,
    ),
    Form(DROP, (SURE,), _finish_drop, asks_again=True, way_on=TO_HALVES),
)
