"""课程 in chat: modules, lessons and the way back as buttons; finding a lesson by words."""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate
from unicodedata import east_asian_width

import regex  # type: ignore[import-untyped]
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, drop, show
from bot.handlers import questions
from bot.taps import FormAct, number
from curriculum import library
from curriculum.errors import NotThere
from curriculum.library import LessonLine, ModuleLine
from curriculum.people import Speaker

FIND = "library_find"
# The verb of the button that sends a lesson to read, as asked for.
READ = "lesson"
# Six buttons and one row to move with (EXPERIENCE section 2).
PAGE = 6
# What a button shows of a title, so that a narrow phone shows the mark behind it too.
TITLE_COLUMNS = 32
SEPARATOR = " · "
Key = InlineKeyboardButton


async def library_command(update: Update, context: WuxueContext) -> None:
    """/library opens the shelf; with words behind it, it searches."""
    words = " ".join(context.args or ())
    if words:
        await _search(update, context, words)
    else:
        await shelf(update, context)


async def shelf(update: Update, context: WuxueContext) -> None:
    """The modules of her pack, or a choice where she may read several packs."""
    speaker = await context.speaker(update)
    packs = await context.read(library.readable_packs, speaker)
    if not packs:
        await context.say(speaker.chat_id, context.text("library_none", speaker.language))
    elif len(packs) == 1:
        await _show_shelf(update, context, speaker, packs[0].pack_id, 0, is_new=True)
    else:
        await _show_packs(update, context, speaker, 0, is_new=True)


async def ask_words(update: Update, context: WuxueContext, forms: Forms) -> None:
    """找课: what she writes next is looked for."""
    speaker = await context.speaker(update)
    speaker.require("read_library")
    await forms.start(update, context, FIND, {"language": speaker.language})


async def pressed(update: Update, context: WuxueContext, *, forms: Forms) -> None:
    """A button of the library; a forged one looks like one that does not exist."""
    speaker = await context.speaker(update)
    what, *ids = ((update.callback_query and update.callback_query.data) or "").split(":")[1:]
    match what, ids:
        case "find", []:
            await ask_words(update, context, forms)
        case "packs", [page]:
            await _show_packs(update, context, speaker, number(page))
        case "shelf", [pack, page]:
            await _show_shelf(update, context, speaker, number(pack), number(page))
        case "module", [pack, code, page]:
            await _show_module(update, context, speaker, number(pack), code, page=number(page))
        case "lesson", [lesson]:
            await _show_lesson(update, context, speaker, number(lesson))
        case _:
            raise NotThere
    await context.answer(update)


async def _show_packs(
    update: Update, context: WuxueContext, speaker: Speaker, page: int, *, is_new: bool = False
) -> None:
    packs = await context.read(library.readable_packs, speaker)
    keys = [
        buttons.press(_short(pack.title), "library", "shelf", pack.pack_id, 0) for pack in packs
    ]
    keyboard = _paged(context, speaker, keys, page, here=("packs",), ways=[_find(context, speaker)])
    text = context.text("library_packs", speaker.language)
    await show(update, context, text, keyboard, is_new=is_new)


async def _show_shelf(
    update: Update,
    context: WuxueContext,
    speaker: Speaker,
    pack_id: int,
    page: int,
    *,
    is_new: bool = False,
) -> None:
    opened = await context.read(library.shelf, speaker, pack_id, now=context.now())
    keys = [
        buttons.press(
            _module_label(context, speaker, line), "library", "module", pack_id, line.code, 0
        )
        for line in opened.modules
    ]
    ways = [_find(context, speaker)]
    if opened.resume is not None:
        label = context.label("resume_lesson", speaker.language)
        ways.insert(0, buttons.press(label, "library", "lesson", opened.resume.lesson_id))
    if opened.has_others:
        ways.append(_back(context, speaker, "packs", 0))
    keyboard = _paged(context, speaker, keys, page, here=("shelf", pack_id), ways=ways)
    text = context.text("library_shelf", speaker.language, shelf=opened)
    await show(update, context, text, keyboard, is_new=is_new)


async def _show_module(
    update: Update, context: WuxueContext, speaker: Speaker, pack_id: int, code: str, *, page: int
) -> None:
    opened = await context.read(library.module_shelf, speaker, pack_id, code, now=context.now())
    keys = [
        buttons.press(_lesson_label(context, speaker, line), "library", "lesson", line.lesson_id)
        for line in opened.lessons
    ]
    up = _back(context, speaker, "shelf", pack_id, 0)
    keyboard = _paged(context, speaker, keys, page, here=("module", pack_id, code), ways=[up])
    text = context.text("library_module", speaker.language, shelf=opened)
    await show(update, context, text, keyboard)


async def _show_lesson(
    update: Update, context: WuxueContext, speaker: Speaker, lesson_id: int
) -> None:
    page = await context.read(library.lesson_page, speaker, lesson_id, now=context.now())
    read = buttons.press(context.label("read_lesson", speaker.language), READ, lesson_id)
    place = page.place // PAGE
    up = _back(context, speaker, "module", page.pack_id, page.module_code, place)
    text = context.text("library_lesson", speaker.language, page=page)
    await show(update, context, text, InlineKeyboardMarkup([[read], [up]]))


async def _finish(update: Update, context: WuxueContext, answers: Answers) -> None:
    await _search(update, context, answers["words"])


async def _search(update: Update, context: WuxueContext, written: str) -> None:
    """Say what was found; where nothing was, offer the nearest and to keep the words."""
    speaker = await context.speaker(update)
    found = await context.read(library.find, speaker, written, now=context.now())
    keys = [
        buttons.press(_lesson_label(context, speaker, line, with_module=True), READ, line.lesson_id)
        for line in found.lessons
    ]
    hold = None
    if found.is_found:
        await context.in_session(drop, context, speaker.chat_id, FIND)
    else:
        hold = await questions.hold(update, context, speaker, written, instead_of=FIND)
    text = context.text(
        "library_found" if found.is_found else "library_not_found",
        speaker.language,
        found=found,
        can_ask=hold is not None,
    )
    rows = [[key] for key in (*keys, hold) if key is not None]
    await context.say(
        speaker.chat_id, text, InlineKeyboardMarkup([*rows, [_find(context, speaker)]])
    )


def _paged(
    context: WuxueContext,
    speaker: Speaker,
    keys: Sequence[Key],
    page: int,
    *,
    here: tuple[object, ...],
    ways: Sequence[Key],
) -> InlineKeyboardMarkup:
    """One page of buttons, one below the other, and a row to move with; past the end is the end."""
    last = max(0, (len(keys) - 1) // PAGE)
    page = min(page, last)
    turns = [
        buttons.press(context.label(label, speaker.language), "library", *here, page + by)
        for label, by, is_there in (
            ("previous_page", -1, page > 0),
            ("next_page", 1, page < last),
        )
        if is_there
    ]
    shown = [[key] for key in keys[page * PAGE : (page + 1) * PAGE]]
    return InlineKeyboardMarkup([*shown, [*turns, *ways]])


def _find(context: WuxueContext, speaker: Speaker) -> Key:
    return buttons.press(context.label("find_lesson", speaker.language), "library", "find")


def _back(context: WuxueContext, speaker: Speaker, *where: object) -> Key:
    return buttons.press(context.label("back", speaker.language), "library", *where)


def _module_label(context: WuxueContext, speaker: Speaker, line: ModuleLine) -> str:
    count = str(line.count)
    if line.learned:
        mark = context.label("learned_mark", speaker.language)
        count = f"{mark} {line.learned}/{line.count}"
    return SEPARATOR.join((_short(line.title), count))


def _lesson_label(
    context: WuxueContext, speaker: Speaker, line: LessonLine, *, with_module: bool = False
) -> str:
    """The title, whether she has learned it, where it belongs; what matters less comes later."""
    pieces = [_short(line.title)]
    if line.is_learned:
        pieces.append(context.label("learned_mark", speaker.language))
    if with_module:
        pieces.append(_short(line.module))
    return SEPARATOR.join(pieces)


def _short(title: str) -> str:
    """A title cut to TITLE_COLUMNS, never inside a Tibetan stack; Chinese takes two columns."""
    signs = regex.findall(r"\X", title)
    ends = list(accumulate(1 + (east_asian_width(sign[0]) in "WF") for sign in signs))
    if not ends or ends[-1] <= TITLE_COLUMNS:
        return title
    return "".join(signs[: bisect_left(ends, TITLE_COLUMNS)]) + "…"


FORM_BUTTONS: dict[str, FormAct] = {
    "library": pressed,
}
FORMS = (
    Form(FIND, (Step("words", "library_ask"),), _finish, way_on=("library", "open", "library")),
)
