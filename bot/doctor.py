"""What keeps the bot from working, in one line each."""

from __future__ import annotations

from collections.abc import Callable

from bot import app
from bot.config import Config
from bot.errors import SourceError, StoreError
from bot.store import subscriptions


async def examine(config: Config, say: Callable[[str], None]) -> int:
    """Look at store, feed and platforms. Returns the exit status: 1 when something is wrong."""
    problems = 0

    def report(part: str, fault: str | None, fine: str) -> None:
        nonlocal problems
        problems += fault is not None
        say(f"{'FAIL' if fault else 'ok  '}  {part}: {fault or fine}")

    try:
        async with app.core(config) as made:
            report("store", await made.store.damage(), f"{config.database} is sound")
            search = made.ctx.search
            await search.use_encoder()
            wordy = f"by words alone: {search.fault}" if search.fault else None
            report("search", wordy, "by words and meaning")
            if search.encoded or search.encoder_fault:
                read, all_ = search.encoded or (0, 0)
                fine = f"has read {read} of {all_} papers"
                report("encoder", search.encoder_fault or None, fine)
            source = made.collector.curated
            try:
                newest = await source.newest()
                report("feed", None, f"{config.hf_api_base} answers, newest list {newest}")
            except SourceError as error:
                report("feed", str(error), "")
            if not config.tokens:
                say("note  no DISCORD_TOKEN and no TELEGRAM_TOKEN: only this terminal is served")
            for name, adapter in app.make_adapters(config, console=False).items():
                where = await subscriptions.addresses(made.store, name)
                faults = await adapter.check(where)
                for fault in faults:
                    report(name, fault, "")
                if not faults:
                    report(name, None, f"token accepted, {len(where)} places can be posted to")
    except StoreError as error:
        report("store", str(error), "")
    return 1 if problems else 0
