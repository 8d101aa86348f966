"""The command line: run, preview, search, backfill, import, deliveries, backup, doctor."""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractContextManager, asynccontextmanager, suppress
from datetime import date
from functools import partial
from itertools import islice
from pathlib import Path
from typing import BinaryIO, TypeVar

import click

from bot import __version__, app, doctor, location, naming, outage
from bot.backfill import Backfill
from bot.commands.answer import run as run_command
from bot.commands.empty import nothing_stored
from bot.commands.search import fetched, notes
from bot.config import Config
from bot.dialogue import Request
from bot.errors import ConfigError, UserError
from bot.options import day
from bot.period import FIRST_DAY
from bot.runner import go, load, start_log
from bot.schedule import DAY
from bot.search.engine import Results
from bot.sources import dump
from bot.store import backup, lists, papers
from bot.terminal import (
    Commands,
    has_commands,
    in_background,
    is_attended,
    prepare,
    say,
    speaks_unicode,
    tell,
)  # fmt: skip
from bot.text import plain, plural
from bot.usage import bare, written

T = TypeVar("T")
IMPORTED = 20_000  # papers in a transaction
LONGEST = 2**20  # bytes of a line


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="daily-papers")
def main() -> None:
    """Each day's research papers, where people already talk."""
    prepare()
    start_log()


@main.command()
def run() -> None:
    """Serve Discord and Telegram, whichever has a token; with neither, this terminal."""
    settings = load()
    for doubt in settings.doubts:
        say(doubt, err=True)
    attended = is_attended(alone=not settings.tokens)
    if settings.tokens:
        go(app.run(settings, console=attended))
        return
    logging.getLogger().setLevel(logging.ERROR)
    if attended or (not _is_terminal() and has_commands()):
        go(app.run(settings, console=True))
    else:
        go(_refuse(settings))


def _is_terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


async def _refuse(settings: Config) -> None:
    """There is nobody to serve. A fault of the store is told first; none is made for nobody."""
    async with app.reading(settings):
        location.check_can_be_made(settings.database)
        where = "in the background nobody can type" if in_background() else "and nobody types here"
        raise ConfigError(
            f"No token is set, {where}: put DISCORD_TOKEN or TELEGRAM_TOKEN into .env "
            "(.env.example says how), or run it at a terminal."
        )


@main.command()
@click.option("--day", help="The list of that day, such as 2025-06-12; default: the newest.")
def preview(day: str | None) -> None:
    """Print a day's post as a reader sees it."""
    if day is not None and not day.strip():
        raise click.BadParameter("write a day, such as 2025-06-12.", param_hint="--day")
    logging.getLogger().setLevel(logging.ERROR)
    go(_ask("date" if day else "today", day or ""))


# Unknown options are words: -survey in a query is one.
@main.command(context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]})
@click.argument("words", nargs=-1, required=True)
@click.option("--page", type=click.IntRange(1), default=1, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a page.")
@click.option(
    "--limit", type=click.IntRange(1, 100), default=10, show_default=True,
    help="Papers on a page of JSON; a page to read has five.",
)  # fmt: skip
def search(words: tuple[str, ...], page: int, as_json: bool, limit: int) -> None:
    """Search the stored papers."""
    logging.getLogger().setLevel(logging.ERROR)
    query = " ".join(words)
    go(_search(query, page, limit) if as_json else _ask("search", query, page))


@asynccontextmanager
async def _reading() -> AsyncIterator[app.Core]:
    """Says where no store is: it may be in another folder."""
    config = load()
    async with app.reading(config) as made:
        yield made
    if location.is_absent(config.database):
        say(location.none_at(config.database), err=True)


async def _search(query: str, page: int, limit: int) -> None:
    async with _reading() as made:
        await made.ctx.search.use_encoder()
        await made.ctx.search.catch_up()
        found = await made.ctx.search.search(query, limit=limit, offset=(page - 1) * limit)
        with suppress(UserError):  # nobody has the paper with that id: nothing is found
            found = await fetched(made.ctx, found, "here")
        if not found.hits and (nothing := await nothing_stored(made.ctx)):
            say(nothing, err=True)
    say(json.dumps(_plain(found), ensure_ascii=not speaks_unicode()))


def _plain(found: Results) -> dict[str, object]:
    """What a search found, as JSON says it: days are YYYY-MM-DD, what is unknown is null."""
    hits = [
        {
            "id": hit.paper.id,
            "title": plain(hit.paper.title),
            "authors": hit.paper.authors,
            "published": hit.paper.published and str(hit.paper.published),
            "day": hit.paper.day and str(hit.paper.day),
            "votes": hit.paper.votes,
            "url": naming.page(hit.paper),
            "why": hit.why,
        }
        for hit in found.hits
    ]
    corrected = [{"typed": typed, "searched": searched} for typed, searched in found.corrected]
    return {
        "query": str(found.query),
        "total": found.matching,
        "corrected": corrected,
        "notes": [written(note, bare) for note in notes(found)],
        "did_you_mean": found.query.did_you_mean or None,
        "suggestion": found.suggestion or None,
        "hits": hits,
    }


async def _ask(command: str, text: str, page: int = 1) -> None:
    async with _reading() as made:
        if command == "search":
            await made.ctx.search.use_encoder()
        else:
            await made.collector.catch_up(made.ctx.clock())
        await made.ctx.search.catch_up()
        request = Request("console", "here", "here", command, text, page, one_to_one=True)
        app.show(await run_command(made.ctx, made.commands, request))


@main.command()
@click.option("--since", type=day, metavar="DAY", default=f"{FIRST_DAY}", show_default=True)
def backfill(since: date) -> None:
    """Fill the store with every list since a day. Stop it any time: it resumes where it was."""
    logging.getLogger().setLevel(logging.ERROR)
    try:
        go(_backfill(since))
    except KeyboardInterrupt:
        say("\nStopped. Run it again: it resumes where it was.", err=True)
        raise SystemExit(128 + signal.SIGINT) from None  # as shells have it


def _progress(
    steps: Iterable[T], shown: Callable[[T | None], str], label: str = ""
) -> AbstractContextManager[Iterable[T]]:
    """A bar on standard error: what it writes itself, past `say`, is nobody's result."""
    return click.progressbar(steps, label=label, item_show_func=shown, file=sys.stderr)


async def _backfill(since: date) -> None:
    if not FIRST_DAY <= since <= app.utc_now().date():
        raise UserError(f"--since must be a day from {FIRST_DAY} to today.")
    async with app.core(load()) as made:
        done = await lists.whole_days(made.store, made.collector.curated.name)
        span = (made.ctx.clock().date() - since).days + 1
        days = [day for n in range(span) if (day := since + n * DAY) not in done]
        filling = Backfill(made.collector, made.ctx.clock, partial(say, err=True))
        with _progress(days, lambda day: str(day or ""), "Lists") as bar:
            for day in bar:
                await filling.fetch(day)
        await filling.fetch_again()
        await made.ctx.search.catch_up()
        got = len(days) - len(filling.failed)
        known = span - len(days)
        new = f"{plural(filling.papers, 'paper')} on {plural(got, 'day')} fetched"
        tell(f"{new}; {known} {'was' if known == 1 else 'were'} there.")
        for day, reason in filling.failed.items():
            tell(f"Not fetched: {day} ({reason}). Run it again to try once more.")
        if filling.failed:
            raise UserError(f"{plural(len(filling.failed), 'list')} could not be fetched.")


@main.command(name="import")
@click.argument("file", type=click.File("rb"))
def import_(file: BinaryIO) -> None:
    """Add the papers of arXiv's metadata file, a JSON object a line; - is standard input.

    With a newer file, what is new or changed in it is added.
    """
    logging.getLogger().setLevel(logging.ERROR)
    go(_import(file))


async def _import(file: BinaryIO) -> None:
    lines = dump.papers(iter(partial(file.readline, LONGEST), b""))
    batches = iter(lambda: list(islice(lines, IMPORTED)), [])
    read = found = 0
    async with app.core(load()) as made:
        with _progress(batches, lambda _: f"{found:,} papers") as bar:
            for some in bar:
                known = [paper for paper in some if paper]
                async with made.store.transaction() as tx:
                    await papers.save(tx, known)
                read, found = read + len(some), found + len(known)
        if not found:
            raise UserError("No line of it is a paper as arXiv's metadata file has them.")
        say(f"{found:,} of {read:,} lines are papers, and stored.")
        say("By meaning they are found in a while, 200,000 a minute.")
        say("Stop it any time: the bot goes on with it.")
        await made.ctx.search.catch_up()


main.add_command(outage.deliveries)


@main.command(name="backup")
@click.argument("file", type=click.Path(path_type=Path))
def backup_(file: Path) -> None:
    """Copy the store to a new file, also while the program runs."""
    if file.name == "-":
        raise click.BadParameter("a backup is a file, not standard output: name it.")
    go(_backup(load().database, file))


async def _backup(store: Path, file: Path) -> None:
    made = await backup.save(store, file)
    held = f"{plural(made.papers, 'paper')} and {plural(made.subscriptions, 'subscription')}"
    say(f"{file}: {os.stat(file).st_size / 1e6:.1f} MB with {held}.")  # noqa: PTH116


@main.command(name="doctor")
def doctor_() -> None:
    """Say in one line each what keeps the bot from working; exit status 1 if anything does."""
    logging.getLogger().setLevel(logging.CRITICAL)
    sys.exit(go(doctor.examine(load(), tell)))
