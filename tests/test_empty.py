"""A new store says that nothing is in it, and what to do."""

import asyncio
import json
from pathlib import Path

import pytest

from bot.commands.empty import FILL
from bot.store import opened
from tests.outside import serving
from tests.process import told


@pytest.mark.parametrize("words", [("search", "kv cache"), ("preview",), ("search", "similar to")])
async def test_the_command_line_says_so(tmp_path: Path, words: tuple[str, ...]) -> None:
    code, out, _ = await told(tmp_path, *words)
    text = " ".join(out.decode().split())
    assert code == 0 and FILL in text and "Nothing found" not in text


async def nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A feed that answers, and has no list."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n[]")
    writer.close()
    await writer.wait_closed()


async def test_commands_say_so(tmp_path: Path) -> None:
    lines = ["/search kv", "/similar attention", "/week", "/trending", "/today"]
    async with serving(nothing) as port:
        code, out, _ = await told(
            tmp_path, "run", typed="\n".join(lines).encode(), HF_API_BASE=f"http://127.0.0.1:{port}"
        )
    text = " ".join(out.decode().split())
    assert code == 0 and text.count(FILL) == len(lines) + 1  # the first is shown unasked
    assert "Nothing found" not in text and "Sample" not in text


async def test_json_stays_json(tmp_path: Path) -> None:
    code, out, err = await told(tmp_path, "search", "kv", "--json")
    assert code == 0 and json.loads(out)["hits"] == [] and FILL in err


async def test_deliveries_say_so(tmp_path: Path) -> None:
    async with opened(tmp_path / "data" / "papers.db"):
        pass
    code, out, err = await told(tmp_path, "deliveries")
    assert (code, out) == (0, b"") and err.startswith("Nothing was posted yet: `/setup")
