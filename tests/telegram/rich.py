"""What Telegram says to a rich message: its tags, how they nest, and its limits."""

from html.parser import HTMLParser

BLOCKS = {"h3", "h4", "p", "footer", "details", "summary", "img"}
INLINE = {"a", "tg-math"}
# https://core.telegram.org/bots/api#rich-message-limits
MOST_CHARACTERS, MOST_BLOCKS, MOST_MEDIA = 32_768, 500, 50


class Reader(HTMLParser):
    """The words a reader sees, the links, the formulas, and the first fault."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.links: list[str] = []
        self.formulas: list[str] = []
        self.pictures: list[str] = []
        self.blocks = 0
        self.fault = ""
        self._open: list[str] = []
        self.feed(markup)
        self.close()
        self._say(bool(self._open), "a tag is not closed")
        self._say(not "".join(self.words).strip(), "it is empty")
        self._say(len("".join(self.words)) > MOST_CHARACTERS, "it is too long")
        self._say(self.blocks > MOST_BLOCKS, "too many blocks")
        self._say(len(self.pictures) > MOST_MEDIA, "too many pictures")

    def _say(self, wrong: bool, fault: str) -> None:
        self.fault = self.fault or fault * wrong

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._say(tag not in BLOCKS | INLINE, f"there is no <{tag}>")
        self._say(tag in BLOCKS and self._open not in ([], ["details"]), f"<{tag}> within a block")
        self._say(tag in INLINE and not self._open, f"<{tag}> outside of any block")
        self.blocks += tag in BLOCKS
        given = dict(attrs)
        self.links += [str(given["href"])] if "href" in given else []
        self.pictures += [str(given["src"])] if "src" in given else []
        if tag == "tg-math":
            self.formulas.append("")
        if tag != "img":
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        self._say(not self._open or self._open[-1] != tag, f"</{tag}> closes nothing")
        self._open = self._open[:-1]

    def handle_data(self, data: str) -> None:
        self._say(not self._open, f"words outside of any block: {data[:20]!r}")
        self.words.append(data)
        if self._open[-1:] == ["tg-math"]:
            self.formulas[-1] += data


def rich_fault(markup: str) -> str:
    """Why Telegram refuses it; empty: it does not."""
    return Reader(markup).fault
