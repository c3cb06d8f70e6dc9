"""Expected refusals of supervision; each has its sentence in bot/locales/<lang>/refusals.toml."""

from curriculum.errors import Refusal


class PairStands(Refusal):
    """These two (`supervisor`, `worker`) are a pair already."""

    code = "pair_stands"


class NoSupervisor(Refusal):
    """Nobody with the role of a supervisor covers this worker's unit."""

    code = "no_supervisor"


class NotAWorker(Refusal):
    """Only whoever learns is accompanied; `name` does not."""

    code = "not_a_worker"


class PairEndNotPossible(Refusal):
    """A pair ends after today and within three years."""

    code = "pair_end_not_possible"


class SupervisionUndoTooLate(Refusal):
    """What was done could be taken back for `minutes` minutes, and they are over."""

    code = "supervision_undo_too_late"


class FreeTimeNotUnderstood(Refusal):
    """A line of free times (`line`) is none of the usual forms."""

    code = "free_time_not_understood"


class NotOnQuarter(Refusal):
    """Sessions begin and end on a quarter of an hour."""

    code = "not_on_quarter"


class PlaceTooLong(Refusal):
    """A place has at most `limit` characters."""

    code = "place_too_long"


class SlotTaken(Refusal):
    """Somebody else was quicker, or it is no longer offered."""

    code = "slot_taken"


class AlreadyBooked(Refusal):
    """The pair has a session ahead already, which begins `at`."""

    code = "already_booked"


class MomentNotPossible(Refusal):
    """A session begins on a quarter of an hour, from now on, within three months."""

    code = "moment_not_possible"


class ProposalNotClear(Refusal):
    """One to three moments are proposed, one a line."""

    code = "proposal_not_clear"


class ProposalAnswered(Refusal):
    """These times were answered, or others were proposed since."""

    code = "proposal_answered"
