"""看笔记 in chat: a pair's notes paged; writing, changing, sharing and deleting one's own."""

from collections.abc import Callable
from typing import Any

from sqlmodel import Session
from telegram import InlineKeyboardButton, Update

from bot import buttons, guarding
from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, drop, show
from bot.handlers import danger
from bot.handlers.directory import turning, with_navigation
from bot.handlers.numbered_pages import searching, turned_to
from bot.taps import Act, carried, number
from curriculum import supervision_notes as notes
from curriculum import supervision_readers as readers
from curriculum.errors import NotThere
from curriculum.people import Speaker
from curriculum.supervision_notes import SHARED, Note, NotesPage

WRITE, EDIT = "write_note", "edit_note"
FOR_BOTH, FOR_HERSELF = "both", "own"


async def opened(update: Update, context: WuxueContext) -> None:
    """看笔记, or another page of them."""
    speaker = await context.speaker(update)
    pair_id, page = map(number, carried(update, "notes", 2))
    await show_notes(update, context, speaker, pair_id, page)
    await context.answer(update)


async def show_notes(
    update: Update, context: WuxueContext, speaker: Speaker, pair_id: int, page: int = 0
) -> None:
    """The notes of a pair that she reads, each by its number."""
    found = await context.read(
        notes.page, speaker, pair_id, page, note_key=context.services.note_key, now=context.now()
    )
    lines = list(enumerate(found.lines, start=1))
    keys = [buttons.press(str(place), "note", note.note_id) for place, note in lines]
    text = context.text("supervision_notes", speaker.language, page=found, lines=lines)
    keyboard = with_navigation(
        [*keys, *_acts(context, speaker.language, found)],
        _ways_on(context, speaker.language, found),
    )
    await show(update, context, text, keyboard, protected=True)


def _acts(context: WuxueContext, language: str, found: NotesPage) -> list[InlineKeyboardButton]:
    acts: list[tuple[str, tuple[Any, ...]]] = []
    if not found.is_over:
        acts.append(("write_note", (WRITE, found.pair_id)))
    if found.asks and found.consent is not True:
        acts.append(("give_notes_on", ("note_consent", found.pair_id, 1)))
    if found.asks and found.consent is not False:
        acts.append(("keep_notes", ("note_consent", found.pair_id, 0)))
    return [buttons.press(context.label(label, language), *data) for label, data in acts]


def _ways_on(context: WuxueContext, language: str, found: NotesPage) -> list[InlineKeyboardButton]:
    """To other pages, to older notes, and back."""
    ways = turning(
        context,
        language,
        found.page,
        found.pages,
        lambda other: buttons.data("notes", found.pair_id, other),
    )
    if found.has_earlier:
        ways.append(buttons.press(context.label("old_notes", language), "old_notes", 0))
    back = ("old_notes", 0) if found.is_over else ("own_pair", found.pair_id)
    return [*ways, buttons.press(context.label("back", language), *back)]


async def old(update: Update, context: WuxueContext) -> None:
    """以前的笔记: pairs that are over of which she still reads notes."""
    page, words = turned_to(carried(update, "old_notes", 1)[0])
    await show_old(update, context, 0, words, page)
    await context.answer(update)


async def show_old(
    update: Update, context: WuxueContext, of: int, words: str = "", page: int = 0
) -> None:
    """One page of them, or of those with whom these words name; they are of her (`of` 0)."""
    del of
    speaker = await context.speaker(update)
    found = await context.read(
        readers.earlier_page, speaker, words=words, page=page, now=context.now()
    )
    language = speaker.language
    lines = list(enumerate(found.lines, start=1))
    keys = [buttons.press(str(place), "notes", line.pair_id, 0) for place, line in lines]
    ways = searching(
        context,
        language,
        found,
        at=("old_notes", 0),
        turn=lambda rest: buttons.data("old_notes", rest),
    )
    ways.append(buttons.press(context.label("back_to_pairs", language), "open", "supervise"))
    text = context.text("supervision_old_notes", language, found=found, lines=lines)
    await show(update, context, text, with_navigation(keys, ways), protected=True)


async def read(update: Update, context: WuxueContext) -> None:
    """One note."""
    speaker = await context.speaker(update)
    note_id = number(carried(update, "note", 1)[0])
    await _show_note(update, context, speaker, note_id)
    await context.answer(update)


async def _show_note(update: Update, context: WuxueContext, speaker: Speaker, note_id: int) -> None:
    note = await context.read(
        notes.one, speaker, note_id, note_key=context.services.note_key, now=context.now()
    )
    language = speaker.language
    acts: list[tuple[str, tuple[Any, ...]]] = []
    if note.is_own:
        marked = (note.version, note_id)
        acts += [("undo", ("note_undo", *marked))] if note.may_undo else []
        acts += [("change_note", (EDIT, *marked))]
        acts += [("share_note", ("note_share", *marked))] if note.may_share else []
        acts += [("drop_note", ("note_drop", *marked))]
    keys = [buttons.press(context.label(label, language), *data) for label, data in acts]
    text = context.text("supervision_note", language, note=note)
    keyboard = with_navigation(keys, [_back(context, language, note)])
    await show(update, context, text, keyboard, protected=True)


def _back(context: WuxueContext, language: str, note: Note) -> InlineKeyboardButton:
    return buttons.press(context.label("back_to_notes", language), "notes", note.pair_id, 0)


async def write(update: Update, context: WuxueContext, forms: Forms) -> None:
    """写笔记: for whom, then the words."""
    speaker = await context.speaker(update)
    pair_id = number(carried(update, WRITE, 1)[0])
    await context.read(notes.may_write, speaker, pair_id, now=context.now())
    await context.answer(update)
    answers: Answers = {"pair": pair_id, "language": speaker.language}
    await forms.start(update, context, WRITE, answers)


async def change(update: Update, context: WuxueContext, forms: Forms) -> None:
    """改笔记: the words anew; what they are now stands above until then."""
    speaker = await context.speaker(update)
    seen, note_id = map(number, carried(update, EDIT, 2))
    note = await context.read(
        notes.one, speaker, note_id, note_key=context.services.note_key, now=context.now()
    )
    if not note.is_own:
        raise NotThere
    await context.answer(update)
    answers: Answers = {
        "note": note_id,
        "seen": seen,
        "pair": note.pair_id,
        "before": note.text,
        "is_shared": note.kind == SHARED,
        "language": speaker.language,
    }
    await forms.start(update, context, EDIT, answers)


async def _finish_write(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)

    def store(session: Session) -> int:
        drop(session, context, speaker.chat_id, WRITE)
        return notes.write(
            session,
            speaker,
            answers["pair"],
            answers["text"],
            is_shared=answers["kind"] == FOR_BOTH,
            note_key=context.services.note_key,
            now=context.now(),
        )

    note_id = await context.in_session(store)
    is_shared = answers["kind"] == FOR_BOTH
    await _saved(update, context, speaker, answers, note_id=note_id, is_shared=is_shared)


async def _finish_change(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)
    note_id = int(answers["note"])

    def store(session: Session) -> None:
        drop(session, context, speaker.chat_id, EDIT)
        notes.edit(
            session,
            speaker,
            note_id,
            answers["text"],
            seen=answers["seen"],
            note_key=context.services.note_key,
            now=context.now(),
        )

    await context.in_session(store)
    is_shared = bool(answers["is_shared"])
    await _saved(update, context, speaker, answers, note_id=note_id, is_shared=is_shared)


async def _saved(
    update: Update,
    context: WuxueContext,
    speaker: Speaker,
    answers: Answers,
    *,
    note_id: int,
    is_shared: bool,
) -> None:
    """Say that it is kept and who reads it; her words are taken out of the chat."""
    erased = await guarding.erase(update, context, answers, "text", is_private=True)
    language = speaker.language
    text = context.text("supervision_note_kept", language, is_shared=is_shared, erased=erased)
    keyboard = buttons.row(
        buttons.press(context.label("open_question", language), "note", note_id),
        buttons.press(context.label("back_to_notes", language), "notes", answers["pair"], 0),
    )
    await show(update, context, text, keyboard, protected=True)


async def share(update: Update, context: WuxueContext) -> None:
    """设为共同."""
    note_id = await _change(update, context, "note_share", notes.share)
    await _show_note(update, context, await context.speaker(update), note_id)


async def drop_note(update: Update, context: WuxueContext) -> None:
    """删掉笔记: nobody reads it any more; 撤销 for ten minutes."""
    speaker = await context.speaker(update)
    seen, note_id = map(number, carried(update, "note_drop", 2))
    row = await context.in_session(notes.drop, speaker, note_id, seen=seen, now=context.now())
    await context.answer(update, context.label("changed_toast", speaker.language))
    language = speaker.language
    keyboard = buttons.row(
        buttons.press(context.label("undo", language), "note_undo", row.version, note_id),
        buttons.press(context.label("back_to_notes", language), "notes", row.pair_id, 0),
    )
    await show(update, context, context.text("supervision_note_dropped", language), keyboard)


async def take_back(update: Update, context: WuxueContext) -> None:
    """撤销 of deleting a note, or of making it shared."""
    note_id = await _change(update, context, "note_undo", notes.take_back)
    await _show_note(update, context, await context.speaker(update), note_id)


async def _change(update: Update, context: WuxueContext, verb: str, act: Callable[..., Any]) -> int:
    """Do something to a note of her own as she saw it; gives its id."""
    speaker = await context.speaker(update)
    seen, note_id = map(number, carried(update, verb, 2))
    await context.in_session(act, speaker, note_id, seen=seen, now=context.now())
    await context.answer(update, context.label("changed_toast", speaker.language))
    return note_id


async def consent(update: Update, context: WuxueContext) -> None:
    """给新督导看, or 不给看: the worker's to say, and to change."""
    speaker = await context.speaker(update)
    pair_id, given = map(number, carried(update, "note_consent", 2))
    await context.in_session(
        readers.set_consent, speaker, pair_id, is_given=bool(given), now=context.now()
    )
    await context.answer(update, context.label("changed_toast", speaker.language))
    await show_notes(update, context, speaker, pair_id)


def _steps(template: str) -> tuple[Step, ...]:
    text, guard = guarding.behind_guard(Step("text", template, (), notes.readable))
    return text, danger.STEP, guard


BUTTONS: dict[str, Act] = {
    "notes": opened,
    "note": read,
    "old_notes": old,
    "note_share": share,
    "note_drop": drop_note,
    "note_undo": take_back,
    "note_consent": consent,
}
FORM_BUTTONS = {WRITE: write, EDIT: change}
FORMS = (
    Form(
        WRITE,
        (
            Step(
                "kind",
                "supervision_note_kind",
                ((FOR_BOTH, "note_for_both"), (FOR_HERSELF, "note_for_herself")),
            ),
            *_steps("supervision_note_write"),
        ),
        _finish_write,
        protected=True,
        declined=danger.declined(WRITE),
        way_on=("back_to_notes", "notes", "{pair}", "0"),
    ),
    Form(
        EDIT,
        _steps("supervision_note_change"),
        _finish_change,
        protected=True,
        declined=danger.declined(EDIT),
        way_on=("back_to_notes", "notes", "{pair}", "0"),
    ),
)
