"""What can be refused to who wants to join; each class says why, and has its sentence."""

from curriculum.errors import Refusal


class InviteNotValid(Refusal):
    """Unknown, used up, expired or revoked: a stranger is not told which."""

    code = "invite_not_valid"


class AlreadyEnrolled(Refusal):
    """This chat belongs to somebody who is enrolled in this place already."""

    code = "already_enrolled"


class ChatTaken(Refusal):
    """Somebody else is enrolled in the chat that a personal invite was opened in."""

    code = "chat_taken"


class CodeNotReadable(Refusal):
    """Nearly a typed code: it has `length` letters and digits, and none that look alike."""

    code = "code_not_readable"


class CodeNotValid(Refusal):
    """A typed code that fits no invite; `left` more may be tried."""

    code = "code_not_valid"


class TooManyCodes(Refusal):
    """Too many wrong codes from one chat; it may try again from the moment `at`."""

    code = "too_many_codes"


class ConsentNeeded(Refusal):
    """Nobody is enrolled without agreeing to the present privacy notice."""

    code = "consent_needed"
