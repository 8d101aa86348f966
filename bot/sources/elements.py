"""Reading XML that nobody vouches for: no declarations, a bounded size, texts of one line."""

from __future__ import annotations

import re
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from bot.errors import SourceError
from bot.sources.fields import LONGEST, clean

# 2,000 records of hep-ex, with a hundred collaborations of 1,500 authors, have 700,000.
ELEMENTS = 1_000_000
_CHUNK = 2**16  # bytes between two looks at what went wrong
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # no XML may have them
_NUMBER = re.compile(
    r"&#(?:0*(?:[0-8]|1[124-9]|2[0-9]|3[01])|[xX]0*(?:[0-8bBcCeEfF]|1[0-9a-fA-F]));"
)
_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9a-fA-F]{1,6});)")


def parse(body: bytes, fault: str) -> Element:
    """The root element. Raises SourceError(fault) for what is no XML, or has too many elements.

    A document type is refused unread: its entities can grow a small answer to gigabytes, which
    expat only slows. One character that XML forbids, or a bare ampersand, is taken out rather
    than the whole answer thrown away.
    """
    if b"<!DOCTYPE" in body.replace(b"\0", b""):  # without the NULs it is ASCII in UTF-16, too
        raise SourceError(fault)
    try:
        try:
            return _tree(body)
        except ElementTree.ParseError:
            return _tree(_mended(body))
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise SourceError(fault) from error


def text(element: Element, path: str, longest: int = LONGEST) -> str:
    """The text of the first that matches, as one line; empty when there is none."""
    return clean(element.findtext(path), longest)


class _Bounded(ElementTree.TreeBuilder):
    def __init__(self) -> None:
        super().__init__()
        self._left = ELEMENTS

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:
        self._left -= 1
        if self._left < 0:
            raise ValueError("too many elements")
        return super().start(tag, attrs)


def _tree(body: bytes) -> Element:
    # The lint rule fears entities, and no document type got here.
    parser = ElementTree.XMLParser(target=_Bounded())  # noqa: S314
    for at in range(0, len(body), _CHUNK):
        parser.feed(body[at : at + _CHUNK])
    root: Element = parser.close()
    return root


def _mended(body: bytes) -> bytes:
    content = _CONTROL.sub("", body.decode(errors="replace"))
    return _AMPERSAND.sub("&amp;", _NUMBER.sub("", content)).encode()
