"""The call for stories and the words about stories, as they are sent."""

from collections.abc import Sequence

from telegram import InlineKeyboardMarkup

from bot import buttons
from bot.render import Renderer, entities
from bot.telegram_channel import Text
from curriculum import story_words
from curriculum.facts import Facts
from scheduler.channel import Part


def call_parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """The call, where it is no line of a lesson: silent, with the way to write."""
    text = renderer.text("quarterly_share", facts.language, **facts.values)
    key = buttons.press(renderer.label("write_story", facts.language), "write_story", "")
    return [Part(Text(text.text, tuple(entities(text)), buttons.row(key)), silent=True)]


def word_parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """One word, silent, with what can be done about it."""
    text = renderer.text("story_word", facts.language, **facts.values)
    keyboard = _keyboard(renderer, facts)
    return [Part(Text(text.text, tuple(entities(text)), keyboard), silent=True)]


def _keyboard(renderer: Renderer, facts: Facts) -> InlineKeyboardMarkup | None:
    values = facts.values
    story_id = values["story_id"]
    ways: dict[str, tuple[str, str, object]] = {
        story_words.NOMINATED: ("look", "my_story", story_id),
        story_words.RETURNED: ("look", "my_story", story_id),
        story_words.SORTED: ("look", "my_story", story_id),
        story_words.UNSORTED: ("look", "my_story", story_id),
        story_words.APPROVED: ("look", "my_story", story_id),
        story_words.CLOSING: ("look", "my_story", story_id),
        story_words.SPEAKER: ("not_this_time", "decline_to_speak", story_id),
        story_words.EVE: ("not_this_time", "decline_to_speak", story_id),
        story_words.UNABLE: ("programme", "programme", values["cohort_id"]),
        story_words.ABLE: ("programme", "programme", values["cohort_id"]),
        story_words.DIGEST: ("see_digest", "digest", values["call_id"]),
        story_words.DATES: ("write_story", "write_story", ""),
        story_words.LESSON_ASKED: ("look", "my_story", story_id),
        story_words.LESSON_AGREED: ("story_to_lesson", "story_to_lesson", story_id),
    }
    if values["what"] not in ways:
        return None
    label, verb, carries = ways[values["what"]]
    keys = [buttons.press(renderer.label(label, facts.language), verb, carries)]
    if values["what"] == story_words.NOMINATED:
        decline = renderer.label("decline_story", facts.language)
        keys.append(buttons.press(decline, "story_decline", story_id))
    if values["what"] == story_words.LESSON_ASKED:
        keys += [
            buttons.press(renderer.label(name, facts.language), "story_lesson_said", story_id, word)
            for name, word in (("agree", "yes"), ("decline_story", "no"))
        ]
    return buttons.row(*keys)
