"""Refusals about being away and standing in; worded like those of `curriculum.errors`."""

from curriculum.errors import Refusal


class AwayNotClear(Refusal):
    """One goes today or later, comes back after that, and is away for half a year at most."""

    code = "away_not_clear"


class DeputyNotFound(Refusal):
    """Nobody, or several (`count`), who could stand in bear the name that was written."""

    code = "deputy_not_found"


class NobodyToAgree(Refusal):
    """Whoever does not fit needs a coordinator's yes, and there is none."""

    code = "nobody_to_agree"


class AwayUndoOver(Refusal):
    """A change can be taken back for `minutes`, by whoever made it, while nothing came after."""

    code = "away_undo_over"
