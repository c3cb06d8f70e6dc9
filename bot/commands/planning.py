"""`wuxue plan`: what goes out in the coming days, before it does."""

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from bot.commands import ground
from bot.commands.database import opened
from bot.commands.ground import HERE, ConfigPath, console, say, words
from bot.render import Renderer
from scheduler import planner
from scheduler.clock import SystemClock


def plan(
    days: Annotated[int, typer.Option(min=1, max=60, help="How many days ahead.")] = 7,
    config_path: ConfigPath = HERE,
) -> None:
    """接下来几天发什么。 What goes out in the coming days.

    [bold]wuxue plan --days 14[/bold]
    """
    config = ground.read_config(config_path)
    bot = ground.read_bot_id(config, config_path)
    with opened(config) as database:
        coming = database.read_now(planner.ahead, bot=bot, now=SystemClock().now(), days=days)
    if not coming:
        say("plan_empty", days=days)
        return
    renderer, tongue = Renderer(zone=config.calendar.zone, wordings={}), ground.language()
    table = Table(words("plan_when"), words("plan_what"), words("plan_cohort"), "")
    for item in coming:
        table.add_row(
            renderer.moment(item.due_at, tongue),
            renderer.label(item.kind, tongue),
            Text(item.cohort_name),
            words("plan_provisional") if item.is_provisional else "",
        )
    console.print(table)
