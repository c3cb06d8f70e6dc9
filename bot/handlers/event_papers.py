"""The papers of an event in chat: sending them, what is there, adding one, removing one.

A file is taken only while the form that asks for it is open.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, drop, show, waiting
from bot.handlers.directory import with_navigation
from bot.taps import Act, carried, number
from curriculum.errors import NotThere
from curriculum.event_papers import MOST, Papers, Shelf
from curriculum.people import Speaker
from curriculum.rich_text import RichText

DONE = "done"


@dataclass(frozen=True, slots=True)
class Desk:
    """Where the papers of one kind of event are looked after.

    `name` begins its buttons, labels and templates; a form calls the event's id `of`. `read` looks
    an event up, `page` shows it in the hands of whoever arranges it. `others` are more things that
    can be added beside papers, each by its label and verb in one.
    """

    name: str
    of: str
    shelf: Shelf
    read: Callable[..., Any]
    page: Callable[..., tuple[RichText, InlineKeyboardMarkup]]
    others: tuple[str, ...] = ()

    @property
    def adding(self) -> str:
        """The form that takes papers, and the button that opens it."""
        return f"{self.name}_add_papers"

    @property
    def buttons(self) -> dict[str, Act]:
        """What its buttons do."""
        return {f"{self.name}_keep": self.keep, f"{self.name}_drop": self.remove}

    @property
    def form(self) -> Form:
        """加文件, one after the other until 好了."""
        step = Step("files", f"{self.name}_papers", ((DONE, f"{self.name}_done"),))
        return Form(self.adding, (step,), self._finish, asks_again=True, way_on=self.way_on)

    @property
    def way_on(self) -> tuple[str, ...]:
        """Back to the papers, from a form that was left."""
        return (f"{self.name}_papers", f"{self.name}_keep", f"{{{self.of}}}")

    async def arranged(
        self, update: Update, context: WuxueContext, verb: str
    ) -> tuple[Speaker, int]:
        """(who pressed, the event it carries), which she has to arrange; raises NotThere."""
        speaker = await context.speaker(update)
        (event_id,) = map(number, carried(update, verb, 1))
        event = await context.read(self.read, speaker, event_id, now=context.now())
        if not event.is_arranger:
            raise NotThere
        return speaker, event_id

    async def send(self, update: Update, context: WuxueContext, verb: str) -> None:
        """看文件 of whoever sees the event: each paper as Telegram keeps it."""
        speaker = await context.speaker(update)
        (event_id,) = map(number, carried(update, verb, 1))
        found = await context.read(self.shelf.listed, speaker, event_id, now=context.now())
        await context.answer(update)
        await context.send_kept(speaker.chat_id, (paper.file_id for paper in found.papers))

    async def keep(self, update: Update, context: WuxueContext) -> None:
        """文件 of whoever arranges it: what is there, and adding or removing."""
        speaker, event_id = await self.arranged(update, context, f"{self.name}_keep")
        found = await context.read(self.shelf.listed, speaker, event_id, now=context.now())
        await context.answer(update)
        await show(update, context, *self._kept(context, speaker, found))

    async def remove(self, update: Update, context: WuxueContext) -> None:
        """A number: that paper goes."""
        speaker = await context.speaker(update)
        event_id, paper_id = map(number, carried(update, f"{self.name}_drop", 2))
        found = await context.in_session(
            self.shelf.drop, speaker, event_id, paper_id, now=context.now()
        )
        await context.answer(update, context.label("changed_toast", speaker.language))
        await show(update, context, *self._kept(context, speaker, found))

    async def begin(self, update: Update, context: WuxueContext, forms: Forms) -> None:
        """加文件."""
        speaker, event_id = await self.arranged(update, context, self.adding)
        found = await context.read(self.shelf.listed, speaker, event_id, now=context.now())
        await context.answer(update)
        await forms.start(update, context, self.adding, self._answers(speaker, found))

    async def received(self, update: Update, context: WuxueContext, *, otherwise: Act) -> None:
        """A paper for the event whose form is open; `otherwise` takes everything else."""
        message, found = update.effective_message, await waiting(update, context)
        document = message.document if message is not None else None
        if document is None or found is None or found[1].form != self.adding:
            await otherwise(update, context)
            return
        speaker, draft = found
        papers = await context.in_session(
            self.shelf.add,
            speaker,
            draft.answers[self.of],
            file_id=document.file_id,
            name=document.file_name or "",
            size=document.file_size or 0,
            now=context.now(),
        )
        await Forms(self.form).start(update, context, self.adding, self._answers(speaker, papers))

    async def managed(
        self, update: Update, context: WuxueContext, speaker: Speaker, event_id: int
    ) -> None:
        """The event in the hands of whoever arranges it, as it stands now."""
        event = await context.read(self.read, speaker, event_id, now=context.now())
        await show(update, context, *self.page(context, speaker, event))

    async def _finish(self, update: Update, context: WuxueContext, answers: Answers) -> None:
        speaker = await context.speaker(update)
        await context.in_session(drop, context, speaker.chat_id, self.adding)
        await self.managed(update, context, speaker, answers[self.of])

    def _answers(self, speaker: Speaker, found: Papers) -> Answers:
        return {
            self.of: found.event_id,
            "title": found.title,
            "language": speaker.language,
            "lines": [[n, one.name] for n, one in enumerate(found.papers, start=1)],
            "is_adding": True,
            "limit": MOST,
        }

    def _kept(
        self, context: WuxueContext, speaker: Speaker, found: Papers
    ) -> tuple[RichText, InlineKeyboardMarkup]:
        """The papers, each a button that removes it; below, what can be added."""
        language = speaker.language

        def key(label: str, verb: str) -> InlineKeyboardButton:
            return buttons.press(context.label(label, language), verb, found.event_id)

        lines = [(n, one.name) for n, one in enumerate(found.papers, start=1)]
        keys = [
            buttons.press(str(n), f"{self.name}_drop", found.event_id, one.paper_id)
            for n, one in enumerate(found.papers, start=1)
        ]
        ways = [key(way, way) for way in (self.adding, *self.others)]
        ways.append(key(f"{self.name}_back", f"{self.name}_manage"))
        text = context.text(
            f"{self.name}_papers", language, lines=lines, is_adding=False, limit=MOST
        )
        return text, with_navigation(keys, ways)
