"""What a change of a topic still needs, asked step by step: names, numbers, trainer, date, text."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlmodel import Session
from telegram import Update

from bot import buttons, guarding
from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, drop, show
from bot.handlers.topic_edits import attempt, show_plan
from bot.handlers.topics import read_theme, show_theme, show_topic, undo_key
from bot.taps import carried, number
from curriculum import topic_session, topic_texts, topic_themes, topics, written_numbers
from curriculum.errors import NotThere, NumbersNotUnderstood
from curriculum.people import Speaker

RENAME, MERGE, SPLIT = "theme_rename", "theme_merge", "theme_split"
TRAINER, DATE, TEXT = "topic_trainer", "topic_date", "topic_text"
NEW = "new"
# Marks who was pressed from who was typed.
PRESSED = "#"
LISTED = 20
TO_THEME = ("back_to_theme", "theme", "{theme}")
TO_TOPIC = ("back_to_topic", "topic", "{topic}", "0")


async def theme_form(update: Update, context: WuxueContext, forms: Forms) -> None:
    """改名, 并入, 分出提问 on a theme: asks for what is still needed."""
    speaker = await context.speaker(update)
    verb, version, theme = carried(update, "theme_form", 3)
    names = {"rename": RENAME, "merge": MERGE, "split": SPLIT}
    if verb not in names:
        raise NotThere
    theme_id = number(theme)
    page, found, is_editor = await read_theme(context, speaker, theme_id)
    if not is_editor:
        raise NotThere
    await context.answer(update)
    # Numbered as the topic's own list is.
    others = [(n, one) for n, one in enumerate(page.themes, 1) if one.theme_id != theme_id]
    answers: Answers = {
        "topic": page.topic_id,
        "theme": theme_id,
        "old": found.title,
        "version": number(version),
        "others": {str(n): one.theme_id for n, one in others},
        "lines": [[n, one.title] for n, one in others[:LISTED]],
        "language": speaker.language,
    }
    if verb == "split":
        lines = await context.read(topic_texts.numbered, speaker, theme_id)
        answers["count"] = len(lines)
        answers["questions"] = [[n, line] for n, line in enumerate(lines[:LISTED], 1)]
    await forms.start(update, context, names[verb], answers)


async def topic_form(update: Update, context: WuxueContext, forms: Forms) -> None:
    """定讲师, 改时间 under 安排."""
    speaker = await context.speaker(update)
    verb, version, topic = carried(update, "topic_form", 3)
    names = {"trainer": TRAINER, "date": DATE}
    if verb not in names:
        raise NotThere
    page, is_editor = await context.read(topics.page, speaker, number(topic))
    if not is_editor:
        raise NotThere
    await context.answer(update)
    answers: Answers = {
        "topic": page.topic_id,
        "version": number(version),
        "now": context.services.renderer.moment(page.starts_at, speaker.language),
        "language": speaker.language,
    }
    await forms.start(update, context, names[verb], answers)


async def _finish(
    update: Update,
    context: WuxueContext,
    answers: Answers,
    form: str,
    change: Callable[..., object],
    *what: object,
) -> tuple[Speaker, bool]:
    """Make a form's change of `what` and forget the form, also where the change is stale."""
    speaker = await context.speaker(update)

    def run(session: Session) -> None:
        change(session, speaker, *what, version=answers["version"], now=context.now())
        drop(session, context, speaker.chat_id, form)

    is_done = await attempt(update, context, speaker, answers["topic"], run)
    if not is_done:
        await context.in_session(drop, context, speaker.chat_id, form)
    return speaker, is_done


async def _rename(update: Update, context: WuxueContext, answers: Answers) -> None:
    theme_id, title = answers["theme"], answers["title"]
    change = topic_themes.rename
    speaker, is_done = await _finish(update, context, answers, RENAME, change, theme_id, title)
    if is_done:
        await show_theme(update, context, speaker, theme_id, is_edited=True)


async def _merge(update: Update, context: WuxueContext, answers: Answers) -> None:
    theme_id, into = answers["theme"], answers["into"]
    change = topic_themes.merge
    speaker, is_done = await _finish(update, context, answers, MERGE, change, theme_id, into)
    if is_done:
        await show_theme(update, context, speaker, into, is_edited=True)


async def _split(update: Update, context: WuxueContext, answers: Answers) -> None:
    def change(session: Session, speaker: Speaker, theme_id: int, **at: Any) -> None:
        in_order = topic_texts.in_order(session, answers["topic"], theme_id)
        topic_themes.split(
            session,
            speaker,
            theme_id,
            [in_order[n - 1] for n in answers["numbers"] if n <= len(in_order)],
            title=answers.get("title"),
            into_id=None if answers["into"] == NEW else answers["into"],
            **at,
        )

    speaker, is_done = await _finish(update, context, answers, SPLIT, change, answers["theme"])
    if is_done:
        await show_topic(update, context, speaker, answers["topic"], is_edited=True)


async def _trainer(update: Update, context: WuxueContext, answers: Answers) -> None:
    topic_id, trainer = answers["topic"], answers["trainer"]
    change = topic_session.set_trainer
    speaker, is_done = await _finish(update, context, answers, TRAINER, change, topic_id, trainer)
    if is_done:
        await show_plan(update, context, speaker, topic_id)


async def _date(update: Update, context: WuxueContext, answers: Answers) -> None:
    topic_id, day = answers["topic"], answers["date"]
    change = topic_session.set_date
    speaker, is_done = await _finish(update, context, answers, DATE, change, topic_id, day)
    if is_done:
        await show_plan(update, context, speaker, topic_id)


async def _text(update: Update, context: WuxueContext, answers: Answers) -> None:
    texts = {answers["paragraph"]: answers["text"]}
    change = topic_session.set_texts
    speaker, is_done = await _finish(
        update, context, answers, TEXT, change, answers["topic"], texts
    )
    if is_done:
        erased = await guarding.erase(update, context, answers, "text")
        text = context.text(
            "topic_text_kept",
            speaker.language,
            erased=erased,
            goes_on=answers.get("goes_on", False),
        )
        page, _ = await context.read(topics.page, speaker, answers["topic"])
        back = context.label("back_to_topic", speaker.language)
        keys = (
            undo_key(context, speaker.language, page),
            buttons.press(back, "topic", page.topic_id, 0),
        )
        await show(update, context, text, buttons.row(*keys))


async def _numbers_meant(
    update: Update, context: WuxueContext, answers: Answers, came: str
) -> list[int]:
    del update, context
    return written_numbers.read(came, last=answers["count"])


async def _other_meant(
    update: Update, context: WuxueContext, answers: Answers, came: str
) -> int | str:
    """The theme of a typed number, or a new one."""
    del update, context
    if came == NEW:
        return NEW
    others = answers["others"]
    last = max(map(int, others), default=1)
    numbers = written_numbers.read(came, last=last)
    found: int | None = others.get(str(numbers[0])) if len(numbers) == 1 else None
    if found is None:
        raise NumbersNotUnderstood(last=last)
    return found


async def _trainers(
    update: Update, context: WuxueContext, answers: Answers
) -> Sequence[tuple[str, str]]:
    speaker = await context.speaker(update)
    found = await context.read(topic_session.trainers, speaker, answers["topic"], now=context.now())
    return [(f"{PRESSED}{person_id}", name) for person_id, name in found]


async def _trainer_meant(update: Update, context: WuxueContext, answers: Answers, came: str) -> Any:
    if came.startswith(PRESSED):
        return number(came.removeprefix(PRESSED))
    speaker = await context.speaker(update)
    return await context.read(topic_session.named, speaker, answers["topic"], came)


def _is_new(answers: Answers) -> bool:
    return answers.get("into") == NEW


FORM_BUTTONS = {"theme_form": theme_form, "topic_form": topic_form}
FORMS = (
    Form(
        RENAME,
        (Step("title", "theme_rename", take=topic_themes.usable_title),),
        _rename,
        way_on=TO_THEME,
    ),
    Form(MERGE, (Step("into", "theme_merge", settle=_other_meant),), _merge, way_on=TO_THEME),
    Form(
        SPLIT,
        (
            Step("numbers", "theme_split", settle=_numbers_meant),
            Step(
                "into",
                "theme_split_into",
                ((NEW, "new_theme"),),
                settle=_other_meant,
                also_typed=True,
            ),
            Step("title", "theme_split_title", take=topic_themes.usable_title, is_needed=_is_new),
        ),
        _split,
        way_on=TO_THEME,
    ),
    Form(
        TRAINER,
        (Step("trainer", "topic_trainer", offer=_trainers, settle=_trainer_meant),),
        _trainer,
        way_on=TO_TOPIC,
    ),
    Form(DATE, (Step("date", "topic_date"),), _date, way_on=TO_TOPIC),
    Form(
        TEXT,
        guarding.behind_guard(
            Step("text", "topic_text", take=topic_themes.usable_text, is_needed=guarding.is_asked)
        ),
        _text,
        way_on=TO_TOPIC,
    ),
)
