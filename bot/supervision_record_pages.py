"""A record of supervision in words: its page and buttons, its form to fill in, its paper."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot import buttons
from bot.context import WuxueContext
from bot.handlers.directory import with_navigation
from bot.render import Renderer
from bot.reports import docx_text
from bot.reports.blocks import Block, Document, Fields, Heading, Table
from bot.reports.cells import utf16_units
from curriculum import supervision_readers
from curriculum.people import Speaker
from curriculum.rich_text import RichText
from curriculum.supervision_pages import PairPage
from curriculum.supervision_record_form import (
    DATE,
    FIELDS,
    FUNCTIONS,
    MINUTES,
    MODE,
    NAMES,
    printed,
)
from curriculum.supervision_record_view import ActionLine, RecordView
from curriculum.supervision_texts import ACTIONS, CASE, NEXT_ON, TEXTS

# What one message of Telegram holds, and a margin; beyond it what was added is cut short.
FITS = 4000
# A bookmark of the Word form names the record and the field.
MARK = "wxr"
Key = InlineKeyboardButton


def page(
    renderer: Renderer, view: RecordView, *, erased: str = ""
) -> tuple[RichText, InlineKeyboardMarkup]:
    """A record with what its reader can do about it now."""
    language = view.language
    facts = {"view": view, "erased": erased}
    text = renderer.text("supervision_record", language, **facts, brief=False)
    if utf16_units(text.text) > FITS:
        text = renderer.text("supervision_record", language, **facts, brief=True)
    keys = [
        buttons.press(renderer.label(label, language), verb, *ids)
        for label, verb, *ids in _acts(view)
    ]
    return text, with_navigation(keys, _back(renderer, view))


def _back(renderer: Renderer, view: RecordView) -> list[Key]:
    """To the records of the pair and to the pair; to all records from one of several."""
    pair_id, language = view.pair_id or 0, view.language
    ways = [buttons.press(renderer.label("to_records", language), "sup_recs", pair_id, 0, "")]
    if pair_id:
        ways.append(buttons.press(renderer.label("to_pair", language), "own_pair", pair_id))
    return ways


def _acts(view: RecordView) -> list[tuple[Any, ...]]:
    record, marked = view.record_id, (view.version, view.record_id)
    acts: list[tuple[Any, ...]] = []
    if view.undo:
        acts.append(("undo", f"sup_rec_undo_{view.undo}", *marked))
    if view.state == "draft" and view.is_writer:
        if not view.missing:
            acts.append(("record_submit", "sup_rec_submit", *marked))
        acts += [
            ("record_at_once", "sup_rec_text", record),
            ("record_steps", "sup_rec_steps", record),
            ("record_docx", "sup_rec_docx", record),
        ]
        if view.number is None:
            acts.append(("drop_draft", "sup_rec_drop", record))
    elif view.state == "waiting" and view.is_worker and not view.is_writer:
        if view.may_confirm:
            acts += [
                ("confirm", "sup_rec_confirm", *marked),
                ("record_return", "sup_rec_return", *marked),
            ]
        acts.append(("record_reflect", "sup_rec_reflect", record))
    elif view.state == "sealed":
        acts += [
            ("record_add", "sup_rec_add", record),
            ("record_word", "sup_rec_paper", record, "docx"),
            ("record_pdf", "sup_rec_paper", record, "pdf"),
        ]
    return acts


def pair_acts(found: PairPage) -> list[tuple[str, tuple[Any, ...]]]:
    """What the page of a pair offers about its records and actions."""
    acts: list[tuple[str, tuple[Any, ...]]] = []
    pair, session = found.pair, found.session
    if found.accompanies and not found.is_ahead:
        booking = session.booking_id if session is not None and session.state == "booked" else 0
        acts.append(("write_record", ("sup_rec_new", pair.pair_id, booking)))
    if found.actions:
        acts.append(("see_actions", ("sup_acts", pair.pair_id)))
    acts.append(("to_records", ("sup_recs", pair.pair_id, 0, "")))
    return acts


async def old_notes(context: WuxueContext, speaker: Speaker) -> list[Key]:
    """以前的笔记, where she still reads some of pairs that are over."""
    if not await context.read(supervision_readers.earlier, speaker, now=context.now()):
        return []
    return [buttons.press(context.label("old_notes", speaker.language), "old_notes", 0)]


def values(renderer: Renderer, view: RecordView) -> dict[str, Any]:
    """Every field as it would be typed; what was not understood as it was written."""
    language = view.language

    def label(name: str) -> str:
        return renderer.label(name, language)

    found: dict[str, Any] = {
        DATE: view.occurred_on,
        MINUTES: str(view.minutes),
        MODE: label(f"supervision_{view.mode}"),
        FUNCTIONS: "、".join(label(f"supervision_{name}") for name in view.functions),
        **view.texts,
        ACTIONS: [action_line(renderer, language, line) for line in view.actions],
        NEXT_ON: view.next_on,
        CASE: view.case,
    }
    return found | dict(view.unread)


def action_line(renderer: Renderer, language: str, line: ActionLine) -> str:
    """卓玛 12月10日(周四) 写三句开场白."""
    return f"{line.name} {renderer.day(line.due_on, language)} {line.text}"


def form(renderer: Renderer, view: RecordView) -> str:
    """The message to copy."""
    return printed(
        values(renderer, view),
        view.language,
        day=lambda day: renderer.day(day, view.language),
    )


def form_docx(renderer: Renderer, view: RecordView) -> bytes:
    """The same form as a Word document whose fields are known when it comes back."""
    sections = []
    for code, value in ((code, values(renderer, view).get(code) or "") for code in FIELDS):
        text = renderer.day(value, view.language) if isinstance(value, date) else value
        text = text if isinstance(text, str) else "\n".join(text)
        name = NAMES[view.language][code][0]
        sections.append(docx_text.Section(f"{MARK}_{view.record_id}_{code}", 2, name, text))
    return docx_text.written(renderer.label("supervision_paper", view.language), sections)


def read_docx(data: bytes) -> tuple[int, str] | None:
    """The record a document is of, and its fields as a message would have them.

    None for a document that is no record's; raises NoDocument.
    """
    record_id, lines = 0, []
    for section in docx_text.read(data):
        mark = section.key.split("_", 2)
        is_ours = len(mark) == 3 and mark[0] == MARK and mark[1].isdecimal()
        if is_ours and len(mark[1]) <= buttons.DATA_BYTES // 4:
            record_id = int(mark[1])
            name = NAMES["zh"].get(mark[2], ("",))[0]
        else:
            name = section.heading
        lines.append(f"{name}：{section.text}")
    return (record_id, "\n".join(lines)) if record_id else None


def paper(renderer: Renderer, view: RecordView) -> Document:
    """督导记录表: the record to print and to file."""
    language = view.language

    def label(name: str) -> str:
        return renderer.label(name, language)

    known = values(renderer, view)
    head: list[tuple[str, str]] = [
        (label("supervision_number"), str(view.number or "")),
        (NAMES[language][DATE][0], f"{view.occurred_on.year}-{view.occurred_on:%m-%d}"),
        (
            NAMES[language][MINUTES][0],
            label("supervision_minutes_long").format(minutes=view.counted_minutes),
        ),
        (NAMES[language][MODE][0], str(known[MODE])),
        (label("supervision_form"), label(f"supervision_{view.form}")),
        (NAMES[language][FUNCTIONS][0], str(known[FUNCTIONS])),
    ]
    if view.supervisor:
        head.append((label("supervisor"), view.supervisor))
    head.append((label("supervision_worker"), "、".join(one.name for one in view.people)))
    head += [(NAMES[language][code][0], str(known[code])) for code in (CASE, *TEXTS) if known[code]]
    blocks: list[Block] = [
        Heading(label("supervision_paper"), 1),
        Fields(tuple(head)),
        Heading(NAMES[language][ACTIONS][0], 2),
        _actions(label, view.actions),
    ]
    blocks.append(Fields(tuple(_ending(renderer, view, label))))
    return Document(blocks, language=language, foot=label("supervision_paper_foot"))


def _actions(label: Any, lines: Sequence[ActionLine]) -> Table:
    columns = ("owner", "what", "due", "state")
    return Table(
        tuple(label(f"supervision_action_{name}") for name in columns),
        tuple(
            (
                line.name,
                line.text,
                line.due_on.isoformat(),
                label(f"supervision_action_is_{line.state}"),
            )
            for line in lines
        ),
        (1.2, 4, 1.4, 1),
    )


def _ending(renderer: Renderer, view: RecordView, label: Any) -> list[tuple[str, str]]:
    """What each worker said, how it was confirmed, the next date, what was added."""
    language = view.language
    rows = [
        (f"{label('supervision_reflection')} {one.name}", one.reflection)
        for one in view.people
        if one.reflection
    ]
    if view.next_on is not None:
        rows.append((NAMES[language][NEXT_ON][0], view.next_on.isoformat()))
    how = "one_sided" if view.is_one_sided else "both"
    rows.append((label("supervision_confirmed"), label(f"supervision_is_{how}")))
    rows += [
        (f"{label('supervision_added')} {renderer.moment(one.added_at, language)}", added(one))
        for one in view.additions
    ]
    return rows


def added(one: Any) -> str:
    """卓玛：补一句."""
    return f"{one.name}：{one.text}"
