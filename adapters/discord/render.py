"""Messages as Discord embeds and buttons: knows Discord's Markdown and its limits."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache, partial
from urllib.parse import quote

import discord

from bot.model import Action, Entry, Message, Usage
from bot.text import cut, runs, shorter
from bot.usage import in_message, written

PREFIX = "dp:"  # our buttons; what follows is the action's data, and `@channel` if it is elsewhere
COLOUR = 0xFF9D00
CONTENT, TITLE, PAGE, TOTAL, LABEL, URL = 2000, 256, 4096, 6000, 80, 512  # Discord's limits
EMBEDS, PLAIN = "embeds", "plain"  # looks

_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\ud800-\udfff]+")
# A backslash before any ASCII punctuation makes it plain; mid-line `-` and `#` mean nothing.
_SPECIAL = re.compile(
    r"[\\*_~`|\[\]()<>]"
    r"|^[#+-]"  # headings, lists, subtext
    r"|:(?=//|[\w+-]+:)|@(?=everyone|here)",  # bare links, emoji shortcodes, mentions
    re.MULTILINE,
)
_NUMBERED = re.compile(r"^(\d+)\.", re.MULTILINE)
# Discord shows a masked link as it was typed when its text has an emoji, looks like a link,
# or has brackets that do not pair, escaped or not.
_PAIR = re.compile(r"\[[^\[\]]*\]")
_UNLINKABLE = re.compile(r"://|[\[\]\u2600-\u27bf\u2b00-\u2bff\ufe0f\U0001f000-\U0001faff]")


def render(
    message: Message, ids: Mapping[str, int] | None = None
) -> tuple[list[discord.Embed], discord.ui.View]:
    """One message's embeds and buttons, within every limit.

    ids: of the commands as Discord has them, which makes their usages something to click.
    """
    return embeds(message, ids), buttons(message, _elsewhere(message))


def _elsewhere(message: Message) -> str:
    """The id of the channel it is about, when it is not the one it stands in."""
    return message.about[1:] if message.about.startswith("c") else ""


def embeds(message: Message, ids: Mapping[str, int] | None = None) -> list[discord.Embed]:
    """The first of the message's shorter versions that fits; trailing entries go last."""
    title, pages, note = _parts(replace(message, actions=()), tuple((ids or {}).items()))
    made = [discord.Embed(description=page, colour=COLOUR) for page in pages or [""]]
    made[0].title = title or None
    if note:
        made[-1].set_footer(text=note)
    return made


@lru_cache(maxsize=64)  # many places get the same list; only their buttons differ
def _parts(message: Message, ids: tuple[tuple[str, int], ...]) -> tuple[str, list[str], str]:
    """Title, descriptions and footer."""
    plain = in_message(message, _typed)  # a title and a footer show no mention
    title, note = _fit(_flat(plain.title), TITLE, escape), _fit(_flat(plain.note), 400)
    room = TOTAL - units(title) - units(note)
    click = partial(_clicked, dict(ids), _elsewhere(message))
    versions = _versions(message, partial(written, write=click, plain=escape))
    pages = next(p for blocks in versions if (p := _pages(blocks, room)) is not None)
    if not pages and not title:
        pages = ["Nothing to show."]  # Discord refuses an empty embed
    return title, pages, note


def _typed(usage: Usage) -> str:
    """As one types it in Discord, each value after its option's name."""
    return " ".join([f"/{usage.command}", *(f"{name}:{value}" for name, value in usage.values)])


def _clicked(ids: Mapping[str, int], about: str, usage: Usage) -> str:
    """The same as Markdown; a click on a command whose id is known begins it."""
    number = ids.get(usage.command)
    command = f"</{usage.command}:{number}>" if number else f"/{usage.command}"
    where = f" channel:<#{about}>" if usage.here and about else ""
    return command + escape(_typed(usage).removeprefix(f"/{usage.command}")) + where


def content(message: Message) -> str:
    """Words and addresses alone, as a message's content; entries that do not fit are counted."""
    message = in_message(message, _typed)
    entries = [_plain_entry(entry) for section in message.sections for entry in section.entries]
    title = _fit(_flat(message.title), TITLE, escape)
    room = CONTENT - units(title) - 40  # what is said of the entries left out
    lines = "\n".join(map(_flat, message.text.splitlines())).strip()
    text = _fit(lines, room // 2 if entries else room, escape)
    for kept in range(len(entries), -1, -1):
        left_out = len(entries) - kept
        more = [f"…and {left_out} more did not fit"] if left_out else []
        written = "\n\n".join(filter(None, (title, text, *entries[:kept], *more)))
        if units(written) <= CONTENT:
            break
    return written or "Nothing to show."


def _plain_entry(entry: Entry) -> str:
    rank = "" if entry.rank is None else f"{entry.rank}. "
    title = _fit(rank + _flat(entry.title), 300, escape)
    return "\n".join(filter(None, (title, link(entry.url))))


def buttons(message: Message, about: str = "") -> discord.ui.View:
    """The actions as buttons, at most 5 x 5; a press comes back as an interaction.

    `about`: id of the channel they are about, when it is not the one they stand in.
    """
    view = discord.ui.View(timeout=None)
    seen: set[str] = set()
    for row, actions in enumerate(message.actions[:5]):
        for action in actions[:5]:
            target = link(action.url) or _custom_id(action, about)
            if target and target not in seen:  # Discord refuses a custom_id used twice
                seen.add(target)
                view.add_item(_button(action, target, row))
    # discord.py keeps every unfinished view in memory, and loses it at a restart. Ours are
    # finished before they are sent: presses are answered from their custom_id alone.
    view.stop()
    return view


def _custom_id(action: Action, about: str) -> str:
    return f"{PREFIX}{action.data}@{about}".removesuffix("@") if action.data else ""


def _button(action: Action, target: str, row: int) -> discord.ui.Button[discord.ui.View]:
    label = _fit(_flat(action.label), LABEL) or "Open"
    if action.url:
        return discord.ui.Button(label=label, url=target, row=row)
    return discord.ui.Button(label=label, custom_id=target, row=row)


def _versions(message: Message, write: Callable[[str], str]) -> Iterator[list[str]]:
    version = message
    for version in shorter(message):
        yield _blocks(version, write)
    blocks = _blocks(version, write)
    for kept in range(len(blocks) - 1, -1, -1):
        yield [*blocks[:kept], f"…and {len(blocks) - kept} more did not fit"]


def _blocks(message: Message, write: Callable[[str], str]) -> list[str]:
    """What is never broken across two embeds: the text, then each entry."""
    text = "\n".join(map(_flat, message.text.splitlines())).strip()
    blocks = [write(text)] if text else []
    for section in message.sections:
        entries = [_entry(entry) for entry in section.entries]
        if heading := _flat(section.heading):
            entries[:1] = ["\n".join([f"**{_fit(heading, 200, escape)}**", *entries[:1]])]
        blocks += entries
    return blocks


def _entry(entry: Entry) -> str:
    small = [_fit(_flat(entry.meta), 200, escape)]
    if entry.reasons:
        small.append(_fit(_flat("matched: " + ", ".join(entry.reasons)), 200, escape))
    small += [_masked("\u00a0".join(label.split()), url) for label, url in entry.links]
    small_print = " · ".join(filter(None, small))
    lines = [_title(entry), _summary(entry), small_print and f"-# {small_print}"]
    return "\n".join(filter(None, lines))


def _title(entry: Entry) -> str:
    rank = "" if entry.rank is None else f"{entry.rank}. "
    title = _flat(entry.title)
    if not any(c.isprintable() and not c.isspace() for c in title):
        title = "Untitled"  # a link needs something to click
    if _UNLINKABLE.search(_PAIR.sub("", title)):
        return f"**{rank}{escape(title)}** {_masked('(open)', entry.url)}"
    return f"**{rank}{_masked(title, entry.url)}**"


def _summary(entry: Entry) -> str:
    text = _flat(entry.summary)
    bold = entry.bold if text == entry.summary else ()  # they count in the text as it came
    written = ((escape(run), strong) for run, strong in runs(text, bold))
    return "".join(f"**{run}**" if strong else run for run, strong in written)


def _masked(label: str, url: str) -> str:
    target = link(url)
    return f"[{escape(label)}]({target})" if target else escape(label)


def link(url: str) -> str:
    """The URL with what would end a masked link percent-encoded; empty if it is no web link."""
    safe = quote(_flat(url), safe="!#$%&'+,/:;=?@~")
    return safe if re.match(r"https?://[^/?#]", safe) and len(safe) <= URL else ""


def escape(plain: str) -> str:
    """Markdown that reads as exactly these characters."""
    return _NUMBERED.sub(r"\1\.", _SPECIAL.sub(r"\\\g<0>", plain))


def units(text: str) -> int:
    """Length in UTF-16 code units: never less than Discord counts."""
    return len(text.encode("utf-16-le")) // 2


def _flat(text: str) -> str:
    return " ".join(_CONTROLS.sub(" ", text).split())


def _fit(plain: str, limit: int, write: Callable[[str], str] = str) -> str:
    size = limit
    while units(written := write(cut(plain, size))) > limit:
        size -= max(1, (units(written) - limit) // 2)
    return written


def _pages(blocks: list[str], room: int) -> list[str] | None:
    """The blocks as one embed's text, or two of about one length; None when they do not fit."""
    whole = "\n\n".join(blocks)
    if units(whole) <= min(PAGE, room):
        return [whole] if whole else []
    halves = [("\n\n".join(blocks[:n]), "\n\n".join(blocks[n:])) for n in range(1, len(blocks))]
    first, last = min(halves, key=lambda half: max(map(units, half)), default=(whole, ""))
    fits = max(units(first), units(last)) <= PAGE and units(first) + units(last) <= room
    return [first, last] if fits else None
