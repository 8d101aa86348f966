"""The daily post and a search as Discord shows them: `python docs/pictures/discord.py` writes
docs/discord.png and docs/search.png.

Needs `simcord[preview]` and Debian's `chromium`; the papers are the bundled sample.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

sys.path.pop(0)  # this folder: its discord.py is not the library
sys.path.insert(0, str(Path(__file__).parents[2]))

import simcord
from PIL import Image, ImageChops

from adapters.discord.client import Discord
from bot import app, digest, rendering
from bot.commands import registry
from bot.commands.answer import answer
from bot.dialogue import Message, Request
from bot.sources.sample import Sample
from bot.states import What

SIZE = (560, 1900)
QUERY = "vidoe generation"
BOX = (0, 111, 560, 1815)  # without the preview's own toolbar
CHROMIUM = (
    "chromium --headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync --hide-scrollbars --virtual-time-budget=8000"
)


class Silent:
    """A core without commands: only a post is wanted."""

    commands = ()

    async def returned(self, addresses: Sequence[str]) -> None:
        """Nothing was switched off."""


async def daily() -> Message:
    source = Sample()
    day = await source.newest()
    papers = await source.fetch(day)
    now = datetime(day.year, day.month, day.day, 17, 10, tzinfo=UTC)
    empty = digest.Digest(What.DAY, day, True, now, "Europe/Berlin", 10, ())
    frozen = digest.compose(empty, [(day, paper) for paper in papers])
    post = rendering.render_page(frozen, {paper.id: paper for paper in papers}, "1")
    named = tuple(tuple(replace(a, data="more") for a in row) for row in post.actions)
    return replace(post, actions=named)


async def found() -> Message:
    """A search in the sample, without the note that it is one."""
    day = await Sample().newest()
    now = datetime(day.year, day.month, day.day, 17, 10, tzinfo=UTC)
    async with app.sampled(lambda: now) as made:
        asked = Request("discord", "c1", "u1", "search", QUERY)
        message = await answer(made.ctx, registry(), asked)
    return replace(message, note=message.note.partition(" · ")[0])


async def picture(message: Message, target: Path) -> None:
    adapter = Discord("token", None)
    async with simcord.run(adapter.client(Silent())) as env:
        env.backend.bot_user.name = "Daily Papers"
        guild = env.create_guild(name="Reading group")
        channel = guild.create_text_channel("papers")
        reader = guild.add_member(env.create_user("reader"))
        await adapter.post(f"c{channel.id}", message, key="picture")
        preview = env.preview(
            channel, viewers=[reader], display="fixed", width=SIZE[0], height=SIZE[1]
        )
        async with preview:
            await asyncio.to_thread(shoot, preview.url, target)


def shoot(url: str, target: Path) -> None:
    with tempfile.TemporaryDirectory() as profile:
        size = f"--window-size={SIZE[0]},{SIZE[1]}"
        flags = [*CHROMIUM.split(), size, f"--user-data-dir={profile}", f"--screenshot={target}"]
        subprocess.run([*flags, url], check=True, timeout=90, capture_output=True)  # noqa: S603 - ours
    picture = Image.open(target).convert("RGB").crop(BOX)
    below = Image.new("RGB", picture.size, picture.getpixel((200, picture.height - 2)))
    *_, end = ImageChops.difference(picture, below).convert("L").point(lambda v: v > 12).getbbox()
    picture = picture.crop((0, 0, picture.width, end + 16))
    picture.convert("P", palette=Image.Palette.ADAPTIVE).save(target, optimize=True)


async def main(folder: Path) -> None:
    await picture(await daily(), folder / "discord.png")
    await picture(await found(), folder / "search.png")


if __name__ == "__main__":
    asyncio.run(main(Path(__file__).parents[1]))
