"""What is written on a button, each form with its writer and its parser. Pure.

Buttons outlive the program that wrote them: whatever stood on one is read for good.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum

MOST = 64  # Telegram's limit for callback data, and for a link into its private chat
_PLAIN = re.compile(r"[A-Za-z0-9_-]*")
_PAYLOAD = re.compile(r"([^-]*)-([0-9]{1,6})-([a-z])(.*)", re.DOTALL)
_POST = re.compile(r"([1-9][0-9]{0,16})(?:_(.*))?", re.DOTALL)


class Form(StrEnum):
    """How a command's words stand on a button."""

    PLAIN = "t"  # as they are
    BASE64 = "b"  # URL-safe, without padding
    KEY = "k"  # the key under which the store has them


@dataclass(frozen=True, slots=True)
class Payload:
    """A button's data: of A-Z a-z 0-9 _ -, which is all Telegram takes in a link."""

    command: str
    page: int
    form: Form
    written: str  # the words, in that form

    def __str__(self) -> str:
        """`date-1-t2025-06-12`."""
        return f"{self.command}-{self.page}-{self.form}{self.written}"

    @property
    def words(self) -> str | None:
        """None: they are in the store, or cannot be read."""
        match self.form:
            case Form.PLAIN:
                return self.written
            case Form.BASE64:
                return _decoded(self.written)
            case Form.KEY:
                return None


def payload(command: str, page: int, words: str) -> Payload:
    """In the first form that has room; it does not keep what it writes as a key."""
    coded = base64.urlsafe_b64encode(words.encode()).decode().rstrip("=")
    key = hashlib.sha256(words.encode()).hexdigest()[:24]
    plain = Payload(command, page, Form.PLAIN, words)
    if _PLAIN.fullmatch(words) and len(str(plain)) <= MOST:
        return plain
    shorter = Payload(command, page, Form.BASE64, coded)
    return shorter if len(str(shorter)) <= MOST else Payload(command, page, Form.KEY, key)


def read_payload(data: str) -> Payload | None:
    """None: it is no button of ours."""
    found = _PAYLOAD.fullmatch(data)
    if found is None or found[3] not in list(Form):
        return None
    return Payload(found[1], int(found[2]), Form(found[3]), found[4])


def _decoded(coded: str) -> str | None:
    try:
        padded = coded + "=" * (-len(coded) % 4)
        return base64.b64decode(padded, altchars=b"-_", validate=True).decode()
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class PostNumber:
    """A delivery as the buttons of its post name it."""

    delivery: int
    mark: str = ""  # made with the store's secret; a button of an older program has none

    def __str__(self) -> str:
        """`42_c2lnbmVk`."""
        return f"{self.delivery}_{self.mark}" if self.mark else str(self.delivery)


def read_post_number(text: str) -> PostNumber:
    """0, which no delivery has, for what is no number of one."""
    found = _POST.fullmatch(text)
    return PostNumber(int(found[1]), found[2] or "") if found else PostNumber(0)
