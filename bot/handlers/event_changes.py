"""改安排 and 取消 of an event as forms: one thing at a time, read back with how many hear of it."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Protocol

from sqlmodel import Session
from telegram import Update

from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, drop, show
from bot.handlers.event_pages import Page
from bot.taps import FormAct, carried, number
from curriculum.errors import NotThere
from curriculum.people import Speaker


class Rules(Protocol):
    """By which rules one kind of event is changed, as its module of `curriculum` has them."""

    propose: Callable[..., Any]
    change: Callable[..., Any]
    cancel: Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Changing:
    """How one kind of event is changed in chat.

    `name` begins its buttons, labels and templates; a form calls the event's id `of`. `groups` are
    the fields that can be changed as they are offered, `days` those of them that are dates.
    `present` gives what the template needs of a field as it stands, `page` shows the event in the
    hands of whoever arranges it, `way_on` leads there.
    """

    name: str
    of: str
    groups: Mapping[str, tuple[str, ...]]
    days: tuple[str, ...]
    read: Callable[..., Any]
    rules: Rules
    present: Callable[[WuxueContext, Any, str, str], Mapping[str, Any]]
    page: Page
    way_on: tuple[str, ...]

    @property
    def form_buttons(self) -> dict[str, FormAct]:
        """What opens its two forms."""
        return {
            f"{self.name}_change": self._begin_change,
            f"{self.name}_cancel": self._begin_cancel,
        }

    @property
    def forms(self) -> tuple[Form, Form]:
        """改安排 and 取消."""
        name = self.name
        fields = Step(
            "group", f"{name}_field", tuple((one, f"{name}_group_{one}") for one in self.groups)
        )
        change = (
            fields,
            Step("field", f"{name}_field", offer=self._fields, take=self._field),
            Step("value", f"{name}_value", settle=self._value, facts=self._present),
            Step("sure", f"{name}_sure", (("yes", f"{name}_confirm"),), facts=self._sure),
        )
        cancel = (
            Step("value", f"{name}_cancel", settle=self._value),
            Step("sure", f"{name}_sure", (("yes", f"{name}_cancel"),), facts=self._sure),
        )
        return (
            Form(f"{name}_change", change, self._change, asks_again=True, way_on=self.way_on),
            Form(f"{name}_cancel", cancel, self._cancel, asks_again=True, way_on=self.way_on),
        )

    async def begin(
        self,
        update: Update,
        context: WuxueContext,
        forms: Forms,
        form: str,
        *,
        may: Callable[[Any], bool] = lambda event: bool(event.is_arranger),
    ) -> None:
        """Open a form on the event that its button carries, for whoever may; raises NotThere."""
        speaker = await context.speaker(update)
        (event_id,) = map(number, carried(update, form, 1))
        found = await context.read(self.read, speaker, event_id, now=context.now())
        if not may(found):
            raise NotThere
        await context.answer(update)
        answers: Answers = {
            self.of: event_id,
            "mark": found.version,
            "title": found.title,
            "language": speaker.language,
        }
        await forms.start(update, context, form, answers)

    async def store(
        self,
        update: Update,
        context: WuxueContext,
        answers: Answers,
        form: str,
        change: Callable[..., Any],
        **what: str,
    ) -> None:
        """Make a change on the version it was begun on, and show the event."""
        speaker = await context.speaker(update)

        def stored(session: Session) -> Any:
            # In one transaction: what is refused leaves the form where it stands.
            drop(session, context, speaker.chat_id, form)
            at: dict[str, Any] = {"seen": answers["mark"], "now": context.now()}
            return change(session, speaker, answers[self.of], **what, **at)

        found = await context.in_session(stored)
        await show(update, context, *self.page(context, speaker, found))

    async def _begin_change(self, update: Update, context: WuxueContext, forms: Forms) -> None:
        """改安排: which of it, then to what."""
        await self.begin(update, context, forms, f"{self.name}_change")

    async def _begin_cancel(self, update: Update, context: WuxueContext, forms: Forms) -> None:
        """取消: why, then whether she is sure."""
        await self.begin(update, context, forms, f"{self.name}_cancel")

    async def _change(self, update: Update, context: WuxueContext, answers: Answers) -> None:
        what = {"field": answers["field"], "value": answers["value"]["value"]}
        form, change = f"{self.name}_change", self.rules.change
        await self.store(update, context, answers, form, change, **what)

    async def _cancel(self, update: Update, context: WuxueContext, answers: Answers) -> None:
        form, cancel = f"{self.name}_cancel", self.rules.cancel
        await self.store(update, context, answers, form, cancel, reason=answers["value"]["value"])

    async def _fields(
        self, update: Update, context: WuxueContext, answers: Answers
    ) -> list[tuple[str, str]]:
        """What of a group can be changed."""
        del update
        label, language = f"{self.name}_field_", answers["language"]
        fields = self.groups[answers["group"]]
        return [(field, context.label(label + field, language)) for field in fields]

    def _field(self, came: str) -> str:
        """One that was pressed; what is typed here names none."""
        if not any(came in fields for fields in self.groups.values()):
            raise NotThere
        return came

    async def _present(
        self, update: Update, context: WuxueContext, answers: Answers
    ) -> Mapping[str, Any]:
        """What stands now."""
        speaker: Speaker = await context.speaker(update)
        found = await context.read(self.read, speaker, answers[self.of], now=context.now())
        return self.present(context, found, answers["field"], answers["language"])

    async def _value(
        self, update: Update, context: WuxueContext, answers: Answers, came: str
    ) -> dict[str, Any]:
        """What was written, once it can be read, and how many would be told."""
        speaker, field = await context.speaker(update), answers.get("field", "cancel")
        found = await context.read(
            self.rules.propose, speaker, answers[self.of], field, came, now=context.now()
        )
        return asdict(found)

    async def _sure(
        self, update: Update, context: WuxueContext, answers: Answers
    ) -> dict[str, Any]:
        del update
        field, found = answers.get("field", "cancel"), answers["value"]
        value = found["value"]
        if field in self.days:
            value = context.services.renderer.day(date.fromisoformat(value), answers["language"])
        return {**found, "field": field, "value": value}
