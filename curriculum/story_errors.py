"""What can be refused around stories and their quarterly session; each class says why."""

from curriculum.errors import Refusal


class StoryTextNotUsable(Refusal):
    """A part of a story has 1 to `limit` characters; this one had `length`."""

    code = "story_text_not_usable"


class StoryTitleNotUsable(Refusal):
    """A title says something: two letters or characters at least, signs not counted."""

    code = "story_title_not_usable"


class StoryNotWhole(Refusal):
    """A story needs its five parts and a title, or one long message or voice for a reviewer."""

    code = "story_not_whole"


class StoryFileNotTaken(Refusal):
    """At most `count` files of `limit` MB each lie beside a story."""

    code = "story_file_not_taken"


class StoryTagsNotUsable(Refusal):
    """A story has at most `count` tags of `limit` characters."""

    code = "story_tags_not_usable"


class StoryProposed(Refusal):
    """This line or answer was proposed to her before; what she made of it is hers to say."""

    code = "story_proposed"


class ShareDatesNotPossible(Refusal):
    """Closing, reading and the session come after one another, and after today."""

    code = "share_dates_not_possible"


class ShareNotOver(Refusal):
    """There is no digest before the session, which ends `at`."""

    code = "share_not_over"


class NobodyNamed(Refusal):
    """Nobody whom she may name is called anything like `name`."""

    code = "nobody_named"
