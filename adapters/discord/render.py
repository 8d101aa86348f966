"""Messages as Discord's components: knows their looks, and their limits.

https://docs.discord.com/developers/components/reference
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial

from discord import ui

from adapters.discord import menus
from adapters.discord.markdown import (
    Write,
    clicked,
    escape,
    fit,
    flat,
    link,
    linkable,
    masked,
    units,
)  # fmt: skip
from bot.dialogue import Entry, Message, Picture
from bot.text import runs, shorter
from bot.usage import written

COLOUR = 0xFF9D00
TEXT, COMPONENTS, ALT = 4000, 40, 256  # Discord's limits
NOTHING = "Nothing to show."


@dataclass(frozen=True, slots=True)
class Block:
    """What stands together: the head of a message, an entry, the small print."""

    text: str
    picture: Picture | None = None
    apart: bool = True  # a line keeps it from the block before

    @property
    def components(self) -> int:
        return (3 if self.picture else 1) + self.apart


def render(message: Message, ids: Mapping[str, int] | None = None) -> ui.LayoutView:
    """One message's components, within every limit.

    ids: of the commands as Discord has them, which makes their usages something to click.
    """
    about = message.about[1:] if message.about.startswith("c") else ""
    selects, rows = menus.selects(message, about), menus.rows(message, about)
    of_menus = sum(1 + len(getattr(item, "children", ())) for item in (*selects, *rows))
    bare = replace(message, actions=(), menus=(), elsewhere=None)
    room, text = COMPONENTS - 1 - of_menus, TEXT - menus.size(selects)
    blocks = _blocks(bare, tuple((ids or {}).items()), about, room, text)
    shown = [*(c for block in blocks for c in _built(block)), *selects]
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.Container(*shown, accent_colour=COLOUR))
    for row in rows:
        view.add_item(row)
    # discord.py keeps every unfinished view in memory, and loses it at a restart. Ours are
    # finished before they are sent: presses are answered from their custom_id alone.
    view.stop()
    return view


def words(text: str) -> ui.LayoutView:
    """Markdown alone, where a message cannot be content any more: it had components."""
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.TextDisplay(text))
    view.stop()
    return view


def _built(block: Block) -> Iterator[ui.Item[ui.LayoutView]]:
    if block.apart:
        yield ui.Separator()
    if block.picture:
        alt = fit(flat(block.picture.alt), ALT) or None
        picture = ui.Thumbnail[ui.LayoutView](link(block.picture.url), description=alt)
        yield ui.Section(block.text, accessory=picture)
    else:
        yield ui.TextDisplay(block.text)


@lru_cache(maxsize=64)  # many places get the same list; only their buttons differ
def _blocks(
    message: Message, ids: tuple[tuple[str, int], ...], about: str, room: int, text: int
) -> tuple[Block, ...]:
    """The first of the message's shorter versions that fits; trailing entries go last.

    room: how many components there may be; text: how many characters
    """
    write = partial(clicked, dict(ids), about)
    head, tail, entries = list[Block](), list[Block](), list[Block]()
    for version in shorter(message):
        head, entries, tail = _head(version, write), _entries(version), _tail(version, write)
        if (blocks := _arranged([*head, *entries, *tail], room, text)) is not None:
            return blocks
    for kept in range(len(entries) - 1, -1, -1):
        lost = Block(f"-# …and {len(entries) - kept} more did not fit", apart=False)
        fewer = [*head, *entries[:kept], lost, *tail]
        if (blocks := _arranged(fewer, room, text)) is not None:
            return blocks
    return (Block(NOTHING, apart=False),)


def _arranged(blocks: Sequence[Block], room: int, text: int) -> tuple[Block, ...] | None:
    """The blocks within Discord's limits, with fewer pictures and lines between them where there
    are many. None: their text is too long."""
    if not blocks:
        return (Block(NOTHING, apart=False),)
    if sum(units(block.text) + 2 for block in blocks) > text:
        return None
    for pictures in range(sum(1 for block in blocks if block.picture), -1, -1):
        fewer = _with_pictures(blocks, pictures)
        fewer[0] = replace(fewer[0], apart=False)
        if sum(block.components for block in fewer) <= room:
            return tuple(fewer)
    return (Block("\n\n".join(block.text for block in blocks), apart=False),)


def _with_pictures(blocks: Sequence[Block], most: int) -> list[Block]:
    """Of the first entries only."""
    pictured = [block for block in blocks if block.picture][:most]
    return [block if block in pictured else replace(block, picture=None) for block in blocks]


def _head(message: Message, write: Write) -> list[Block]:
    """Title, small print, text and passage."""
    level = "##" if message.sections else "###"
    title = written(flat(message.title), write, escape)
    caption = written(flat(message.caption), write, escape)
    text = "\n".join(map(flat, message.text.splitlines())).strip()
    passage = escape("\n".join(map(flat, message.passage.splitlines())).strip())
    lines = (
        title and f"{level} {title}",
        caption and f"-# {caption}",
        written(text, write, escape),
        passage,
    )
    whole = "\n".join(filter(None, lines))
    return [Block(whole, _shown(message.picture), apart=False)] if whole else []


def _tail(message: Message, write: Write) -> list[Block]:
    note = written(flat(message.note), write, escape)
    return [Block(f"-# {note}", apart=bool(message.sections))] if note else []


def _entries(message: Message) -> list[Block]:
    blocks = []
    for section in message.sections:
        entries = [Block(_entry(entry), _shown(entry.picture)) for entry in section.entries]
        if heading := escape(flat(section.heading)):
            first = entries[0] if entries else Block("")
            entries[:1] = [replace(first, text=f"### {heading}\n{first.text}".strip())]
        blocks += entries
    return blocks


def _shown(picture: Picture | None) -> Picture | None:
    return picture if picture and link(picture.url) else None


def _entry(entry: Entry) -> str:
    small = [escape(flat(entry.meta))]
    if entry.reasons:
        small.append(fit(flat("matched: " + ", ".join(entry.reasons)), 200, escape))
    small += [masked("\u00a0".join(label.split()), url) for label, url in entry.links]
    small_print = " · ".join(filter(None, small))
    lines = [_title(entry), _summary(entry), small_print and f"-# {small_print}"]
    return "\n".join(filter(None, lines))


def _title(entry: Entry) -> str:
    rank = "" if entry.rank is None else f"{entry.rank}. "
    title = flat(entry.title)
    if not any(c.isprintable() and not c.isspace() for c in title):
        title = "Untitled"  # a link needs something to click
    if not linkable(title):
        return f"**{rank}{escape(title)}** {masked('(open)', entry.url)}"
    return f"**{rank}{masked(title, entry.url)}**"


def _summary(entry: Entry) -> str:
    text = flat(entry.summary)
    bold = entry.bold if text == entry.summary else ()  # they count in the text as it came
    parts = ((escape(run), strong) for run, strong in runs(text, bold))
    return "".join(f"**{run}**" if strong else run for run, strong in parts)
