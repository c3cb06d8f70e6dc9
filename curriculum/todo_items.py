"""One line of 今日待办, as every study hands it in."""

from dataclasses import dataclass
from datetime import date

# How urgent a line is: what others wait for today, what is due soon, what can wait.
TODAY, SOON, WHEN_POSSIBLE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Item:
    """Something that waits for a person. `kind` names its words, `verb` and `object_id` what its
    button opens; `name` tells it from others of its kind and `due_on` until when, where there is
    one. `rank`: see above.
    """

    kind: str
    verb: str
    object_id: str
    rank: int
    name: str
    due_on: date | None = None
    count: int = 0
    # Whose it is, where the reader only stands in for her.
    instead_of: str = ""
