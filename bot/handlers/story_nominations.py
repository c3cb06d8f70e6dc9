"""推荐经验 in chat: a colleague's practice, from what was seen, from minutes, from an answer."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from sqlmodel import Session
from telegram import Update

from bot import buttons, guarding
from bot.context import WuxueContext
from bot.form_steps import Answers, Form, Step
from bot.forms import Forms, drop, show
from bot.handlers.numbered_pages import Listing, show_page
from bot.taps import carried, number
from curriculum import story_nominations, story_sources
from curriculum.directory import searched
from curriculum.errors import NotThere
from curriculum.people import Speaker
from curriculum.story_errors import NobodyNamed
from curriculum.story_nominations import Proposed, usable_whole

Act = Callable[[Update, WuxueContext], Coroutine[Any, Any, None]]
NOMINATE = "nominate_story"
LINES, FROM, UNDO = "minutes_stories", "nominate_from", "nominate_undo"
AS_IT_STANDS = "as_it_stands"


async def nominate(update: Update, context: WuxueContext, forms: Forms) -> None:
    """推荐经验: whose, then what was heard or seen of it."""
    speaker = await context.speaker(update)
    speaker.require("nominate_story")
    await context.answer(update)
    await forms.start(update, context, NOMINATE, _begun(speaker))


def _begun(speaker: Speaker, source: tuple[str, int] | None = None, *, seen: str = "") -> Answers:
    """What the form begins with; `seen` are the words of the source it begins from."""
    return {"language": speaker.language, "source": source, "seen": seen, "who": None}


async def lines(update: Update, context: WuxueContext) -> None:
    """推荐经验 under minutes: which line of them."""
    speaker = await context.speaker(update)
    gathering, is_page, page = carried(update, LINES, 1)[0].partition(":")
    found = await context.read(
        story_sources.minutes, speaker, number(gathering), page=number(page or "0")
    )
    await context.answer(update)
    listing = Listing(
        "minutes_stories",
        {"found": found},
        [f"{story_sources.MINUTES}:{point_id}" for point_id, _ in found.lines],
        FROM,
        lambda other: buttons.data(LINES, gathering, other),
    )
    # What it stands under stays as it is; only another page takes the place of this one.
    await show_page(update, context, speaker.language, found, listing, is_new=not is_page)


async def begin_from(update: Update, context: WuxueContext, forms: Forms) -> None:
    """推荐经验 from a line of minutes or an answer: whose it was, unless that is known."""
    speaker = await context.speaker(update)
    kind, written = carried(update, FROM, 2)
    source_id = number(written)
    if kind not in story_sources.FROM:
        raise NotThere
    found = await context.read(story_sources.FROM[kind], speaker, source_id)
    await context.answer(update)
    begun = _begun(speaker, (kind, source_id), seen=found.words)
    if found.person_id:
        begun |= {"who": str(found.person_id), "is_known": True}
    await forms.start(update, context, NOMINATE, begun)


def _is_to_name(answers: Answers) -> bool:
    return not answers.get("is_known")


async def _workers(
    update: Update, context: WuxueContext, answers: Answers
) -> Sequence[tuple[str, str]]:
    speaker = await context.speaker(update)
    found = await context.read(
        story_nominations.workers_named, speaker, answers["name"], now=context.now()
    )
    return [(str(person_id), f"{name} · {unit}") for person_id, name, unit in found]


async def _named(update: Update, context: WuxueContext, answers: Answers, came: str) -> str:
    """A name, or a part of one, that somebody bears; raises NobodyNamed and as `searched`."""
    del answers
    words, speaker = searched(came), await context.speaker(update)
    if not await context.read(story_nominations.workers_named, speaker, words, now=context.now()):
        raise NobodyNamed(name=words)
    return words


def _a_number(came: str) -> str:
    return str(number(came))


async def _as_seen(
    update: Update, context: WuxueContext, answers: Answers
) -> Sequence[tuple[str, str]]:
    """就用这段, where there are words to begin with."""
    del update
    label = context.label(AS_IT_STANDS, answers["language"])
    return [(AS_IT_STANDS, label)] if answers["seen"] else []


async def _settle(update: Update, context: WuxueContext, answers: Answers, came: str) -> str:
    del update, context
    return usable_whole(answers["seen"] if came == AS_IT_STANDS and answers["seen"] else came)


async def _finish(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)
    kind, source_id = answers["source"] or ("", 0)

    def store(session: Session) -> Proposed:
        proposed = story_nominations.nominate(
            session,
            speaker,
            number(answers["who"]),
            answers["words"],
            source=(kind, source_id) if kind else None,
            note_key=context.services.note_key,
            now=context.now(),
        )
        drop(session, context, speaker.chat_id, NOMINATE)
        return proposed

    proposed = await context.in_session(store)
    erased = await guarding.erase(update, context, answers, "words")
    text = context.text("story_nominated", speaker.language, name=proposed.name, erased=erased)
    undo = buttons.press(context.label("undo", speaker.language), UNDO, proposed.story_id)
    await show(update, context, text, buttons.row(undo))
    context.send_what_is_due()


async def undo(update: Update, context: WuxueContext) -> None:
    """撤销 of a proposal, for ten minutes."""
    speaker = await context.speaker(update)
    (story_id,) = map(number, carried(update, UNDO, 1))
    await context.in_session(story_nominations.take_back, speaker, story_id, now=context.now())
    await context.answer(update, context.label("undone_toast", speaker.language))
    await show(update, context, context.text("story_unproposed", speaker.language))


BUTTONS: dict[str, Act] = {LINES: lines, UNDO: undo}
FORM_BUTTONS = {NOMINATE: nominate, FROM: begin_from}
FORMS = (
    Form(
        NOMINATE,
        (
            Step("name", "story_nominate", settle=_named, is_needed=_is_to_name),
            Step(
                "who",
                "story_nominate_who",
                offer=_workers,
                take=_a_number,
                is_needed=_is_to_name,
            ),
            *guarding.behind_guard(
                Step("words", "story_nominate_words", offer=_as_seen, settle=_settle)
            ),
        ),
        _finish,
        way_on=("back_to_stories", "stories", ""),
    ),
)
