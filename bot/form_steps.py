"""The steps a form is made of: what is asked, what may be answered, what becomes of it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from telegram import Update

from bot.context import WuxueContext

Answers = dict[str, Any]
Offer = Callable[[Update, WuxueContext, Answers], Awaitable[Sequence[tuple[str, str]]]]
Settle = Callable[[Update, WuxueContext, Answers, str], Awaitable[Any]]
Facts = Callable[[Update, WuxueContext, Answers], Awaitable[Mapping[str, Any]]]
Put = Callable[[Answers, Any], Answers]
# A button's label, its verb and what it carries.
Way = tuple[str, ...]


def _always(answers: Answers) -> bool:
    del answers
    return True


@dataclass(frozen=True, slots=True)
class Step:
    """One question of a form.

    `choices` are (value, label name) pairs; with none the answer is typed. `take` turns what came
    into an answer or raises a Refusal, which leaves the form where it is. The choice `declines`
    ends the form at once, another way than finishing it. `offer` reads choices at the moment, as
    (value, text) pairs beside which an answer can be typed; `settle` is a `take` that has to look
    something up. A step that is not needed is passed over. `put` says what all answers become with
    this one, `facts` reads what the template needs besides them, `returns` names the steps that
    some choices go back to. A `private` step notes the messages it stands in, to be erased later.
    """

    name: str
    template: str
    choices: tuple[tuple[str, str], ...] = ()
    take: Callable[[str], Any] = str
    # Where the choices are only the usual ones and another answer may be typed.
    also_typed: bool = False
    declines: str = ""
    offer: Offer | None = None
    settle: Settle | None = None
    is_needed: Callable[[Answers], bool] = _always
    put: Put | None = None
    facts: Facts | None = None
    returns: Mapping[str, str] = field(default_factory=dict)
    private: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """Steps in order, and what to do when all are answered."""

    name: str
    steps: tuple[Step, ...]
    finish: Callable[[Update, WuxueContext, Answers], Awaitable[None]]
    # False where one of the choices already means "no, leave it"; a private step has a way out.
    can_cancel: bool = True
    # Whether words typed at a step with buttons show the step again, there being nothing else
    # that whoever fills in this form could mean.
    asks_again: bool = False
    # Whether what it says may neither be forwarded nor saved.
    protected: bool = False
    # What to do when a step was declined.
    declined: Callable[[Update, WuxueContext, Answers], Awaitable[None]] | None = None
    # The way out, its label and the message that it leaves, another for what was kept step by step;
    # then a button that leads back to where it was begun, where an id like "{story}" is taken from
    # the answers that it began with. A form that can be left has one: nobody ends at 已取消.
    way_out: str = "cancel"
    left: str = "form_cancelled"
    way_on: Way | Callable[[Answers], Way] | None = None

    @property
    def can_be_left(self) -> bool:
        """Whether any of its steps has a way out."""
        return self.can_cancel or any(step.private for step in self.steps)

    def leads_on(self, answers: Answers) -> Way | None:
        """Where somebody gets to who left it: (label, verb, ids)."""
        if self.way_on is None:
            return None
        way = self.way_on(answers) if callable(self.way_on) else self.way_on
        label, verb, *ids = way
        return (label, verb, *(one.format_map(answers) for one in ids))

    def first(self, answers: Answers) -> Step | None:
        """The first needed step, or None where everything is answered already."""
        return next((step for step in self.steps if step.is_needed(answers)), None)

    def step(self, name: str) -> Step:
        """A step by name."""
        return next(step for step in self.steps if step.name == name)

    def after(self, name: str, by: int = 1, answers: Answers | None = None) -> Step | None:
        """The next needed step in direction `by` (1 or -1), or None past either end."""
        place = [step.name for step in self.steps].index(name) + by
        while 0 <= place < len(self.steps) and not self.steps[place].is_needed(answers or {}):
            place += by
        return self.steps[place] if 0 <= place < len(self.steps) else None
