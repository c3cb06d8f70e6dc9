"""What can be refused around holiday notices; each class says why, and has its sentence."""

from curriculum.errors import Refusal


class NoticeNotUnderstood(Refusal):
    """A pasted notice names no day with 放假 or 上班 that lies ahead."""

    code = "notice_not_understood"


class NoticeTooLong(Refusal):
    """A notice names more than `limit` days."""

    code = "notice_too_long"


class CalendarUndoTooLate(Refusal):
    """A notice that was saved could be taken back for `minutes` minutes."""

    code = "calendar_undo_too_late"
