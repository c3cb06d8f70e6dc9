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


class RecordDateNotClear(Refusal):
    """A session was held today or within the year before."""

    code = "record_date_not_clear"


class RecordMinutesNotClear(Refusal):
    """A session is `least` to `most` minutes long."""

    code = "record_minutes_not_clear"


class RecordModeNotClear(Refusal):
    """It was held online or in person."""

    code = "record_mode_not_clear"


class RecordFunctionsNotClear(Refusal):
    """Supervision is administrative, educational or supportive, or several of them."""

    code = "record_functions_not_clear"


class RecordTextTooLong(Refusal):
    """A text of a record has at most `limit` characters."""

    code = "record_text_too_long"


class RecordActionNotClear(Refusal):
    """A line (`line`) does not say who does what until when."""

    code = "record_action_not_clear"


class TooManyActions(Refusal):
    """A record has at most `limit` actions."""

    code = "too_many_actions"


class RecordNotWhole(Refusal):
    """What a record needs is still missing or not understood."""

    code = "record_not_whole"


class RecordNotRead(Refusal):
    """A message or document holds none of a record's fields."""

    code = "record_not_read"


class RecordPeopleNotClear(Refusal):
    """A session with several has two to `limit` different people she may choose from."""

    code = "record_people_not_clear"


class GroupBusy(Refusal):
    """Somebody who would be in a session with several (`names`) has another one then."""

    code = "group_busy"


class OldTimeTaken(Refusal):
    """Somebody of a session with several (`names`) has another one at its old time by now."""

    code = "old_time_taken"


class SameMoment(Refusal):
    """It begins at this moment (`at`) already."""

    code = "same_moment"


class GroupSize(Refusal):
    """A session with several is for `fewest` to `most` workers."""

    code = "group_size"


class NoTrip(Refusal):
    """Nothing in person is to come on these days."""

    code = "no_trip"


class SuccessorNeeded(Refusal):
    """Nobody else supervises where this worker is."""

    code = "successor_needed"
