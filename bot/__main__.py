"""The command line: run, preview, search, backfill, deliveries, backup, doctor."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Coroutine
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar

import click
from dotenv import dotenv_values

from bot import __version__, app, config, doctor
from bot.config import Config
from bot.errors import DailyPapersError, SourceError
from bot.model import Request
from bot.schedule import DAY
from bot.store import backup, opened, outbox, papers
from bot.text import one_line, plural

T = TypeVar("T")


def _config() -> Config:
    file = {name: value or "" for name, value in dotenv_values(Path(".env")).items()}
    return config.load({**file, **os.environ})


def _go(work: Coroutine[None, None, T]) -> T:
    """Run to the end; a fault this program names is one sentence and exit status 1."""
    try:
        return asyncio.run(work)
    except* DailyPapersError as faults:
        raise click.ClickException("\n".join(sorted(_sentences(faults)))) from None
    except* BrokenPipeError:  # `daily-papers search ... | head`: the reader has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None


def _sentences(group: BaseExceptionGroup[BaseException]) -> set[str]:
    found: set[str] = set()
    for error in group.exceptions:
        found |= _sentences(error) if isinstance(error, BaseExceptionGroup) else {str(error)}
    return found


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="daily-papers")
def main() -> None:
    """Each day's research papers, where people already talk."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s", level=logging.INFO)
    for noisy in ("httpx", "discord", "telegram", "aiosqlite"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


@main.command()
def run() -> None:
    """Serve Discord and Telegram, whichever has a token; with neither, this terminal."""
    settings = _load()
    console = not settings.tokens or (sys.stdin.isatty() and sys.stdout.isatty())
    if not settings.tokens:
        logging.getLogger().setLevel(logging.ERROR)
    _go(app.run(settings, console=console))


def _load() -> Config:
    try:
        return _config()
    except DailyPapersError as fault:
        raise click.ClickException(str(fault)) from None


@main.command()
@click.option("--day", help="The list of that day, such as 2025-06-12; default: the newest.")
def preview(day: str | None) -> None:
    """Print a day's post as a reader sees it."""
    logging.getLogger().setLevel(logging.ERROR)
    _go(_ask("date" if day else "today", day or ""))


@main.command()
@click.argument("words", nargs=-1, required=True)
@click.option("--page", default=1, show_default=True)
def search(words: tuple[str, ...], page: int) -> None:
    """Search the stored papers."""
    _go(_ask("search", " ".join(words), page))


async def _ask(command: str, text: str, page: int = 1) -> None:
    async with app.core(_load()) as made:
        if command != "search":
            await made.collector.catch_up(made.ctx.clock())
        request = Request("console", "here", "here", command, text, page, one_to_one=True)
        app.show(await app.ask(made, request))


@main.command()
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), default="2023-05-04", show_default=True)
def backfill(since: datetime) -> None:
    """Fill the store with every list since a day. Stop it any time: it resumes where it was."""
    logging.getLogger().setLevel(logging.ERROR)
    _go(_backfill(since))


async def _backfill(since: datetime) -> None:
    async with app.core(_load()) as made:
        source = made.collector.curated
        today = made.ctx.clock().date()
        done = await papers.whole_days(made.store, source.name)
        span = (today - since.date()).days + 1
        days = [day for n in range(span) if (day := since.date() + n * DAY) not in done]
        found = 0
        with click.progressbar(days, label="Lists", item_show_func=lambda d: str(d or "")) as bar:
            for day in bar:
                found += await _fetch_patiently(made, day)
        click.echo(f"{found} papers on {len(days)} days fetched; {span - len(days)} were there.")


async def _fetch_patiently(made: app.Core, day: date) -> int:
    for pause in (5, 30, 120, None):
        try:
            return await made.collector.fetch(made.collector.curated, day, made.ctx.clock())
        except SourceError as error:
            if pause is None:
                raise
            click.echo(f"\n{error}; waiting.", err=True)
            await asyncio.sleep(error.retry_after or pause)
    return 0


@main.command()
@click.option("--failed", is_flag=True, help="Only what did not arrive, or may not have.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True)
def deliveries(failed: bool, limit: int) -> None:
    """List the newest posts and what became of each, also while the program runs.

    By tabs: number, platform, address, kind, local date, state, attempts, when, reason.
    """
    logging.getLogger().setLevel(logging.ERROR)
    _go(_deliveries(failed, limit))


async def _deliveries(failed: bool, limit: int) -> None:
    async with opened(_load().database) as store:
        for one in await outbox.newest(store, limit, failed=failed):
            row, when = one.delivery, f"{one.when:%Y-%m-%d %H:%M} UTC"
            where = row.destination
            told = (row.id, where.platform, where.address, row.kind, row.local_date, row.state)
            click.echo("\t".join(map(str, (*told, row.attempts, when, one_line(row.reason)))))


@main.command(name="backup")
@click.argument("file", type=click.Path(path_type=Path))
def backup_(file: Path) -> None:
    """Copy the store to a new file, also while the program runs."""
    made = _go(backup.save(_load().database, file))
    held = f"{plural(made.papers, 'paper')} and {plural(made.subscriptions, 'subscription')}"
    click.echo(f"{file}: {file.stat().st_size / 1e6:.1f} MB with {held}.")


@main.command(name="doctor")
def doctor_() -> None:
    """Say in one line each what keeps the bot from working; exit status 1 if anything does."""
    logging.getLogger().setLevel(logging.CRITICAL)
    sys.exit(_go(doctor.examine(_load(), click.echo)))


if __name__ == "__main__":
    main(prog_name="daily-papers")
