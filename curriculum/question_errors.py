"""What can be refused around questions and their answers; each class says why."""

from curriculum.errors import Refusal


class QuestionEmpty(Refusal):
    """A question needs words."""

    code = "question_empty"


class QuestionTooLong(Refusal):
    """A question has at most `limit` characters."""

    code = "question_too_long"


class AnswerTooLong(Refusal):
    """An answer, or the reason of a refusal, has at most `limit` characters."""

    code = "answer_too_long"


class VoiceTooLong(Refusal):
    """A recording has at most `limit` kilobytes."""

    code = "voice_too_long"
