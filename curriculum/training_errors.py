"""What can be refused around offline trainings; each class says why, and has its sentence."""

from curriculum.errors import Refusal


class TrainingNotClear(Refusal):
    """A field of a training cannot be used; `field` names it, `limit` says how much may be."""

    code = "training_not_clear"


class TrainingLines(Refusal):
    """Topics were given in more or fewer than the `wanted` lines there are half days: `found`."""

    code = "training_lines"


class TrainingHours(Refusal):
    """The hours of a day are not one or two spans like 9:30-12:30 that follow one another."""

    code = "training_hours"


class TrainingDates(Refusal):
    """The deadline comes before the first day, and both after today."""

    code = "training_dates"


class TrainingInvited(Refusal):
    """Whom a training is for: `name` is no one unit, cohort or role within reach."""

    code = "training_invited"


class TrainingPlaces(Refusal):
    """Fewer places than people who are registered already (`count`)."""

    code = "training_places"


class TrainingTooManyFiles(Refusal):
    """A training has at most `limit` papers."""

    code = "training_too_many_files"


class TrainingClosed(Refusal):
    """Registration ended with the day `day`."""

    code = "training_closed"


class TrainingBegun(Refusal):
    """It has begun: who comes and what is planned is settled on the spot now."""

    code = "training_begun"


class NobodyInvited(Refusal):
    """Nobody whom this training is for has a chat."""

    code = "nobody_invited"


class TrainingHeard(Refusal):
    """Somebody heard of it already, or the minute is over: it can be cancelled, not taken back."""

    code = "training_heard"


class TrainingUndoTooLate(Refusal):
    """What is more than ten minutes past can be changed again, but not undone."""

    code = "training_undo_too_late"


class TrainingListClosed(Refusal):
    """A week after a half day its list is mended by whoever arranges the training."""

    code = "training_list_closed"
