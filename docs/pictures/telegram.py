"""The daily post as Telegram shows it: `python docs/pictures/telegram.py` writes docs/telegram.png.

Needs Debian's `chromium`; the papers are the bundled sample. The page imitates a channel around
the very HTML and buttons the adapter sends.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

sys.path.pop(0)  # this folder: its discord.py is not the library
sys.path.insert(0, str(Path(__file__).parents[2]))

from telegram import InlineKeyboardMarkup

from adapters.telegram.render import render
from bot import digest, rendering
from bot.dialogue import Message
from bot.sources.sample import Sample
from bot.states import What

TARGET = Path(__file__).parents[1] / "telegram.png"
CHROMIUM = (
    "chromium --headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync --hide-scrollbars"
)
WIDTH = 500
PAGE = """<!doctype html><meta charset="utf-8"><style>
body { margin: 0; padding: 14px; background: #dbe5ec;
       font: 15px/1.38 "Liberation Sans", "DejaVu Sans", sans-serif; color: #111; }
.bubble { background: #fff; border-radius: 14px 14px 4px 14px; padding: 8px 12px 6px;
          box-shadow: 0 1px 1px #0002; white-space: pre-wrap; overflow-wrap: anywhere; }
.name { color: #c5692b; font-weight: 600; display: block; margin-bottom: 2px; }
.time { color: #8a979f; font-size: 12px; text-align: right; display: block; margin-top: 2px; }
a { color: #1679b8; text-decoration: none; }
blockquote { margin: 2px 0; border-left: 3px solid #3390ec; border-radius: 4px; padding: 4px 8px;
             background: #eaf3fd; max-height: 4.2em; overflow: hidden; }
.row { display: flex; gap: 4px; margin-top: 4px; }
.key { flex: 1; background: #7f9bafcc; color: #fff; border-radius: 8px; padding: 9px;
       text-align: center; font-weight: 500; position: relative; }
.key.url::after { content: "\\2197"; position: absolute; right: 6px; top: 1px; font-size: 11px; }
</style><body>
<div class="bubble"><span class="name">Reading group</span>%s<span class="time">%s</span></div>%s
<script>document.title = document.documentElement.scrollHeight</script>
"""


async def daily() -> Message:
    """The post of the sample's day, with the button's data as the core would fill it in."""
    source = Sample()
    day = await source.newest()
    papers = await source.fetch(day)
    now = datetime(day.year, day.month, day.day, 17, 10, tzinfo=UTC)
    empty = digest.Digest(What.DAY, day, True, now, "Europe/Berlin", 10, ())
    frozen = digest.compose(empty, [(day, paper) for paper in papers])
    post = rendering.render_page(frozen, {paper.id: paper for paper in papers}, "1")
    named = tuple(tuple(replace(a, data="more") for a in row) for row in post.actions)
    return replace(post, actions=named)


def page(message: Message) -> str:
    sent = render(message, shared=True, bot="daily_papers_bot")
    # Telegram keeps a quote from what follows by itself.
    text = sent.text.replace("</blockquote>\n\n", "</blockquote>\n")
    return PAGE % (text, "09:00", keys(sent.keyboard) if sent.keyboard else "")


def keys(keyboard: InlineKeyboardMarkup) -> str:
    rows = (
        "".join(f'<div class="key {"url" if b.url else ""}">{b.text}</div>' for b in row)
        for row in keyboard.inline_keyboard
    )
    return "".join(f'<div class="row">{row}</div>' for row in rows)


def shoot(html: str, target: Path) -> None:
    """The whole page and nothing around it: measured first, then taken."""
    with tempfile.TemporaryDirectory() as scratch:
        source = Path(scratch) / "post.html"
        source.write_text(html, encoding="utf-8")
        chromium = [*CHROMIUM.split(), f"--user-data-dir={scratch}/profile", source.as_uri()]
        dom = run([*chromium, f"--window-size={WIDTH},100", "--dump-dom"])
        height = re.search(r"<title>(\d+)</title>", dom)[1]
        run([*chromium, f"--window-size={WIDTH},{height}", f"--screenshot={target}"])


def run(command: list[str]) -> str:
    done = subprocess.run(command, check=True, timeout=90, capture_output=True, text=True)  # noqa: S603 - ours
    return done.stdout


if __name__ == "__main__":
    shoot(page(asyncio.run(daily())), TARGET)
