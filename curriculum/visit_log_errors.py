"""What can be refused during and after an exchange visit; each class says why."""

from curriculum.errors import Refusal


class VisitWordsNotUsable(Refusal):
    """Words of a log are missing or longer than `limit`: `length`."""

    code = "visit_words_not_usable"


class VisitFileTooLarge(Refusal):
    """The pictures or the recording of one entry are larger than `limit` MB."""

    code = "visit_file_too_large"


class VisitTooManyPictures(Refusal):
    """One entry holds at most `limit` pictures."""

    code = "visit_too_many_pictures"


class VisitLogTakesOther(Refusal):
    """A log takes words, pictures and recordings; no film, no picture sent as a file."""

    code = "visit_log_takes_other"


class VisitWordsFirst(Refusal):
    """An entry waits for its words or an answer; and one is pictures or a recording, not both."""

    code = "visit_words_first"


class VisitLogFull(Refusal):
    """One day holds at most `limit` entries of one person."""

    code = "visit_log_full"


class VisitNotBegun(Refusal):
    """A log is written, and the roll called, from the first day on: `day`."""

    code = "visit_not_begun"


class VisitNotOver(Refusal):
    """What follows a journey waits until its last day, `day`, is over."""

    code = "visit_not_over"


class VisitUndoTooLate(Refusal):
    """What is more than ten minutes past can be changed again, but not undone."""

    code = "visit_log_undo_too_late"


class VisitMinutesNotUsable(Refusal):
    """The minutes of a day are a whole number from `least` to `most`."""

    code = "visit_minutes_not_usable"


class VisitSummaryNotRead(Refusal):
    """What was sent is no Word document that can be read, or too large."""

    code = "visit_summary_not_read"


class VisitSummaryGone(Refusal):
    """Telegram does not give the document back that was sent."""

    code = "visit_summary_gone"


class VisitSummaryStale(Refusal):
    """Somebody took her words back since the document was written: it is to be fetched anew."""

    code = "visit_summary_stale"
