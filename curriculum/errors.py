"""Expected refusals: each is answered with a friendly sentence in the person's language.

The docstring says when it happens; the sentence is in bot/locales/<lang>/refusals.toml under
the class's `code`. Here is what any study may refuse; what only one kind of thing can be refused
for stands in a module of its own: joining_errors, people_errors, question_errors and so on.
"""

from typing import Any, ClassVar


class Refusal(Exception):
    """Base of everything that is no bug; `facts` fill the sentence."""

    code: ClassVar[str] = ""

    def __init__(self, **facts: Any) -> None:
        super().__init__(self.code)
        self.facts = facts


class NotThere(Refusal):
    """It does not exist, or this person may not see it: on purpose the same."""

    code = "not_there"


class NameNotUsable(Refusal):
    """A name must have 1 to 40 visible characters on one line."""

    code = "name_not_usable"


class PeriodNotUnderstood(Refusal):
    """The period asked for is not one we can read."""

    code = "period_not_understood"


class HourNotUnderstood(Refusal):
    """An hour is written like 9:30 or 19点."""

    code = "hour_not_understood"


class DateNotUnderstood(Refusal):
    """A date is written like 12月5日, 12-5, 2026-12-05 or 下周一."""

    code = "date_not_understood"


class ChangedMeanwhile(Refusal):
    """Somebody else changed the same thing since it was shown."""

    code = "changed_meanwhile"


class UndoTooLate(Refusal):
    """It can be taken back for some minutes, and they are over."""

    code = "undo_too_late"


class SearchTooLong(Refusal):
    """What is searched for has at most `limit` characters."""

    code = "search_too_long"


class NumbersNotUnderstood(Refusal):
    """Numbers of a list, 1 to `last`, were asked for."""

    code = "numbers_not_understood"


class NothingToUndo(Refusal):
    """There is no change left that could be taken back."""

    code = "nothing_to_undo"


class TextTooLong(Refusal):
    """A text has at most `limit` characters."""

    code = "text_too_long"


class TooEarly(Refusal):
    """It can be done from the moment `at` on."""

    code = "too_early"


class TooManyLines(Refusal):
    """At most `limit` lines of one kind: more are not read on a phone."""

    code = "too_many_lines"


class NoNumbers(Refusal):
    """A pasted list in which no name stands."""

    code = "no_numbers"


class PersonNotClear(Refusal):
    """No person, or several (`count`), fit what was written."""

    code = "person_not_clear"
