"""Expected refusals: each is answered with a friendly sentence in the person's language.

The docstring says when it happens; the sentence is in bot/locales/<lang>/refusals.toml under
the class's `code`.
"""

from typing import Any, ClassVar


class Refusal(Exception):
    """Base of everything that is no bug; `facts` fill the sentence."""

    code: ClassVar[str] = ""

    def __init__(self, **facts: Any) -> None:
        super().__init__(self.code)
        self.facts = facts


class NotThere(Refusal):
    """It does not exist, or this person may not see it: on purpose the same."""

    code = "not_there"


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


class NameNotUsable(Refusal):
    """A name must have 1 to 40 visible characters on one line."""

    code = "name_not_usable"


class QuestionEmpty(Refusal):
    """A question needs words."""

    code = "question_empty"


class QuestionTooLong(Refusal):
    """A question has at most `limit` characters."""

    code = "question_too_long"


class AnswerTooLong(Refusal):
    """An answer, or the reason of a refusal, has at most `limit` characters."""

    code = "answer_too_long"


class PeriodNotUnderstood(Refusal):
    """The period asked for is not one we can read."""

    code = "period_not_understood"


class OccasionPassed(Refusal):
    """Its hour has come: what went out, or did not, is not changed any more."""

    code = "occasion_passed"


class SessionOver(OccasionPassed):
    """A session has begun, or is too long ago, for what was asked of it."""

    code = "session_over"


class OccasionBegun(Refusal):
    """Somebody has received it already, at an hour of her own: holding it would cut a class."""

    code = "occasion_begun"


class OccasionChanged(Refusal):
    """Somebody else changed it since this person looked."""

    code = "occasion_changed"


class HourNotPossible(Refusal):
    """An hour that has passed, or lies in the quiet hours `start` to `end`."""

    code = "hour_not_possible"


class NotInGroup(Refusal):
    """The bot or this person is not in the group, or Telegram does not say so."""

    code = "not_in_group"


class GroupElsewhere(Refusal):
    """The group receives the lessons of a cohort that somebody else coordinates."""

    code = "group_elsewhere"


class LinkChanged(Refusal):
    """Somebody else has linked or unlinked the group since this person looked."""

    code = "link_changed"


class UnitNotFound(Refusal):
    """No unit of that name within the person's reach, or several."""

    code = "unit_not_found"


class AbsenceNotClear(Refusal):
    """A pause begins today or later, ends after it begins, and lasts a year at most."""

    code = "absence_not_clear"


class NotAway(Refusal):
    """There is no pause to come back from."""

    code = "not_away"


class HourInQuiet(Refusal):
    """A lesson's own hour lies outside the quiet hours."""

    code = "hour_in_quiet"


class HourNotUnderstood(Refusal):
    """An hour is written like 9:30 or 19点."""

    code = "hour_not_understood"


class DateNotUnderstood(Refusal):
    """A date is written like 12月5日, 12-5, 2026-12-05 or 下周一."""

    code = "date_not_understood"


class ChangedMeanwhile(Refusal):
    """Somebody else changed the same thing since it was shown."""

    code = "changed_meanwhile"


class MinutesWritten(ChangedMeanwhile):
    """The minutes of this session went to everybody already."""

    code = "minutes_written"


class LastAdministrator(Refusal):
    """Without her nobody could look after the whole any more."""

    code = "last_administrator"


class HasOwnChat(Refusal):
    """Whoever has a chat of her own asks there herself to be forgotten."""

    code = "has_own_chat"


class OwnRole(Refusal):
    """Nobody takes away her own last right to look after people, by mistake or otherwise."""

    code = "own_role"


class UndoTooLate(Refusal):
    """It can be taken back for some minutes, and they are over."""

    code = "undo_too_late"


class UnitNotEmpty(Refusal):
    """A unit is closed only when nobody works in it or under it."""

    code = "unit_not_empty"


class UnitNameTaken(Refusal):
    """Two units under one parent may not bear one name."""

    code = "unit_name_taken"


class UnitNameNotUsable(Refusal):
    """A unit's name has 1 to `limit` visible characters on one line."""

    code = "unit_name_not_usable"


class SearchTooLong(Refusal):
    """What is searched for has at most `limit` characters."""

    code = "search_too_long"


class TopicDatesTooClose(Refusal):
    """Closing, approval and session need this order, `least` working days from first to last."""

    code = "topic_dates_too_close"


class TopicDayNotPossible(TopicDatesTooClose):
    """No working day, or nearer to the closing day than may be; `earliest` is the first that is."""

    code = "topic_day_not_possible"


class TopicEmpty(Refusal):
    """A topic without a theme that is shown cannot be approved."""

    code = "topic_empty"


class NumbersNotUnderstood(Refusal):
    """Numbers of a list, 1 to `last`, were asked for."""

    code = "numbers_not_understood"


class ThemeTitleNotUsable(Refusal):
    """A theme's title has 1 to `limit` characters on one line."""

    code = "theme_title_not_usable"


class TopicTextNotUsable(Refusal):
    """A paragraph or an answer has 1 to `limit` characters."""

    code = "topic_text_not_usable"


class NothingToUndo(Refusal):
    """There is no change left that could be taken back."""

    code = "nothing_to_undo"


class AnswerTold(Refusal):
    """The answer has gone out to those who asked and stands as it is."""

    code = "answer_told"


class PersonNotFound(Refusal):
    """Nobody of that name within reach, or several."""

    code = "person_not_found"


class TopicFileNotRead(Refusal):
    """A file that came back is no topic of ours, or not readable."""

    code = "topic_file_not_read"


class VoiceTooLong(Refusal):
    """A recording has at most `limit` kilobytes."""

    code = "voice_too_long"


class AlreadyTold(Refusal):
    """It was told to somebody already, so it cannot be taken back unnoticed."""

    code = "already_told"


class TextTooLong(Refusal):
    """A text has at most `limit` characters."""

    code = "text_too_long"


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


class TooEarly(Refusal):
    """It can be done from the moment `at` on."""

    code = "too_early"


class TooManyLines(Refusal):
    """At most `limit` lines of one kind: more are not read on a phone."""

    code = "too_many_lines"


class RoomLinks(Refusal):
    """Links were given for more or fewer than the `rooms` there are: `found` lines."""

    code = "room_links"


class LeadsRoom(Refusal):
    """Whoever leads a room sits in it; somebody else leads it first."""

    code = "leads_room"


class NobodyNamed(Refusal):
    """Nobody whom she may name is called anything like `name`."""

    code = "nobody_named"


class NoNumbers(Refusal):
    """A pasted list in which no name stands."""

    code = "no_numbers"


class ContactNotClear(Refusal):
    """A contact is one line with a name and a number, six lines at most."""

    code = "contact_not_clear"


class PersonNotClear(Refusal):
    """No person, or several (`count`), fit what was written."""

    code = "person_not_clear"


class AlertTaken(Refusal):
    """Somebody else (`name`) takes care of it already."""

    code = "alert_taken"


class NoticeNotUnderstood(Refusal):
    """A pasted notice names no day with 放假 or 上班 that lies ahead."""

    code = "notice_not_understood"


class NoticeTooLong(Refusal):
    """A notice names more than `limit` days."""

    code = "notice_too_long"


class CalendarUndoTooLate(Refusal):
    """A notice that was saved could be taken back for `minutes` minutes."""

    code = "calendar_undo_too_late"
