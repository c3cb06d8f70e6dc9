"""Everything the composition root built, as handlers are handed it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.forgotten_people import ForgottenPeople
from bot.jobs import Jobs
from bot.render import Renderer
from curriculum.supervision_words import CONFIRM_WITHIN
from scheduler.clock import Clock
from scheduler.postman import Postman
from scheduler.rate import SendBudget
from storage.engine import Database
from storage.sealed import NoteKey

if TYPE_CHECKING:
    from curriculum.likely_questions import Likely


@dataclass(frozen=True, slots=True)
class Services:
    """Everything the composition root built, handed to every handler."""

    database: Database
    clock: Clock
    renderer: Renderer
    note_key: NoteKey
    postman: Postman
    budget: SendBudget
    bot_id: int
    zone: str
    default_language: str
    temporary_folder: Path
    jobs: Jobs
    forgotten: ForgottenPeople
    # The privacy notice in force; whoever agreed to another is asked before anything else works.
    privacy_version: str
    # Whether this process sends what is due, or only receives and answers.
    delivers: bool = True
    # What a new training copies: [annual_training] of config.toml.
    training_reminders: Mapping[str, Any] = field(default_factory=dict)
    # What a new visit copies: [exchange_visit] of config.toml.
    visit_reminders: Mapping[str, Any] = field(default_factory=dict)
    # How long a record of supervision waits for whoever has not confirmed it: [supervision].
    confirm_within: timedelta = CONFIRM_WITHIN
    # Held here, because the event loop alone would let a task be collected half done.
    errands: set[asyncio.Task[int]] = field(default_factory=set)
    # Which picture or voice was sent when (machine time), by (chat, attached file): a press made
    # before it can have arrived asks for nothing new.
    # Earlier questions in memory, to find what a new one is like: one, made when first needed,
    # since it loads what only comparing needs.
    likely: list["Likely"] = field(default_factory=list)
    on_the_way: dict[tuple[int, int], datetime] = field(default_factory=dict)
