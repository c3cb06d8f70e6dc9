"""`wuxue doctor`: everything a running bot needs, looked at once, with what to do next."""

import asyncio

import typer
from rich.table import Table
from rich.text import Text

from bot.commands import ground
from bot.commands.doctor_here import look_here
from bot.commands.doctor_telegram import look_at_telegram
from bot.commands.finding import ACT, FINE, LOOK, Finding
from bot.commands.ground import FAILED, HERE, ConfigPath, console, say, words
from scheduler.clock import SystemClock

COLOURS = {FINE: "green", LOOK: "yellow", ACT: "red"}


def doctor(config_path: ConfigPath = HERE) -> None:
    """看看机器人缺什么，每项一行。 Look at everything the bot needs, one line each.

    有事要办时退出码是 1。只看不改，运行着也可以用。
    Exit code 1 when something must be done. It changes nothing, and may run beside the bot.

    [bold]wuxue doctor[/bold]
    """
    config = ground.read_config(config_path)
    clock = SystemClock()
    found = asyncio.run(look_at_telegram(config, config_path, clock))
    found += look_here(config, now=clock.now())
    console.print(_table(found))
    todo = sum(finding.level == ACT for finding in found)
    if todo:
        say("doctor_todo", style="red", count=todo)
        raise typer.Exit(FAILED)
    say("doctor_well", style="green")


def _table(found: list[Finding]) -> Table:
    levels = {
        FINE: words("doctor_fine"),
        LOOK: words("doctor_look"),
        ACT: words("doctor_act"),
    }
    table = Table(show_header=False, show_lines=False)
    for _ in range(2):
        table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for finding in found:
        mark = Text(levels[finding.level], style=COLOURS[finding.level])
        table.add_row(mark, Text(finding.about), Text(finding.text))
    return table
