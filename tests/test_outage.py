"""`daily-papers deliveries`: moments as people write them, and what does not go together."""

import asyncio
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import pytest

from bot.options import day, moment
from bot.store import opened
from tests.process import finished, start, told
from tests.stored import add


@pytest.mark.parametrize(
    ("text", "meant"),
    [("2025-06-12", "2025-06-12 00:00"), ("2025-06-12 07:00", "2025-06-12 07:00"),
     ("2025-06-12T07:00", "2025-06-12 07:00"), ("2025-06-12T09:00Z", "2025-06-12 09:00"),
     ("2025-06-12t09:00z", "2025-06-12 09:00"), ("2025-06-12T09:00+02:00", "2025-06-12 07:00"),
     ("2025-06-12 09:00 +0200", "2025-06-12 07:00"), ("2025-06-12 09:00-05:00", "2025-06-12 14:00"),
     ("2025-06-12 09:00 UTC", "2025-06-12 09:00"), (" 2025-06-12 07:00:30 ", "2025-06-12 07:00")],
)  # fmt: skip
def test_a_moment_is_understood_with_its_offset_and_without(text: str, meant: str) -> None:
    found = moment(text)
    assert found.tzinfo == UTC and f"{found:%Y-%m-%d %H:%M}" == meant


@pytest.mark.parametrize(
    "text", ["", "yesterday", "07:00", "2025-06-31", "12.06.2025", "2025-06-12 25:00", "x" * 900,
             "0001-01-01T00:00+14:00", "2025-06-12 09:00 CEST"],
)  # fmt: skip
def test_what_is_no_moment_is_told_how_one_is_written(text: str) -> None:
    with pytest.raises(click.BadParameter, match="is no moment; write it like 2025-06-12") as fault:
        moment(text)
    assert "%" not in str(fault.value) and len(str(fault.value)) < 200


def test_what_is_no_day_is_told_how_one_is_written() -> None:
    assert str(day(" 2025-06-12 ")) == "2025-06-12"
    for text in ("", "gestern", "12.06.2025", "2025-02-30"):
        with pytest.raises(click.BadParameter, match=r"is no day; write it like 2025-06-12\.$"):
            day(text)


@pytest.fixture
async def here(tmp_path: Path) -> Path:
    """One post arrived."""
    now = datetime(2025, 6, 12, 9, tzinfo=UTC)
    async with opened(tmp_path / "data" / "papers.db") as store, store.transaction() as tx:
        await add(tx, "-1001", "2025-06-12", "{}", now=now, platform="telegram", state="sent")
    return tmp_path


async def test_that_nothing_failed_is_said(here: Path) -> None:
    code, out, err = await told(here, "deliveries", "--failed")
    assert (code, out, err) == (0, b"", "No post failed, and none is in doubt.\n")


TOMORROW = f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%d}"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [(("--failed", "--resend", "--since", "2025-06-12"), "--failed and --limit are for the list"),
     (("--limit", "5", "--resend", "--since", "2025-06-12"), "--failed and --limit are for the"),
     (("--resend", "--since", TOMORROW), "--since is in the future: now it is 2"),
     (("--resend", "--since", "2025-06-12", "--until", "2025-06-11"), "--until must be later than"),
     (("--resend", "--since", "2025-06-12T09:00Z", "--until", "2025-06-12T11:00+02:00"), "later")],
)  # fmt: skip
async def test_what_does_not_go_together_is_told(
    here: Path, words: tuple[str, ...], sentence: str
) -> None:
    code, out, err = await told(here, "deliveries", *words)
    assert code == 2 and out == b"" and sentence in err


async def test_an_offset_reaches_the_resend(here: Path) -> None:
    span = ("--since", "2025-06-12T09:00+02:00", "--until", "2025-06-12T09:00Z", "--dry-run")
    code, out, _ = await told(here, "deliveries", "--resend", *span)
    assert code == 0 and out.startswith(b"0 posts that died")


@pytest.mark.parametrize("text", ["", " "])
async def test_an_empty_day_is_not_today(here: Path, text: str) -> None:
    code, _, err = await told(here, "preview", "--day", text)
    assert code == 2 and "write a day, such as 2025-06-12." in err


async def test_a_backfill_that_waits_says_so_and_ends_in_a_sentence_at_ctrl_c(
    tmp_path: Path,
) -> None:
    since = f"{datetime.now(UTC) - timedelta(days=9):%Y-%m-%d}"
    process = await start(tmp_path, "backfill", "--since", since)
    assert process.stderr
    async with asyncio.timeout(60):
        waits = await process.stderr.readuntil(b"asked again for ")
    process.send_signal(signal.SIGINT)
    code, _, err = await finished(process)
    assert b"could not be reached" in waits and "(Ctrl-C ends it; what is fetched stays)" in err
    assert code == 130 and err.endswith("Stopped. Run it again: it resumes where it was.\n")


async def test_why_posts_are_left_alone_is_said(here: Path) -> None:
    now = datetime(2025, 6, 12, 9, tzinfo=UTC)
    async with opened(here / "data" / "papers.db") as store, store.transaction() as tx:
        await add(tx, "-1002", "2025-06-12", "{}", now=now, platform="telegram", state="missed")
    code, out, _ = await told(here, "deliveries", "--resend", "--since", "2025-06-12", "--dry-run")
    assert code == 0 and out.decode().endswith(
        "would go out again. 1 post left alone: nothing is posted there now.\n"
    )
