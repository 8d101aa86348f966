"""`daily-papers deliveries`: what became of the posts, and once more what failed in an outage."""

from __future__ import annotations

import logging
from collections import Counter
from datetime import datetime

import click
from click.core import ParameterSource

from bot import app, location, repost
from bot.options import moment
from bot.runner import go, load
from bot.states import DeliveryState
from bot.store import history, opened
from bot.terminal import say, tell
from bot.text import one_line, plural

_TYPED = ParameterSource.COMMANDLINE


@click.command()
@click.option(
    "--failed", is_flag=True, help="Only what did not arrive, or may not have, or not yet."
)
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True)
@click.option(
    "--resend",
    is_flag=True,
    help="Send again what died, could not be made, or may not have arrived.",
)
@click.option(
    "--since",
    type=moment,
    metavar="MOMENT",
    help="With --resend: what failed since then; UTC without an offset.",
)
@click.option(
    "--until", type=moment, metavar="MOMENT", help="With --resend: and until then; default: now."
)
@click.option("--sure", is_flag=True, help="With --resend: only what surely did not arrive.")
@click.option("--dry-run", is_flag=True, help="With --resend: only say what would be sent.")
def deliveries(
    failed: bool, limit: int, resend: bool, since: datetime | None, until: datetime | None,
    sure: bool, dry_run: bool,
) -> None:  # fmt: skip
    """List the newest posts and what became of each, also while the program runs.

    By tabs: number, platform, address, kind, local date, state, attempts, when, reason.
    """
    logging.getLogger().setLevel(logging.ERROR)
    if not resend:
        if since or until or sure or dry_run:
            raise click.UsageError("--since, --until, --sure and --dry-run go with --resend.")
        go(_deliveries(failed, limit))
        return
    if failed or click.get_current_context().get_parameter_source("limit") is _TYPED:
        raise click.UsageError("--failed and --limit are for the list; --resend takes all of it.")
    if since is None:
        raise click.UsageError("--resend needs --since, such as --since '2025-06-12 07:00'.")
    go(_resend(*_span(since, until), sure=sure, dry_run=dry_run))


def _span(since: datetime, until: datetime | None) -> tuple[datetime, datetime]:
    """Raises UsageError where nothing can have failed."""
    now = app.utc_now()
    if since > now:
        raise click.UsageError(f"--since is in the future: now it is {now:%Y-%m-%d %H:%M} UTC.")
    if until and until <= since:
        raise click.UsageError("--until must be later than --since.")
    return since, until or now


async def _deliveries(failed: bool, limit: int) -> None:
    file = load().database
    location.check(file)
    async with opened(file) as store:
        found = await history.newest(store, limit, failed=failed)
        any_ = found or (failed and await history.newest(store, 1, failed=False))
    for one in found:
        _line(one)
    if not any_:
        say("Nothing was posted yet: `/setup` in a channel or group starts the posts.", err=True)
    elif not found:
        say("No post failed, and none is in doubt.", err=True)


def _line(one: history.Record) -> None:
    row, when = one.delivery, f"{one.when:%Y-%m-%d %H:%M} UTC"
    where = row.destination
    told = (row.id, where.platform, where.address, row.what, row.local_date, row.state)
    tell("\t".join(map(str, (*told, row.attempts, when, one_line(row.reason)))))


async def _resend(since: datetime, until: datetime, *, sure: bool, dry_run: bool) -> None:
    """Each as its place's admin would at a tap; the running program sends them."""
    died = doubtful = 0
    left = Counter[str]()
    config = load()
    location.check(config.database)
    async with app.core(config) as made:
        async for one in repost.resend_failed(
            made.store, made.collector, since, until, made.ctx.clock(), sure=sure, dry_run=dry_run
        ):
            if one.papers:
                _line(one.record)
            unknown = one.record.delivery.state is DeliveryState.UNKNOWN
            left.update([one.nothing] if one.nothing else [])
            doubtful += bool(one.papers) and unknown
            died += bool(one.papers) and not unknown
    verb = "would go out again" if dry_run else "go out again, by the running program"
    count = f"{plural(died, 'post')} that died and {doubtful} that may have arrived {verb}."
    tell(" ".join([count, *(f"{plural(n, 'post')} left alone: {why}." for why, n in left.items())]))
