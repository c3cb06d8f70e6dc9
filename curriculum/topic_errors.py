"""What can be refused around monthly topics; each class says why, and has its sentence."""

from curriculum.errors import Refusal


class TopicDatesTooClose(Refusal):
    """Closing, approval and session need this order, `least` working days from first to last."""

    code = "topic_dates_too_close"


class TopicDayNotPossible(TopicDatesTooClose):
    """No working day, or nearer to the closing day than may be; `earliest` is the first that is."""

    code = "topic_day_not_possible"


class TopicEmpty(Refusal):
    """A topic without a theme that is shown cannot be approved."""

    code = "topic_empty"


class ThemeTitleNotUsable(Refusal):
    """A theme's title has 1 to `limit` characters on one line."""

    code = "theme_title_not_usable"


class TopicTextNotUsable(Refusal):
    """A paragraph or an answer has 1 to `limit` characters."""

    code = "topic_text_not_usable"


class AnswerTold(Refusal):
    """The answer has gone out to those who asked and stands as it is."""

    code = "answer_told"


class PersonNotFound(Refusal):
    """Nobody of that name within reach, or several."""

    code = "person_not_found"


class TopicFileNotRead(Refusal):
    """A file that came back is no topic of ours, or not readable."""

    code = "topic_file_not_read"
