"""What the bot reacts to: every command, button and message, in the order they are asked."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from types import ModuleType
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
from bot.forms import Form, Forms
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
    days_off,
    deputies,
    deputy_forms,
    directory,
    duty,
    enrolment,
    enrolment_forms,
    exchange_visit,
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
    list_search,
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
    supervision_actions,
    supervision_booking,
    supervision_brief,
    supervision_calendar,
    supervision_capacity,
    supervision_group_days,
    supervision_group_moves,
    supervision_groups,
    supervision_handover,
    supervision_last_day,
    supervision_more,
    supervision_notes,
    supervision_pairing,
    supervision_pairs,
    supervision_proposals,
    supervision_queue,
    supervision_record_answers,
    supervision_record_forms,
    supervision_record_lists,
    supervision_records,
    supervision_sheets,
    supervision_times,
    supervision_trips,
    todo,
    topic_answers,
    topic_edits,
    topic_files,
    topic_forms,
    topic_quarter,
    topic_replies,
    topic_settings,
    topics,
    training_archive,
    training_change_forms,
    training_feedback,
    training_forms,
    training_halves,
    training_lists,
    training_manage,
    training_papers,
    training_roll,
    training_search,
    training_sheet,
    training_tests,
    training_uses,
    units,
    used_lessons,
    visit_change_forms,
    visit_counts,
    visit_for,
    visit_forms,
    visit_log,
    visit_manage,
    visit_papers,
    visit_people,
    visit_people_forms,
    visit_return,
    visit_roll,
    visit_roll_list,
    visit_sent,
    visit_sheet,
    visit_steps,
    visit_summary,
    visit_writing,
    waiting_questions,
    weekly_study,
    work_groups,
)
from bot.taps import Act, FormAct

PRIVATE, GROUP = filters.ChatType.PRIVATE, filters.ChatType.GROUPS
NEW_MESSAGE = filters.UpdateType.MESSAGE

App = Application[Any, WuxueContext, Any, Any, Any, Any]

# Whoever has forms or buttons, each with tables of its own.
MODULES: tuple[ModuleType, ...] = (
    # Joining, and what is one's own.
    *(enrolment, consent, practice, home, mydata, forgetting, preferences, absences),
    *(absences_of_others, enrolment_forms),
    # 每日一学.
    *(daily_lesson, asked_lesson, media, recall, library, used_lessons),
    *(item_statistics, records),
    # Questions.
    *(questions, own_questions, waiting_questions, question_news, asked_elsewhere),
    *(similar_questions, danger, duty),
    # People, units and what is sent to them.
    *(directory, staffing, leaving, newcomers, units, roster, deputies, deputy_forms, schedule),
    *(arrivals, work_groups, holds, restored_span),
    # 每周共学, and what every gathering has.
    *(gatherings, gathering_roll, gathering_minutes, weekly_study, study_changes, facilitators),
    *(rooms, seat_moves),
    # 每月专题学.
    *(topics, topic_edits, topic_forms, topic_answers, topic_files),
    *(topic_settings, topic_quarter),
    # 每季度线上经验分享学.
    *(quarterly_share, share_programme, share_speakers, stories, own_stories, story_library),
    *(story_lessons, story_nominations, story_reviews),
    # 每年线下培训学.
    *(annual_training, training_manage, training_forms, training_change_forms, training_papers),
    *(training_archive, training_halves, training_roll, training_sheet, training_feedback),
    *(training_tests, training_uses, certificates, training_search, training_lists),
    # 一对一陪伴督导学.
    *(supervision, supervision_more, supervision_pairs, supervision_pairing),
    supervision_last_day,
    *(supervision_booking, supervision_proposals),
    *(supervision_sheets, supervision_times, supervision_actions, supervision_record_answers),
    *(supervision_record_forms, supervision_record_lists, supervision_records),
    *(supervision_brief, supervision_notes, supervision_capacity, supervision_queue),
    *(supervision_groups, supervision_group_moves, supervision_trips, supervision_handover),
    *(days_off, supervision_group_days, supervision_calendar),
    # 外出参观交流学.
    *(exchange_visit, visit_manage, visit_forms, visit_change_forms, visit_papers),
    *(visit_people, visit_sheet, visit_log, visit_return, visit_roll, visit_summary),
    *(visit_people_forms, visit_steps, visit_writing, visit_for, visit_counts),
    visit_roll_list,
    # Any list that is searched by words.
    list_search,
)


def _all_of(table: str) -> dict[str, Any]:
    """What these modules have in a table of theirs; one verb of two would hide one of them."""
    found: dict[str, Any] = {}
    for module in MODULES:
        own = getattr(module, table, {})
        if twice := found.keys() & own.keys():
            raise ValueError(f"two meanings of {sorted(twice)}")
        found |= own
    return found


FORMS: tuple[Form, ...] = tuple(form for module in MODULES for form in getattr(module, "FORMS", ()))
BUTTONS: dict[str, Act] = _all_of("BUTTONS")
FORM_BUTTONS: dict[str, FormAct] = _all_of("FORM_BUTTONS")
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
    "visits": exchange_visit.overview,
    "calendar": days_off.overview,
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
    "visit": exchange_visit.overview,
    # Open to everybody, enrolled or not.
    "verify": certificate_checks.verify,
}


# Who reads a sheet that was asked for.
SHEETS: tuple[ModuleType, ...] = (supervision_sheets, visit_sheet, training_sheet)
# What somebody is writing may take a file, picture or voice; the last of them is asked first.
WRITING: tuple[ModuleType, ...] = (
    *(visit_papers, training_papers, visit_sent),
    *(visit_summary, stories),
)
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
    typed = partial(home.typed, words=home.read_words(), acts=acts, forms=forms)
    _register_messages(application, forms, typed)
    application.add_error_handler(on_error)


def _register_messages(application: App, forms: Forms, typed: Act) -> None:
    """What is said in private: words, a voice, a file or anything else."""
    in_private = PRIVATE & NEW_MESSAGE

    async def replied_or_typed(update: Update, context: WuxueContext) -> None:
        """A reply to a paragraph of a topic changes that; any other words are read as ever."""
        if not await topic_replies.replied(update, context, forms):
            await typed(update, context)

    application.add_handler(MessageHandler(in_private & filters.TEXT, replied_or_typed))
    readers: tuple[Callable[[Update, WuxueContext], Awaitable[bool]], ...] = (
        certificate_checks.received,
        partial(supervision_record_forms.received, forms=forms),
        topic_files.received,
        *(partial(one.received, forms=forms) for one in SHEETS),
    )

    async def received(update: Update, context: WuxueContext) -> None:
        """A file for whoever waits for one like it, else a roster."""
        for read in readers:
            if await read(update, context):
                return
        await roster.received(update, context, forms)

    asked_aloud = partial(asked_elsewhere.spoken, forms=forms)
    kinds: tuple[tuple[filters.BaseFilter, Act], ...] = (
        (filters.Document.ALL, received),
        (filters.VOICE, partial(supervision_brief.spoken, otherwise=asked_aloud)),
        (filters.ALL, partial(home.not_text, forms=forms)),
    )
    for of_kind, otherwise in kinds:
        taken = otherwise
        for writing in WRITING:
            taken = partial(writing.received, otherwise=taken)
        application.add_handler(MessageHandler(in_private & of_kind, taken))
