"""A pasted list of names in a form: what was matched, asking about the unsure, counting them.

A roll (of a gathering, a half day, a visit) that takes one says in a PastedRoll what is its own.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlmodel import Session
from telegram import Update

from bot import buttons
from bot.context import WuxueContext
from bot.form_steps import Answers, Form, Step
from bot.forms import Forms, drop, show
from bot.taps import carried, number
from curriculum.chain_list import Matched

# More unsure names than this are read out instead of asked about one by one.
MOST_ASKED = 8
NOBODY = "0"


def kept(found: Matched) -> dict[str, Any]:
    """A matched list as a form keeps it, under the answer `list`."""
    unsure = [
        {"written": one.written, "candidates": [list(c) for c in one.candidates]}
        for one in found.unsure[:MOST_ASKED]
    ]
    left_out = [*found.unknown, *(one.written for one in found.unsure[MOST_ASKED:])]
    return {
        "sure": list(found.sure),
        "unsure": unsure,
        "unknown": left_out,
        "away": list(found.away),
        "absent": list(found.absent),
    }


def _is_unsure(place: int, answers: Answers) -> bool:
    return place < len(answers.get("list", {}).get("unsure", ()))


async def _candidates(
    update: Update, context: WuxueContext, answers: Answers, *, place: int
) -> list[tuple[str, str]]:
    """Whom a name may mean, and that it is none of them."""
    del update
    nobody = context.label("nobody_of_these", answers["language"])
    found = answers["list"]["unsure"][place]["candidates"]
    return [*((str(person_id), name) for person_id, name in found), (NOBODY, nobody)]


async def _unsure_facts(
    update: Update, context: WuxueContext, answers: Answers, *, place: int
) -> dict[str, Any]:
    del update, context
    matched = answers["list"]
    return {
        "sure": len(matched["sure"]),
        "left": len(matched["unsure"]) - place,
        "written": matched["unsure"][place]["written"],
    }


async def _counted(update: Update, context: WuxueContext, answers: Answers) -> dict[str, Any]:
    del update, context
    found = answers["list"]
    return {
        "named": len(named(answers)),
        "unknown": found["unknown"],
        "away": found.get("away", []),
    }


def named(answers: Answers) -> list[int]:
    """Everybody the list names, with what was answered about the unsure."""
    matched = answers["list"]
    settled = [
        int(answers.get(f"unsure_{place}", NOBODY)) for place in range(len(matched["unsure"]))
    ]
    return [*dict.fromkeys([*matched["sure"], *(i for i in settled if i)])]


def _unsure_step(place: int) -> Step:
    return Step(
        f"unsure_{place}",
        "roll_unsure",
        offer=partial(_candidates, place=place),
        facts=partial(_unsure_facts, place=place),
        take=str,
        is_needed=partial(_is_unsure, place),
    )


# What follows the step "list": who each unsure name is, then how many that makes.
UNSURE = tuple(_unsure_step(place) for place in range(MOST_ASKED))
ENTER = ("yes", "enter_list")
CHECK = Step("sure", "roll_check", (ENTER,), facts=_counted)


def _nothing(of: Any) -> Answers:
    del of
    return {}


@dataclass(frozen=True, slots=True)
class PastedRoll:
    """A roll into which a pasted list is entered.

    `form` names the form and `verb` its button; `of` is the answer that holds the roll's id. The
    rules: `opened` refuses who may not call the roll, `match` gives a Matched, `enter` takes the
    ids it names and, by name, what `more` reads from the answers; its template `entered` is given
    what it gives. `before` is asked first, `check` last. `back` is the label and the verb of the
    way back; `begun` gives further answers to begin with of what `opened` gave.
    """

    form: str
    verb: str
    of: str
    opened: Callable[..., Any]
    match: Callable[..., Matched]
    enter: Callable[..., Any]
    entered: str
    back: tuple[str, str]
    before: Sequence[Step] = ()
    check: Step = CHECK
    begun: Callable[[Any], Answers] = _nothing
    more: Callable[[Answers], Mapping[str, Any]] = _nothing
    # Shows what became of it where there is more to do about it than to go back.
    after: Callable[[Update, WuxueContext, Answers, Any], Awaitable[None]] | None = None

    async def begin(self, update: Update, context: WuxueContext, forms: Forms) -> None:
        """贴接龙: asks for the list."""
        speaker = await context.speaker(update)
        (roll_id,) = map(number, carried(update, self.verb, 1))
        found = await context.read(self.opened, speaker, roll_id, now=context.now())
        await context.answer(update)
        answers: Answers = {self.of: roll_id, "language": speaker.language}
        await forms.start(update, context, self.form, answers | self.begun(found))

    async def _match(
        self, update: Update, context: WuxueContext, answers: Answers, came: str
    ) -> dict[str, Any]:
        """The list as far as it is understood: ids, who to ask about, names nobody bears."""
        speaker = await context.speaker(update)
        found = await context.read(self.match, speaker, answers[self.of], came, now=context.now())
        return kept(found)

    async def _finish(self, update: Update, context: WuxueContext, answers: Answers) -> None:
        speaker, ids = await context.speaker(update), named(answers)
        more = self.more(answers)

        def store(session: Session) -> Any:
            entered = self.enter(session, speaker, answers[self.of], ids, **more, now=context.now())
            drop(session, context, speaker.chat_id, self.form)
            return entered

        entered = await context.in_session(store)
        context.send_what_is_due()
        if self.after is not None:
            await self.after(update, context, answers, entered)
            return
        label, verb = self.back
        key = buttons.press(context.label(label, speaker.language), verb, answers[self.of])
        text = context.text(self.entered, speaker.language, entered=entered, named=len(ids))
        await show(update, context, text, buttons.row(key))

    def as_form(self) -> Form:
        """The form: the list, who each unsure name is, how many that makes."""
        label, verb = self.back
        return Form(
            self.form,
            (*self.before, Step("list", "roll_paste", settle=self._match), *UNSURE, self.check),
            self._finish,
            asks_again=True,
            way_on=(label, verb, f"{{{self.of}}}"),
        )
