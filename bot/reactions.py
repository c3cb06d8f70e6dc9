"""What the bot reacts to: every command, button and message, in the order they are asked."""

from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from typing import Any

from telegram import Update
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    ChatMemberHandler,
    CommandHandler,
    MessageHandler,
    PollAnswerHandler,
    filters,
)

from bot.context import WuxueContext
from bot.errors import on_error
from bot.forms import Forms
from bot.handlers import (
    absences,
    absences_of_others,
    annual_training,
    arrivals,
    asked_elsewhere,
    asked_lesson,
    certificate_checks,
    certificates,
    consent,
    daily_lesson,
    danger,
    deputies,
    deputy_forms,
    directory,
    duty,
    enrolment,
    facilitators,
    forgetting,
    gathering_minutes,
    gathering_roll,
    gatherings,
    holds,
    home,
    item_statistics,
    leaving,
    library,
    media,
    mydata,
    newcomers,
    own_questions,
    own_stories,
    practice,
    preferences,
    progress,
    quarterly_share,
    question_news,
    questions,
    recall,
    records,
    restored_span,
    rooms,
    roster,
    schedule,
    seat_moves,
    share_programme,
    share_speakers,
    similar_questions,
    staffing,
    stories,
    story_lessons,
    story_library,
    story_nominations,
    story_reviews,
    study_changes,
    supervision,
    supervision_booking,
    supervision_pairs,
    supervision_proposals,
    supervision_sheets,
    supervision_times,
    todo,
    topic_answers,
    topic_edits,
    topic_files,
    topic_forms,
    topic_quarter,
    topic_settings,
    topics,
    training_change_forms,
    training_feedback,
    training_forms,
    training_manage,
    training_papers,
    training_roll,
    training_sheet,
    training_tests,
    training_uses,
    units,
    used_lessons,
    waiting_questions,
    weekly_study,
    work_groups,
)

PRIVATE, GROUP = filters.ChatType.PRIVATE, filters.ChatType.GROUPS
NEW_MESSAGE = filters.UpdateType.MESSAGE

App = Application[Any, WuxueContext, Any, Any, Any, Any]
Act = Callable[[Update, WuxueContext], Coroutine[Any, Any, None]]
# One that opens a form, or goes on with it, is handed them all.
FormAct = Callable[..., Coroutine[Any, Any, None]]

FORMS = (
    *enrolment.FORMS,
    *questions.FORMS,
    *duty.FORMS,
    *waiting_questions.FORMS,
    *absences.FORMS,
    *absences_of_others.FORMS,
    *preferences.FORMS,
    *library.FORMS,
    *roster.FORMS,
    *directory.FORMS,
    *staffing.FORMS,
    *newcomers.FORMS,
    *units.FORMS,
    *schedule.FORMS,
    *topic_forms.FORMS,
    *topic_answers.FORMS,
    *stories.FORMS,
    *story_library.FORMS,
    *story_nominations.FORMS,
    *story_reviews.FORMS,
    *quarterly_share.FORMS,
    *topic_settings.FORMS,
    *gathering_roll.FORMS,
    *gathering_minutes.FORMS,
    *study_changes.FORMS,
    *rooms.FORMS,
    *used_lessons.FORMS,
    *deputy_forms.FORMS,
    *supervision_pairs.FORMS,
    *supervision_proposals.FORMS,
    *supervision_sheets.FORMS,
    *supervision_times.FORMS,
    *training_forms.FORMS,
    *training_change_forms.FORMS,
    *training_papers.FORMS,
    *training_roll.FORMS,
    *training_sheet.FORMS,
    *certificates.FORMS,
    *training_feedback.FORMS,
    *training_tests.FORMS,
    *training_uses.FORMS,
)
# What a person can ask for by command, by button of 更多 and by typed word, all the same.
ACTS: dict[str, Act] = {
    "today": daily_lesson.today,
    "me": home.me,
    "more": home.more,
    "progress": progress.progress,
    "catch_up": asked_lesson.catch_up,
    "resume": absences.resume,
    "help": home.help_,
    "privacy": home.privacy,
    "mydata": mydata.mydata,
    "forget": mydata.forget,
    "records": records.records_command,
    "recall": recall.recall,
    "library": library.library_command,
    "item_statistics": item_statistics.statistics,
    "import_people": roster.offer,
    "people": directory.people,
    "workers": directory.workers,
    "units": units.tree,
    "schedule": schedule.overview,
    "arrivals": arrivals.overview,
    "work_groups": work_groups.overview,
    "held": holds.overview,
    "topics": topics.overview,
    "todo": todo.overview,
    "study": weekly_study.study,
    "own_questions": own_questions.overview,
    "waiting_questions": waiting_questions.overview,
    "duty": duty.overview,
    "answered_questions": similar_questions.overview,
    "stories": story_library.hub,
    "share": quarterly_share.overview,
    "supervise": supervision.supervise,
    "training": annual_training.overview,
}
FORM_ACTS: dict[str, FormAct] = {
    "ask": questions.ask,
    "pause": absences.pause,
    "hour": preferences.hour,
    "language": preferences.language,
    "find_lesson": library.ask_words,
    "away": deputies.away,
}
# Commands that no button and no word stands for.
COMMANDS: dict[str, Act] = {
    "roster": roster.offer,
    "delivery": arrivals.overview,
    "link": work_groups.overview,
    "roll": gathering_roll.roll_command,
    "questions": waiting_questions.overview,
    # Open to everybody, enrolled or not.
    "verify": certificate_checks.verify,
}
BUTTONS: dict[str, Act] = {
    "learned": daily_lesson.pressed_learned,
    "option": daily_lesson.pressed_option,
    "show_question": daily_lesson.pressed_show_question,
    "media": media.pressed,
    "more": home.turn_page,
    "lesson": asked_lesson.pressed_lesson,
    "resume": absences.resume,
    "records": records.pressed_period,
    "records_as": records.turned_format,
    "recall": recall.pressed,
    "code": enrolment.asked_for_code,
    "practice": practice.pressed,
    "consent": consent.pressed,
    "statistics": item_statistics.statistics,
    **mydata.BUTTONS,
    **forgetting.BUTTONS,
    **directory.BUTTONS,
    **staffing.BUTTONS,
    **leaving.BUTTONS,
    **absences_of_others.BUTTONS,
    **units.BUTTONS,
    **stories.BUTTONS,
    **own_stories.BUTTONS,
    **story_library.BUTTONS,
    **story_lessons.BUTTONS,
    **story_nominations.BUTTONS,
    **story_reviews.BUTTONS,
    **quarterly_share.BUTTONS,
    **share_programme.BUTTONS,
    **share_speakers.BUTTONS,
    "schedule": schedule.turned,
    "occasion": schedule.opened,
    "arrivals": arrivals.turned,
    "arrival": arrivals.opened,
    "unreachable": arrivals.unreachable,
    "again": arrivals.previewed,
    "send_again": arrivals.sent_again,
    "take_back": arrivals.took_back,
    "link_page": work_groups.turned,
    "link_to": work_groups.chosen,
    "link": work_groups.confirmed,
    "link_cancel": work_groups.cancelled,
    "work_groups": work_groups.listed,
    "work_group": work_groups.opened,
    "unlink": work_groups.unlinked,
    "held": holds.turned,
    "held_line": holds.opened,
    "settle": holds.settled,
    **questions.BUTTONS,
    **own_questions.BUTTONS,
    **waiting_questions.BUTTONS,
    **question_news.BUTTONS,
    **asked_elsewhere.BUTTONS,
    **similar_questions.BUTTONS,
    **danger.BUTTONS,
    **duty.BUTTONS,
    "span": restored_span.opened,
    "enter": restored_span.entered,
    **topics.BUTTONS,
    **topic_edits.BUTTONS,
    **topic_answers.BUTTONS,
    **topic_files.BUTTONS,
    **topic_settings.BUTTONS,
    **topic_quarter.BUTTONS,
    **gatherings.BUTTONS,
    **facilitators.BUTTONS,
    **gathering_roll.BUTTONS,
    **gathering_minutes.BUTTONS,
    **weekly_study.BUTTONS,
    **rooms.BUTTONS,
    **seat_moves.BUTTONS,
    **used_lessons.BUTTONS,
    **deputies.BUTTONS,
    **supervision.BUTTONS,
    **supervision_pairs.BUTTONS,
    **supervision_booking.BUTTONS,
    **supervision_proposals.BUTTONS,
    **supervision_sheets.BUTTONS,
    **supervision_times.BUTTONS,
    **annual_training.BUTTONS,
    **training_manage.BUTTONS,
    **training_papers.BUTTONS,
    **training_roll.BUTTONS,
    **training_sheet.BUTTONS,
    **certificates.BUTTONS,
    **training_feedback.BUTTONS,
    **training_tests.BUTTONS,
    **training_uses.BUTTONS,
}
FORM_BUTTONS: dict[str, FormAct] = {
    "ask": questions.ask,
    **questions.FORM_BUTTONS,
    **duty.FORM_BUTTONS,
    **waiting_questions.FORM_BUTTONS,
    "pause": absences.change,
    "library": library.pressed,
    directory.FIND: directory.find,
    "arrange": schedule.arranged,
    **staffing.FORM_BUTTONS,
    **newcomers.FORM_BUTTONS,
    **units.FORM_BUTTONS,
    **absences_of_others.FORM_BUTTONS,
    **topic_forms.FORM_BUTTONS,
    **topic_answers.FORM_BUTTONS,
    **stories.FORM_BUTTONS,
    **story_library.FORM_BUTTONS,
    **story_nominations.FORM_BUTTONS,
    **story_reviews.FORM_BUTTONS,
    **quarterly_share.FORM_BUTTONS,
    **topic_settings.FORM_BUTTONS,
    **gathering_roll.FORM_BUTTONS,
    **gathering_minutes.FORM_BUTTONS,
    **study_changes.FORM_BUTTONS,
    **rooms.FORM_BUTTONS,
    **used_lessons.FORM_BUTTONS,
    **deputies.FORM_BUTTONS,
    **supervision_pairs.FORM_BUTTONS,
    **supervision_proposals.FORM_BUTTONS,
    **supervision_times.FORM_BUTTONS,
    **training_forms.FORM_BUTTONS,
    **training_change_forms.FORM_BUTTONS,
    **training_papers.FORM_BUTTONS,
    **training_roll.FORM_BUTTONS,
    **certificates.FORM_BUTTONS,
    **training_feedback.FORM_BUTTONS,
    **training_tests.FORM_BUTTONS,
    **training_uses.FORM_BUTTONS,
}


# What needs more than itself to work: the form being filled in, and what 更多 opens.
WIRED_BUTTONS = ("form", "open")


def verbs() -> set[str]:
    """What the data of a button may begin with, up to its colon."""
    return {*BUTTONS, *FORM_BUTTONS, *WIRED_BUTTONS}


async def _pressed(update: Update, context: WuxueContext, *, buttons: Mapping[str, Act]) -> None:
    """A button by its verb; of a handler for each, a hundred would be asked at every press."""
    query = update.callback_query
    data = query.data if query is not None else None
    act = buttons.get(data.partition(":")[0]) if data is not None and ":" in data else None
    await (act or home.old_button)(update, context)


def register(application: App) -> None:
    """Every handler, in the order in which they are asked; the first that fits takes it."""
    forms = Forms(*FORMS)

    def with_forms(acts: Mapping[str, FormAct]) -> dict[str, Act]:
        return {name: partial(act, forms=forms) for name, act in acts.items()}

    acts = ACTS | with_forms(FORM_ACTS)
    commands = {"start": partial(enrolment.start, forms=forms)} | COMMANDS | acts
    for name, act in commands.items():
        application.add_handler(CommandHandler(name, act, PRIVATE & NEW_MESSAGE))
    # All that the bot listens to in a group, besides its becoming a supergroup.
    application.add_handler(CommandHandler("link", work_groups.link_in_group, GROUP & NEW_MESSAGE))
    asked = partial(asked_elsewhere.in_group, forms=forms)
    application.add_handler(CommandHandler("ask", asked, GROUP & NEW_MESSAGE))
    application.add_handler(MessageHandler(GROUP & NEW_MESSAGE & filters.TEXT, asked))
    migrated = GROUP & filters.StatusUpdate.MIGRATE
    application.add_handler(MessageHandler(migrated, work_groups.migrated))
    buttons = BUTTONS | with_forms(FORM_BUTTONS)
    wired: tuple[Act, Act] = (forms.pressed, partial(home.open_, acts=acts))
    buttons |= dict(zip(WIRED_BUTTONS, wired, strict=True))
    application.add_handler(CallbackQueryHandler(partial(_pressed, buttons=buttons)))
    application.add_handler(PollAnswerHandler(daily_lesson.answered_quiz))
    standing = partial(work_groups.standing_changed, private=enrolment.reachable_changed)
    application.add_handler(ChatMemberHandler(standing, ChatMemberHandler.MY_CHAT_MEMBER))
    in_private = PRIVATE & NEW_MESSAGE
    typed = partial(home.typed, words=home.read_words(), acts=acts, forms=forms)

    async def replied_or_typed(update: Update, context: WuxueContext) -> None:
        """A reply to a paragraph of a topic changes that; any other words are read as ever."""
        if not await topic_forms.replied(update, context, forms):
            await typed(update, context)

    application.add_handler(MessageHandler(in_private & filters.TEXT, replied_or_typed))

    async def received(update: Update, context: WuxueContext) -> None:
        """A topic's document sent back, a sheet that a form waits for, else a roster."""
        """A certificate, a topic's document sent back, a training's sheet, else a roster."""
        if await certificate_checks.received(update, context):
            return
        if await topic_files.received(update, context):
            return
        if await supervision_sheets.received(update, context, forms):
            return
        if not await training_sheet.received(update, context, forms):
            await roster.received(update, context, forms)

    spoken = partial(asked_elsewhere.spoken, forms=forms)
    # It belongs to the story being written, or to the training it is asked for, if to any.
    for of_kind, otherwise in (
        (filters.Document.ALL, received),
        (filters.VOICE, spoken),
        (filters.ALL, home.not_text),
    ):
        to_training = partial(training_papers.received, otherwise=otherwise)
        taken = partial(stories.received, otherwise=to_training)
        application.add_handler(MessageHandler(in_private & of_kind, taken))
    application.add_error_handler(on_error)
