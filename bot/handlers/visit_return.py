"""带回来的 in chat: three parts one after the other or at once, who reads it, a story from it."""

from collections.abc import Callable, Sequence

from sqlmodel import Session
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update

from bot import buttons, guarding
from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, drop, show
from bot.handlers import danger, story_pages
from bot.handlers.directory import with_navigation
from bot.handlers.numbered_pages import Listing, searching, show_page, turned_to
from bot.handlers.visit_log import allowing, back_key
from bot.render import Renderer, entities
from bot.taps import Act, carried, number
from bot.telegram_channel import Text
from curriculum import story_sources, visit_return
from curriculum.errors import NotThere
from curriculum.facts import Facts
from curriculum.people import Speaker
from curriculum.rich_text import RichText
from curriculum.visit_access import usable
from curriculum.visit_log import FELLOWS, OWN
from curriculum.visit_return import LIMITS, PARTS, WHOLE, ReturnView
from scheduler.channel import Part

PART = "visit_part"
# One by one; all in one message.
GUIDED = "steps"
Key = InlineKeyboardButton


def asked_parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """What was brought home, asked on the first working day; silent."""
    text = renderer.text("visit_return_ask", facts.language, **facts.values)
    visit_id = facts.values["visit_id"]
    keys = [
        buttons.press(renderer.label(label, facts.language), PART, visit_id, how)
        for label, how in (("step_by_step", GUIDED), ("all_at_once", WHOLE))
    ]
    return [Part(Text(text.text, tuple(entities(text)), buttons.row(*keys)), silent=True)]


async def own(update: Update, context: WuxueContext) -> None:
    """带回来的: what she wrote so far."""
    speaker = await context.speaker(update)
    (visit_id,) = map(number, carried(update, "visit_return", 1))
    found = await context.read(visit_return.own, speaker, visit_id, now=context.now())
    await context.answer(update)
    await show(update, context, *_page(context, speaker, found))


def _page(
    context: WuxueContext, speaker: Speaker, found: ReturnView, *, erased: str = ""
) -> tuple[RichText, InlineKeyboardMarkup]:
    language, visit_id = speaker.language, found.visit_id

    def key(label: str, verb: str, *ids: object) -> Key:
        return buttons.press(context.label(label, language), verb, *ids)

    def of_return(label: str, verb: str, *ids: object) -> Key:
        return key(label, verb, found.return_id, *ids)

    if not found.is_written:
        keys = [
            key("step_by_step", PART, visit_id, GUIDED),
            key("all_at_once", PART, visit_id, WHOLE),
        ]
    else:
        keys = [key("change_text", "visit_return_edit", visit_id)]
        if found.missing:
            keys.insert(0, key("go_on_writing", PART, visit_id, GUIDED))
        other = ("visit_only_me", OWN) if found.sharing == FELLOWS else ("visit_fellows", FELLOWS)
        keys.append(of_return(other[0], "visit_return_share", other[1]))
        keys += allowing(of_return, "visit_return_allow", found.summary)
        if speaker.may("share_story"):
            keys.append(of_return("visit_story", "visit_story"))
    others = key("visit_others", "visit_returns", visit_id, 0)
    text = context.text("visit_return", language, found=found, erased=erased)
    return text, with_navigation(keys, [others, back_key(context, language, visit_id)])


async def part(update: Update, context: WuxueContext) -> None:
    """一步一步写, 接着写, 一次说完, or one part to be changed."""
    speaker = await context.speaker(update)
    visit_id, name = carried(update, PART, 2)
    found = await context.read(visit_return.own, speaker, number(visit_id), now=context.now())
    await context.answer(update)
    is_guided = name == GUIDED
    if is_guided and not found.missing:
        await show(update, context, *_page(context, speaker, found))
        return
    wanted = found.missing[0] if is_guided else name
    if wanted not in LIMITS:
        raise NotThere
    await _ask(update, context, speaker, found, wanted, is_guided=is_guided)


async def _ask(
    update: Update,
    context: WuxueContext,
    speaker: Speaker,
    found: ReturnView,
    name: str,
    *,
    is_guided: bool,
    erased: str = "",
) -> None:
    answers: Answers = {
        "visit": found.visit_id,
        "version": found.version,
        "part": name,
        "old": found.parts.get(name, ""),
        "limit": LIMITS[name],
        "left": len(found.missing),
        "guided": is_guided,
        "erased": erased,
        "language": speaker.language,
    }
    await Forms(*FORMS).start(update, context, PART, answers)


async def _settle(update: Update, context: WuxueContext, answers: Answers, came: str) -> str:
    del update, context
    return usable(came, LIMITS[answers["part"]])


async def _finish_part(update: Update, context: WuxueContext, answers: Answers) -> None:
    """Kept at once; then the next part that has no words yet, or the whole to look at."""
    speaker = await context.speaker(update)

    def store(session: Session) -> ReturnView:
        saved = visit_return.save(
            session,
            speaker,
            answers["visit"],
            answers["part"],
            answers["text"],
            version=answers["version"],
            now=context.now(),
        )
        drop(session, context, speaker.chat_id, PART)
        return saved

    found = await context.in_session(store)
    erased = await guarding.erase(update, context, answers, "text")
    if answers["guided"] and found.missing:
        await _ask(update, context, speaker, found, found.missing[0], is_guided=True, erased=erased)
        return
    await show(update, context, *_page(context, speaker, found, erased=erased), is_new=True)


async def edit(update: Update, context: WuxueContext) -> None:
    """改一改: which part."""
    speaker = await context.speaker(update)
    (visit_id,) = map(number, carried(update, "visit_return_edit", 1))
    await context.read(visit_return.own, speaker, visit_id, now=context.now())
    await context.answer(update)
    language = speaker.language
    keys = [
        buttons.press(context.label(f"visit_part_{name}", language), PART, visit_id, name)
        for name in PARTS
    ]
    keys.append(buttons.press(context.label("all_at_once", language), PART, visit_id, WHOLE))
    back = buttons.press(context.label("back", language), "visit_return", visit_id)
    text = context.text("visit_return_edit", language)
    await show(update, context, text, with_navigation(keys, [back]))


def _changing(verb: str, change: Callable[..., ReturnView]) -> Act:
    """A button that says who reads it, or whether the summary may hold it."""

    async def act(update: Update, context: WuxueContext) -> None:
        speaker = await context.speaker(update)
        return_id, value = carried(update, verb, 2)
        found = await context.in_session(
            change, speaker, number(return_id), value, now=context.now()
        )
        await context.answer(update, context.label("changed_toast", speaker.language))
        await show(update, context, *_page(context, speaker, found))

    return act


async def to_story(update: Update, context: WuxueContext) -> None:
    """写成经验: a story of her own that begins with it; only she can press this."""
    speaker = await context.speaker(update)
    (return_id,) = map(number, carried(update, "visit_story", 1))
    note_key = context.services.note_key
    story_id = await context.in_session(
        story_sources.begin_from_visit, speaker, return_id, note_key=note_key, now=context.now()
    )
    await context.answer(update)
    story = await story_pages.mine(context, speaker, story_id)
    await story_pages.show_own(update, context, speaker, story, is_new=True)


async def listed(update: Update, context: WuxueContext) -> None:
    """看大家的: what may be read of it."""
    visit_id, rest = carried(update, "visit_returns", 2)
    page, words = turned_to(rest)
    await show_list(update, context, number(visit_id), words, page)
    await context.answer(update)


async def show_list(
    update: Update, context: WuxueContext, visit_id: int, words: str = "", page: int = 0
) -> None:
    """One page of it, or of what holds these words."""
    speaker = await context.speaker(update)
    found = await context.read(visit_return.listed, speaker, visit_id, words=words, page=page)
    navigation = searching(
        context,
        speaker.language,
        found,
        at=("visit_returns", visit_id),
        turn=lambda rest: buttons.data("visit_returns", visit_id, rest),
    )
    listing = Listing(
        "visit_returns",
        {"found": found, "lines": list(enumerate(found.lines, start=1))},
        [return_id for return_id, _, _ in found.lines],
        "visit_brought",
        elsewhere=(*navigation, back_key(context, speaker.language, visit_id)),
    )
    await show_page(update, context, speaker.language, found, listing)


async def opened(update: Update, context: WuxueContext) -> None:
    """What one of them brought home; 推荐经验 for who may propose it."""
    speaker = await context.speaker(update)
    (return_id,) = map(number, carried(update, "visit_brought", 1))
    found = await context.read(visit_return.read, speaker, return_id)
    source = story_sources.VISIT
    may = await context.read(story_sources.may_propose, speaker, source, return_id)
    await context.answer(update)
    language = speaker.language
    keys = []
    if may:
        label = context.label("nominate_story", language)
        keys.append(buttons.press(label, "nominate_from", source, return_id))
    back = buttons.press(
        context.label("visit_others", language), "visit_returns", found.visit_id, 0
    )
    text = context.text("visit_brought", language, found=found)
    await show(update, context, text, with_navigation(keys, [back]))


BUTTONS: dict[str, Act] = {
    "visit_return": own,
    "visit_return_edit": edit,
    "visit_return_share": _changing("visit_return_share", visit_return.share),
    "visit_return_allow": _changing("visit_return_allow", visit_return.allow),
    "visit_returns": listed,
    "visit_brought": opened,
    "visit_story": to_story,
    PART: part,
}
PART_TEXT, PART_GUARD = guarding.behind_guard(Step("text", "visit_return_part", settle=_settle))
FORMS = (
    Form(
        PART,
        (PART_TEXT, danger.STEP, PART_GUARD),
        _finish_part,
        declined=danger.declined(PART),
        way_out="stop_here",
        left="visit_return_stopped",
        way_on=("go_on_writing", "visit_return", "{visit}"),
    ),
)
