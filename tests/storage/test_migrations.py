"""The schema's history: equal to the models, and kind to a database that is already filled."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from storage import schema
from storage.engine import Database, sqlite_path
from storage.people import Person
from storage.tables import METADATA

# What a database holds at each revision; a new migration adds its own rows here.
ROWS_AT = {
    "0001": (
        "INSERT INTO unit (id, path, level, name_zh) VALUES (1, '/1/', 'prefecture', '林芝市')",
        "INSERT INTO person (id, name, language, content_language, status, created_at)"
        " VALUES (1, '卓玛', 'zh', 'zh', 'active', '2026-11-24 06:00:00+00:00')",
        "INSERT INTO membership (id, person_id, unit_id, since) VALUES (1, 1, 1, '2026-11-24')",
    ),
    "0002": (
        "INSERT INTO inbox_update (id, bot, update_id, sender, status, attempts, received_at)"
        " VALUES (1, 7, 8, 9, 'done', 0, '2026-11-24 06:00:00+00:00')",
        "INSERT INTO delivery (id, bot, kind, occasion, recipient, person_id, urgency, due_at,"
        " status, attempts, parts_sent, created_at)"
        " VALUES (1, 7, 'daily_lesson', '1:2026-11-25', 1, 1,"
        " 'foldable', '2026-11-25 02:00:00+00:00', 'sent', 1, 2, '2026-11-24 16:00:00+00:00')",
    ),
    "0003": (
        "INSERT INTO learning_record (id, person_id, unit_id, study, occasion, occurred_on, title,"
        " minutes, mode, evidence, claimable, rule_version, recorded_at) VALUES (1, 1, 1,"
        " 'daily_lesson', '1:2026-11-25', '2026-11-25', '助人自助', 5, 'online', 'answered',"
        " 'pending', 'none', '2026-11-25 02:05:00+00:00')",
        "INSERT INTO audit_entry (id, at, action, object_kind, facts)"
        " VALUES (1, '2026-11-25 02:05:00+00:00', 'enrol', 'invite', '{}')",
    ),
    "0004": (
        "INSERT INTO absence (id, person_id, since, set_at)"
        " VALUES (1, 1, '2026-12-01', '2026-11-25 02:05:00+00:00')",
        "INSERT INTO code_try (id, bot, chat_id, tried_at)"
        " VALUES (1, 7, 9, '2026-11-25 02:05:00+00:00')",
        "INSERT INTO media (id, sha256, kind, mime, size, content, stored_at)"
        " VALUES (1, 'aa', 'picture', 'image/jpeg', 1, 'x', '2026-11-25 02:05:00+00:00')",
        "INSERT INTO media_file (id, media_id, bot, file_id) VALUES (1, 1, 7, 'F')",
    ),
    "0005": (
        "INSERT INTO learning_record (id, person_id, person_name, unit_id, study, occasion,"
        " occurred_on, title, minutes, mode, evidence, claimable, rule_version, recorded_at)"
        " VALUES (2, 1, '拉姆', 1, 'daily_lesson', '1:2026-11-26', '2026-11-26', '保密', 5,"
        " 'online', 'answered', 'pending', 'none', '2026-11-26 02:05:00+00:00')",
        "INSERT INTO lesson_pack (id, code, title, version, imported_at, modules) VALUES (1, 'own',"
        " '本地课', '1', '2026-11-26 02:05:00+00:00',"
        ' \'[{"code": "A", "title": "一", "title_en": null, "after": []}]\')',
    ),
    "0006": ("INSERT INTO send_budget (bot, free_at) VALUES (7, '2026-11-25 02:05:00+00:00')",),
    "0007": (
        "INSERT INTO inbox_update (id, bot, update_id, sender, status, attempts, received_at,"
        " claimed_by, lease_until) VALUES (2, 7, 9, 9, 'waiting', 0, '2026-11-26 02:05:00+00:00',"
        " 'one', '2026-11-26 02:05:05+00:00')",
    ),
    "0008": (
        "INSERT INTO code_try (id, bot, chat_id, tried_at)"
        " VALUES (2, 7, 9, '2026-11-26 02:05:00+00:00')",
    ),
    "0009": (
        "INSERT INTO installation_mark (bot, incarnation, number, marked_at)"
        " VALUES (7, 'aa', 3, '2026-11-26 02:05:00+00:00')",
        "INSERT INTO hold (id, bot, since, last_seen_at)"
        " VALUES (1, 7, '2026-11-28 02:05:00+00:00', '2026-11-26 02:05:00+00:00')",
        "INSERT INTO hold_choice (id, hold_id, kind, choice, missed, waiting, chosen_at)"
        " VALUES (1, 1, 'notices', 'send', 0, 2, '2026-11-28 03:05:00+00:00')",
        "INSERT INTO hold_word (hold_id, person_id, told_at)"
        " VALUES (1, 1, '2026-11-28 02:06:00+00:00')",
    ),
    "0010": (
        "INSERT INTO attention (person_id, day, on_day, week, in_week)"
        " VALUES (1, '2026-11-26', 1, '2026-11-23', 4)",
    ),
    "0011": (
        "INSERT INTO delivery (id, bot, kind, occasion, recipient, person_id, urgency, due_at,"
        " status, attempts, parts_sent, created_at)"
        " VALUES (2, 7, 'daily_lesson', '1:2026-11-26', 1, 1,"
        " 'foldable', '2026-11-26 02:00:00+00:00', 'waiting', 0, 0, '2026-11-25 16:00:00+00:00')",
    ),
    "0012": (
        "INSERT INTO sent_message (id, delivery_id, part, chat_id, message_id, sent_at, lines)"
        " VALUES (1, 1, 0, 9, 10, '2026-11-25 02:00:00+00:00',"
        ' \'[{"text": "还有10课学完", "entities": []}]\')',
    ),
    "0013": (
        "INSERT INTO learning_record (id, person_id, person_name, unit_id, study, occasion,"
        " occurred_on, title, minutes, mode, evidence, claimable, rule_version, recorded_at)"
        " VALUES (3, 1, '拉姆', 1, 'daily_lesson', '1:2026-11-27', '2026-11-27', '记录', 5,"
        " 'online', 'answered', 'pending', 'none', '2026-11-27 02:05:00+00:00')",
    ),
    "0014": (
        "INSERT INTO cohort (id, unit_id, bot, pack_id, name, pace, zone, quiet_from, quiet_to,"
        " working_weekdays, start_on, created_at) VALUES (1, 1, 7, 1, '一期', 'together',"
        " 'Asia/Shanghai', '21:30:00', '09:00:00', '[1, 2, 3, 4, 5]', '2026-11-25',"
        " '2026-11-24 06:00:00+00:00')",
        "INSERT INTO gathering (id, bot, cohort_id, kind, local_date, title, starts_at, minutes,"
        " place, agenda, opens_before, closes_after, facilitator_id, is_confirmed, state, reason,"
        " moves, version, is_own, created_at) VALUES (1, 7, 1, 'weekly_study', '2026-11-27',"
        " '每周共学', '2026-11-27 07:00:00+00:00', 60, '', '[[\"回顾\", 10]]', 10, 15, 1, true,"
        " 'planned', '', 0, 1, false, '2026-11-24 06:00:00+00:00')",
        "INSERT INTO attendance (id, gathering_id, person_id, state, reason, marked_at)"
        " VALUES (1, 1, 1, 'signed_in', '', '2026-11-27 07:01:00+00:00')",
        "INSERT INTO gathering_point (id, gathering_id, kind, position, text, written_by,"
        " written_at) VALUES (1, 1, 'point', 1, '先听，再写', 1, '2026-11-27 09:00:00+00:00')",
        "INSERT INTO facilitator_swap (id, gathering_id, other_id, asked_by, asked_of, state,"
        " asked_at) VALUES (1, 1, 1, 1, 1, 'asked', '2026-11-24 06:00:00+00:00')",
        "INSERT INTO used_lesson (id, person_id, cohort_id, week, text, is_shared, said_at)"
        " VALUES (1, 1, 1, '2026-11-23', '先问了老人想怎么办', false, '2026-11-27 08:00:00+00:00')",
    ),
    "0015": (
        "INSERT INTO question (id, asker_id, unit_id, text, anonymous, state, asked_at, urgency)"
        " VALUES (1, 1, 1, '怎么开口', false, 'answered', '2026-11-28 02:05:00+00:00', 'urgent')",
        "INSERT INTO question_vote (question_id, person_id, voted_at)"
        " VALUES (1, 1, '2026-11-28 02:06:00+00:00')",
        "INSERT INTO question_answer (id, question_id, text, answered_by, answered_at)"
        " VALUES (1, 1, '先问好', 1, '2026-11-28 03:05:00+00:00')",
        "INSERT INTO answer_feedback (answer_id, person_id, helped, said_at)"
        " VALUES (1, 1, true, '2026-11-28 03:06:00+00:00')",
        "INSERT INTO question_vector (question_id, vector) VALUES (1, 'x')",
        "INSERT INTO emergency_contact (id, unit_id, name, phone) VALUES (1, 1, '派出所', '110')",
        "INSERT INTO duty_member (id, unit_id, person_id) VALUES (1, 1, 1)",
        "INSERT INTO danger_alert (id, bot, unit_id, person_id, raised_at, call_me, told)"
        " VALUES (1, 7, 1, 1, '2026-11-28 03:05:00+00:00', false, 1)",
    ),
    "0016": (
        "INSERT INTO topic (id, bot, cohort_id, month, closes_on, due_on, starts_at, minutes,"
        " state, version, texts) VALUES (1, 7, 1, '2026-11-01', '2026-11-17', '2026-11-23',"
        " '2026-11-26 07:00:00+00:00', 90, 'draft', 3, '{}')",
        "INSERT INTO topic_theme (id, topic_id, position, title, language, is_hidden, is_gone,"
        " representatives, lessons, gaps)"
        " VALUES (1, 1, 0, '低保', 'zh', false, false, '[1]', '[]', '[]')",
        "INSERT INTO theme_question (topic_id, question_id, theme_id, grouped) VALUES (1, 1, 1, 0)",
        "INSERT INTO topic_edit (id, topic_id, version, kind, actor_id, at, before)"
        " VALUES (1, 1, 2, 'rename', 1, '2026-11-18 02:05:00+00:00', '{}')",
        "INSERT INTO topic_message (chat_id, message_id, topic_id, paragraph, version)"
        " VALUES (9, 9, 1, '1.why', 2)",
        "INSERT INTO theme_answer (theme_id, text, answered_by, answered_at, tells_at)"
        " VALUES (1, '先看条件', 1, '2026-11-26 09:05:00+00:00', '2026-11-26 09:15:00+00:00')",
        "INSERT INTO theme_feedback (theme_id, person_id, helped, said_at)"
        " VALUES (1, 1, true, '2026-11-26 10:05:00+00:00')",
    ),
    "0017": (
        "INSERT INTO cohort (id, unit_id, bot, pack_id, name, pace, zone, quiet_from, quiet_to,"
        " working_weekdays, start_on, created_at) VALUES (17, 1, 7, 1, '一期', 'together',"
        " 'Asia/Shanghai', '21:30:00', '09:00:00', '[1]', '2026-11-24',"
        " '2026-11-24 06:00:00+00:00')",
        "INSERT INTO story_call (id, cohort_id, opens_on, closes_on, review_by, starts_at, minutes,"
        " place, state, version, created_at) VALUES (1, 17, '2026-11-25', '2026-12-10',"
        " '2026-12-17', '2026-12-25 07:00:00+00:00', 120, '', 'open', 1,"
        " '2026-11-24 16:00:00+00:00')",
        "INSERT INTO story (id, bot, author_id, unit_id, cohort_id, call_id, state, version, round,"
        " scope, scope_path, may_become_lesson, is_sorted, search_text, created_at, updated_at)"
        " VALUES (1, 7, 1, 1, 17, 1, 'draft', 1, 0, 'cohort', '', false, false, '',"
        " '2026-11-26 02:05:00+00:00', '2026-11-26 02:05:00+00:00')",
        "INSERT INTO story_file (id, story_id, kind, file_id, size, added_at)"
        " VALUES (1, 1, 'picture', 'F', 1, '2026-11-26 02:05:00+00:00')",
        "INSERT INTO story_review (id, story_id, reviewer_id, round, verdict, reviewed_at)"
        " VALUES (1, 1, 1, 1, 'approves', '2026-11-26 02:05:00+00:00')",
        "INSERT INTO story_rating (id, story_id, rater_id, stars, rated_at)"
        " VALUES (1, 1, 1, 5, '2026-11-26 02:05:00+00:00')",
        "INSERT INTO story_tag (id, story_id, tag) VALUES (1, 1, '探访')",
    ),
    "0018": (
        "INSERT INTO gathering (id, bot, cohort_id, kind, local_date, room, title, starts_at,"
        " minutes, place, agenda, opens_before, closes_after, is_confirmed, state, reason, moves,"
        " version, is_own, created_at) VALUES (2, 7, 1, 'weekly_study', '2026-11-27', 2,"
        " '每周共学', '2026-11-27 07:00:00+00:00', 60, '', '[]', 10, 15, false, 'planned', '', 0,"
        " 1, false, '2026-11-24 06:00:00+00:00')",
        "INSERT INTO gathering_seat (gathering_id, person_id) VALUES (2, 1)",
        "INSERT INTO todo_look (bot, looked_on) VALUES (7, '2026-11-27')",
    ),
    "0019": (
        "INSERT INTO learning_record (id, person_id, person_name, unit_id, study, occasion,"
        " occurred_on, title, minutes, mode, evidence, claimable, rule_version, recorded_at)"
        " VALUES (21, 1, '拉姆', 1, 'daily_lesson', '1:2026-11-30', '2026-11-30', '求助', 5,"
        " 'online', 'answered', 'pending', 'none', '2026-11-30 02:05:00+00:00')",
    ),
    "0020": (
        "INSERT INTO lesson (id, pack_id, code, position, is_withdrawn)"
        " VALUES (1, 1, '001', 1, false)",
        "INSERT INTO lesson_version (id, lesson_id, number, content_hash, title, module, minutes,"
        " prerequisites, basis, status, imported_at) VALUES (1, 1, 1, 'aa', '保密', 'A', 5, '[]',"
        " '[]', 'draft', '2026-11-26 02:05:00+00:00')",
        "INSERT INTO lesson_text (id, version_id, language, title, key_point, body, body_markdown,"
        " question) VALUES (1, 1, 'zh', '保密', '', '{}', '', '{}')",
        "INSERT INTO lesson_vector (text_id, vector) VALUES (1, 'x')",
    ),
    "0021": (
        "INSERT INTO story_source (author_id, kind, source_id, story_id)"
        " VALUES (1, 'minutes', 1, 1)",
        "INSERT INTO story_lesson (story_id, state, asked_by, asked_at)"
        " VALUES (1, 'asked', 1, '2026-11-29 02:05:00+00:00')",
    ),
    "0022": (
        "INSERT INTO deputy (id, bot, person_id, deputy_id, away_since, since, until, state,"
        " set_at, changed_by, changed_at, before) VALUES (1, 7, 1, 1, '2026-12-01', '2026-12-01',"
        " '2026-12-08', 'named', '2026-11-30 02:05:00+00:00', 1, '2026-11-30 02:05:00+00:00',"
        " '{}')",
    ),
    "0023": (
        "INSERT INTO supervision_pair (id, bot, supervisor_id, worker_id, since, every_months,"
        " mode, due_on, version, changed_by, changed_at, created_at) VALUES (1, 7, 1, 1,"
        " '2026-11-30', 3, 'online', '2026-12-30', 1, 1, '2026-11-30 02:05:00+00:00',"
        " '2026-11-30 02:05:00+00:00')",
        "INSERT INTO supervision_booking (id, bot, pair_id, supervisor_id, worker_id, starts_at,"
        " minutes, buffer_minutes, mode, place, state, moves, version, change, changed_by,"
        " changed_at, created_at) VALUES (1, 7, 1, 1, 1, '2026-12-02 06:00:00+00:00', 60, 15,"
        " 'online', '', 'booked', 0, 1, 1, 1, '2026-11-30 02:05:00+00:00',"
        " '2026-11-30 02:05:00+00:00')",
        "INSERT INTO supervision_quarter (person_id, quarter, booking_id) VALUES (1, 1993560, 1)",
        "INSERT INTO supervision_proposal (id, bot, pair_id, proposed_by, moments, mode, place,"
        " state, asked_at) VALUES (1, 7, 1, 1, '[]', 'online', '', 'asked',"
        " '2026-11-30 02:05:00+00:00')",
        "INSERT INTO supervision_terms (bot, supervisor_id, minutes, buffer_minutes, notice_hours,"
        " place, changed_at) VALUES (7, 1, 60, 15, 24, '', '2026-11-30 02:05:00+00:00')",
        "INSERT INTO supervision_time (id, bot, supervisor_id, kind, weekday, starts, ends, place,"
        " created_at) VALUES (1, 7, 1, 'weekly', 3, '14:00:00', '17:00:00', '',"
        " '2026-11-30 02:05:00+00:00')",
    ),
    "0024": (
        "INSERT INTO training_event (id, bot, unit_id, title, place, organiser, places, deadline,"
        " invited, starts_at, ends_at, state, reason, reminders, round, moves, version, change,"
        " changes, created_at) VALUES (1, 7, 1, '社工培训', '林芝', '指导中心', 40, '2026-12-10',"
        " '{}', '2026-12-20 01:30:00+00:00', '2026-12-21 09:00:00+00:00', 'published', '', '{}',"
        " 1, 0, 2, 0, '[]', '2026-11-30 02:05:00+00:00')",
        "INSERT INTO training_period (id, event_id, starts_at, minutes, topic, trainer, token)"
        " VALUES (1, 1, '2026-12-20 01:30:00+00:00', 180, '接案', '扎西', 't')",
        "INSERT INTO training_document (id, event_id, file_id, name, size, added_at)"
        " VALUES (1, 1, 'F', '通知.docx', 10, '2026-11-30 02:05:00+00:00')",
        "INSERT INTO training_seat (id, event_id, person_id, state, queued, reason, version,"
        " changed_at) VALUES (1, 1, 1, 'registered', 1, '', 1, '2026-11-30 02:05:00+00:00')",
        "INSERT INTO training_attendance (id, period_id, person_id, state, marked_at)"
        " VALUES (1, 1, 1, 'signed_in', '2026-12-20 01:30:00+00:00')",
    ),
    "0025": (
        "INSERT INTO certificate (id, bot, event_id, person_id, serial, code, statement, signature,"
        " size, issued_at, reason) VALUES (1, 7, 1, 1, '2026-000001', 'ABCDE23456', '{}', 's',"
        " 24000, '2026-12-22 01:30:00+00:00', '')",
    ),
    "0026": (
        "INSERT INTO training_feedback (id, event_id, content, organisation, trainer, usefulness,"
        " text) VALUES (77, 1, 5, 4, 5, 4, '多些演练')",
        "INSERT INTO training_feedback_given (event_id, person_id) VALUES (1, 1)",
    ),
    "0027": (
        "INSERT INTO training_question (event_id, version_id, place) VALUES (1, 1, 1)",
        "INSERT INTO training_test_answer (event_id, person_id, part, version_id, chosen, correct)"
        " VALUES (1, 1, 'before', 1, 0, TRUE)",
    ),
    "0028": (
        "INSERT INTO training_use (event_id, person_id, days, is_used, text, said_at)"
        " VALUES (1, 1, 30, TRUE, '', '2027-01-21 01:00:00+00:00')",
    ),
    "0029": (
        "INSERT INTO supervision_record (id, bot, form, pair_id, supervisor_id, number,"
        " occurred_on, minutes, counted_minutes, mode, functions, state, is_one_sided, version,"
        " written_by, changed_at, created_at) VALUES (1, 7, 'individual', 1, 1, 1, '2026-12-02',"
        " 60, 60, 'online', '[]', 'sealed', FALSE, 1, 1, '2026-12-02 08:00:00+00:00',"
        " '2026-12-02 08:00:00+00:00')",
        "INSERT INTO supervision_record_person (id, record_id, person_id, pair_id, unit_id)"
        " VALUES (1, 1, 1, 1, 1)",
        "INSERT INTO supervision_addition (id, record_id, written_by, added_at)"
        " VALUES (1, 1, 1, '2026-12-03 08:00:00+00:00')",
        "INSERT INTO supervision_action (id, bot, record_id, pair_id, owner, owner_id, due_on,"
        " state, version, changed_by, changed_at, created_at) VALUES (1, 7, 1, 1, 'worker', 1,"
        " '2026-12-09', 'open', 1, 1, '2026-12-02 08:00:00+00:00', '2026-12-02 08:00:00+00:00')",
    ),
    "0030": (
        "INSERT INTO supervision_note (id, bot, pair_id, author_id, kind, booking_id, sealed,"
        " version, created_at) VALUES (1, 7, 1, 1, 'shared', 1, '', 1,"
        " '2026-12-02 07:05:00+00:00')",
        "INSERT INTO supervision_agenda (id, pair_id, worker_id, sealed, written_at)"
        " VALUES (1, 1, 1, '', '2026-12-01 07:05:00+00:00')",
        "INSERT INTO supervision_sentence (used_id, pair_id, brought_at)"
        " VALUES (1, 1, '2026-12-01 07:05:00+00:00')",
        "INSERT INTO supervision_consent (pair_id, is_given, answered_at)"
        " VALUES (1, TRUE, '2026-12-01 07:05:00+00:00')",
    ),
    "0031": (
        "INSERT INTO exchange_visit (id, bot, unit_id, number, title, aims, organiser, starts_on,"
        " ends_on, state, reason, packing, reminders, round, moves, version, change, changes,"
        " is_urgent, created_at) VALUES (1, 7, 1, 1, '赴拉萨交流', '学站点管理', '指导中心',"
        " '2026-12-20', '2026-12-22', 'approved', '', '[]', '{}', 1, 0, 2, 0, '[]',"
        " FALSE, '2026-11-30 02:05:00+00:00')",
        "INSERT INTO visit_stop (id, visit_id, place, destination, day, at, programme, host_name,"
        " host_contact) VALUES (1, 1, 1, '城关区社工站', '2026-12-20', '10:00:00', '座谈', '扎西',"
        " '0891-123')",
        "INSERT INTO visit_person (id, visit_id, person_id, name, post, unit_name, phone, state,"
        " reason, confirmed, version, changed_at) VALUES (1, 1, 1, '卓玛', '', '林芝市', '',"
        " 'coming', '', 0, 1, '2026-11-30 02:05:00+00:00')",
        "INSERT INTO visit_document (id, visit_id, file_id, name, size, added_at)"
        " VALUES (1, 1, 'F', '通知.docx', 10, '2026-11-30 02:05:00+00:00')",
    ),
    "0032": (
        "INSERT INTO visit_log (id, visit_id, line_id, day, kind, text, file_id, size, sharing,"
        " summary, written_at) VALUES (1, 1, 1, '2026-12-20', 'picture', '站点的展板', 'F', 10,"
        " 'fellows', 'named', '2026-12-20 12:05:00+00:00')",
        "INSERT INTO visit_return (id, visit_id, line_id, parts, sharing, summary, version,"
        " updated_at, step, step_text, step_shared) VALUES (1, 1, 1, '{}', 'fellows', 'no', 1,"
        " '2026-12-23 02:05:00+00:00', 'done', '', FALSE)",
        "INSERT INTO visit_day_mark (line_id, day, is_there, marked_at)"
        " VALUES (1, '2026-12-20', TRUE, '2026-12-23 02:05:00+00:00')",
        "INSERT INTO visit_report (visit_id, minutes, evidence, file_id, round)"
        " VALUES (1, '{}', '', '', 0)",
    ),
    "0033": (
        "INSERT INTO supervision_wish (id, bot, worker_id, asked_at)"
        " VALUES (1, 7, 1, '2026-11-30 02:05:00+00:00')",
        "INSERT INTO supervision_group (id, bot, supervisor_id, starts_at, minutes,"
        " buffer_minutes, mode, place, state, moves, version, changed_by, changed_at, created_at)"
        " VALUES (1, 7, 1, '2026-12-09 06:00:00+00:00', 60, 15, 'online', '', 'planned', 0, 1, 1,"
        " '2026-11-30 02:05:00+00:00', '2026-11-30 02:05:00+00:00')",
        "INSERT INTO supervision_seat (group_id, worker_id, pair_id, state)"
        " VALUES (1, 1, 1, 'invited')",
        "INSERT INTO supervision_quarter (person_id, quarter, group_id) VALUES (1, 1994232, 1)",
        "INSERT INTO supervision_trip (id, bot, supervisor_id, first_day, last_day, place, state,"
        " changed_at) VALUES (1, 7, 1, '2026-12-02', '2026-12-03', '', 'online',"
        " '2026-11-30 02:05:00+00:00')",
        "INSERT INTO supervision_trip_change (trip_id, booking_id, version) VALUES (1, 1, 2)",
        "INSERT INTO supervision_handover (id, bot, from_pair_id, to_pair_id, on_day, state,"
        " version, changed_by, changed_at, created_at) VALUES (1, 7, 1, 1, '2026-12-31',"
        " 'planned', 1, 1, '2026-11-30 02:05:00+00:00', '2026-11-30 02:05:00+00:00')",
        "INSERT INTO supervision_holiday (id, bot, booking_id, day, moves, asked_at)"
        " VALUES (1, 7, 1, '2026-12-02', 0, '2026-11-30 02:05:00+00:00')",
    ),
    "0034": (
        "INSERT INTO theme_matcher (id, bot, made_at, models, taught_by, weights, labels, topics,"
        " months, untaught_score, score, chance, is_followed) VALUES (1, 7,"
        " '2027-06-28 20:00:00+00:00', 'a-1', 'aa', '{}', 320, 9, 8, 0.7, 0.8, 0.004, TRUE)",
    ),
    "0035": (
        "INSERT INTO visit_log (id, visit_id, line_id, day, kind, text, file_id, more_files, size,"
        " seconds, sharing, summary, written_at) VALUES (2, 1, 1, '2026-12-21', 'picture', '值班',"
        " 'G', '[\"H\"]', 20, 0, 'fellows', 'no', '2026-12-21 12:05:00+00:00')",
    ),
}


def _revisions() -> list[str]:
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory(str(schema.MIGRATIONS)).walk_revisions()
    return sorted(script.revision for script in scripts)


def test_each_revision_has_rows_that_must_survive_what_comes_after() -> None:
    """A new migration comes with rows for the next one to keep."""
    assert list(ROWS_AT) == _revisions()


def test_the_newest_revision_is_known_without_alembic() -> None:
    """A start reads it from the files' names; it is the one that Alembic would upgrade to."""
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    assert schema.head() == ScriptDirectory.from_config(config).get_current_head()


def test_the_migrated_schema_equals_the_models(empty_database: Database) -> None:
    """What the migrations build is exactly what the tables say, on both databases."""
    schema.upgrade(empty_database.engine)
    with empty_database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []


def test_a_filled_database_keeps_its_rows_through_every_upgrade(empty_database: Database) -> None:
    """Upgrading step by step, with rows written at every step, loses none of them."""
    written = 0
    for revision, statements in ROWS_AT.items():
        schema.upgrade(empty_database.engine, to=revision)
        with empty_database.engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))
                written += 1
    tables = {s.split()[2] for statements in ROWS_AT.values() for s in statements}
    with empty_database.engine.connect() as connection:
        kept = sum(
            connection.execute(
                text(f"SELECT count(*) FROM {t}")  # noqa: S608  our own table names
            ).scalar_one()
            for t in tables
        )
    assert kept == written
    person = empty_database.read_now(lambda session: session.exec(select(Person)).one())
    assert (person.name, person.created_at) == ("卓玛", datetime(2026, 11, 24, 6, tzinfo=UTC))


def test_postgresql_spares_deliveries_the_check_of_their_references(
    empty_postgresql: Database,
) -> None:
    """Planning adds them by the ten thousand from the very rows they refer to; all else is checked.

    A server before version 18 cannot leave a reference unchecked, so it checks them all.
    """
    schema.upgrade(empty_postgresql.engine)
    with empty_postgresql.engine.connect() as connection:
        unchecked = connection.execute(
            text(
                "SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint"
                " WHERE contype = 'f' AND NOT conenforced ORDER BY 2"
            )
        )
        assert [tuple(row) for row in unchecked] == [
            ("delivery", "cohort"),
            ("delivery", "person"),
            ("delivery", "work_group"),
        ]


@pytest.mark.parametrize("table", ["learning_record", "audit_entry"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET id = id + 1", "DELETE FROM {}"])
def test_the_ledger_and_the_audit_trail_only_grow(
    empty_database: Database, table: str, verb: str
) -> None:
    """The database itself refuses to change or delete what was recorded."""
    schema.upgrade(empty_database.engine)
    with empty_database.engine.begin() as connection:
        for statements in ROWS_AT.values():
            for statement in statements:
                connection.execute(text(statement))
    with (
        pytest.raises(DBAPIError, match="append-only"),
        empty_database.engine.begin() as connection,
    ):
        connection.execute(text(verb.format(table)))


@pytest.mark.parametrize(
    "change", ["UPDATE learning_record SET person_name = '拉姆'", "DELETE FROM learning_record"]
)
def test_a_ledger_filled_before_names_were_kept_still_only_grows(
    empty_database: Database, change: str
) -> None:
    """Adding the name neither fills old rows in nor opens the ledger to changes."""
    for revision in ("0001", "0002", "0003", "0004"):
        schema.upgrade(empty_database.engine, to=revision)
        with empty_database.engine.begin() as connection:
            for statement in ROWS_AT[revision]:
                connection.execute(text(statement))
    schema.upgrade(empty_database.engine)
    with (
        pytest.raises(DBAPIError, match="append-only"),
        empty_database.engine.begin() as connection,
    ):
        connection.execute(text(change))
    with empty_database.engine.begin() as connection:
        for statement in ROWS_AT["0005"]:
            connection.execute(text(statement))
    with empty_database.engine.connect() as connection:
        names = connection.execute(text("SELECT person_name FROM learning_record ORDER BY id"))
        assert list(names.scalars()) == [None, "拉姆"]


def test_only_the_name_of_who_was_forgotten_leaves_the_ledger(empty_database: Database) -> None:
    """A name goes once its person is forgotten; no other name is written, and no figure changes."""
    schema.upgrade(empty_database.engine)

    def run(*statements: str) -> None:
        with empty_database.engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))

    run(*ROWS_AT["0001"], *ROWS_AT["0019"])
    without_name = "UPDATE learning_record SET person_name = NULL"
    for change in (without_name, "UPDATE learning_record SET person_name = '卓玛'"):
        with pytest.raises(DBAPIError, match="append-only"):
            run(change)
    run("UPDATE person SET status = 'forgotten'")
    for change in (
        "UPDATE learning_record SET person_name = '卓玛'",
        "UPDATE learning_record SET person_name = NULL, minutes = 600",
        "UPDATE learning_record SET minutes = 600",
        "DELETE FROM learning_record",
    ):
        with pytest.raises(DBAPIError, match="append-only"):
            run(change)
    run(without_name)
    with empty_database.engine.connect() as connection:
        rows = connection.execute(text("SELECT person_name, minutes FROM learning_record"))
        assert [tuple(row) for row in rows] == [(None, 5)]


def test_a_schema_from_a_newer_release_is_refused(empty_database: Database) -> None:
    """An old program never touches a database it does not understand."""
    schema.upgrade(empty_database.engine)
    with empty_database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(schema.SchemaTooNew):
        schema.upgrade(empty_database.engine)


def test_a_copy_beside_the_file_is_whole_private_and_only_the_newest_stay(
    sqlite_database: Database,
) -> None:
    """Before an upgrade a readable copy is kept, for its owner only, and old ones go."""
    path = sqlite_path(sqlite_database.url)
    for statement in ROWS_AT["0001"]:
        with sqlite_database.engine.begin() as connection:
            connection.execute(text(statement))
    copies = [
        schema.copy_beside(path, now=datetime(2026, 11, day, tzinfo=UTC), keep=2)
        for day in (1, 2, 3)
    ]
    assert [copy.exists() for copy in copies] == [False, True, True]
    assert copies[-1].stat().st_mode & 0o777 == 0o600
    copy = Database(f"sqlite:///{copies[-1]}")
    assert copy.read_now(lambda session: session.exec(select(Person)).one()).name == "卓玛"
    copy.close()


@pytest.mark.usefixtures("unhurried_disk")
def test_the_sqlite_file_is_for_its_owner_alone(sqlite_database: Database) -> None:
    """The database lies 0600 in a folder 0700, with the settings that keep what was confirmed."""
    path: Path = sqlite_path(sqlite_database.url)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    with sqlite_database.engine.connect() as connection:
        settings = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        }
    assert settings == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "secure_delete": 1,
    }
