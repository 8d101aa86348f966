"""The program as a person starts it: a process, its words, its exit status."""

import asyncio
import json
import os
import signal
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot.model import Paper
from bot.store import opened
from tests.fakes import on, paper, papers_of, subscribe
from tests.replay import replay
from tests.stored import add, digest_of, save_list, save_papers
from tests.telegram.double import TOKEN, TelegramDouble

ROOT = Path(__file__).resolve().parents[1]
NOWHERE = "http://127.0.0.1:9"  # nothing listens on the discard port


async def start(folder: Path, *words: str, **settings: str) -> asyncio.subprocess.Process:
    kept = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG", "SYSTEMROOT")}
    environment = kept | {"PYTHONPATH": str(ROOT), "HF_API_BASE": NOWHERE} | settings
    environment.setdefault("TMPDIR", str(folder))  # locks: this token is tested elsewhere, too
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *words,
        cwd=folder, env=environment, stdin=pipe, stdout=pipe, stderr=pipe,
    )  # fmt: skip


async def finished(
    process: asyncio.subprocess.Process, typed: str = ""
) -> tuple[int | None, str, str]:
    async with asyncio.timeout(30):
        out, err = await process.communicate(typed.encode())
    return process.returncode, out.decode(), err.decode()


async def told(folder: Path, *words: str, typed: str = "", **settings: str) -> tuple[int, str]:
    code, out, err = await finished(await start(folder, *words, **settings), typed)
    assert "Traceback" not in err, err
    return code or 0, out + err


async def test_without_a_network_the_sample_is_shown_and_marked(tmp_path: Path) -> None:
    code, text = await told(tmp_path, "run", typed="/search reasoning\n/nonsense\n")
    assert code == 0
    assert text.startswith("Hugging Face could not be reached.")
    assert "Daily Papers · " in text
    assert "Sample papers" in text
    assert "Search: reasoning" in text


async def test_with_a_feed_the_newest_list_is_shown(tmp_path: Path) -> None:
    with replay(now="2025-06-12T17:00:00Z") as feed:
        code, text = await told(
            tmp_path, "run", typed="/date 2025-06-11\n/paper 2506.05309\n", HF_API_BASE=feed.base
        )
        assert code == 0
        assert "Daily Papers · Thu 12 June 2025" in text
        assert "Daily Papers · Wed 11 June 2025" in text
        assert "Sample" not in text
        code, text = await told(tmp_path, "doctor", HF_API_BASE=feed.base)
        assert code == 0


@pytest.mark.parametrize("day", ["0001-01-01", "2023-05-03", "2099-01-01"])
async def test_a_backfill_from_where_no_list_can_be_is_refused(tmp_path: Path, day: str) -> None:
    code, text = await told(tmp_path, "backfill", "--since", day)
    assert (code, text.strip()) == (1, "Error: --since must be a day from 2023-05-04 to today.")


@pytest.mark.parametrize(
    "words",
    [
        ("search", ""), ("search", "-survey"), ("search", "after:05/06/2025 flow"),
        ("preview", "--day", "2025-13-01"), ("preview", "--day", "2022-01-03"),
    ],
)  # fmt: skip
async def test_what_cannot_be_used_is_one_sentence_and_exit_status_1(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    code, text = await told(tmp_path, *words)
    assert code == 1
    assert text.startswith("Error: ") and "Traceback" not in text and text.count("\n") == 1


def metadata(*numbers: int) -> str:
    """Lines as in arXiv's metadata file."""
    rows = (
        {"id": f"0704.{n:04}", "title": f"Tides of basalt {n}", "abstract": "They turn slowly.",
         "categories": "hep-ph", "authors_parsed": [["Author", "A.", ""]]}
        for n in numbers
    )  # fmt: skip
    return "".join(f"{json.dumps(row)}\n" for row in rows)


async def test_arxivs_metadata_is_imported_again_and_again(tmp_path: Path) -> None:
    file = tmp_path / "arxiv.jsonl"
    file.write_text(metadata(1, 2) + "no paper\n")
    code, text = await told(tmp_path, "import", "arxiv.jsonl")
    assert code == 0
    assert "2 of 3 lines are papers, and stored." in text
    code, text = await told(tmp_path, "import", "-", typed=metadata(2, 3))
    assert (code, "2 of 2 lines are papers, and stored." in text) == (0, True)
    _, text = await told(tmp_path, "search", "slow tides cat:hep-ph", "--json")
    found = json.loads(text)
    assert {hit["id"] for hit in found["hits"]} == {"0704.0001", "0704.0002", "0704.0003"}


@pytest.mark.parametrize("garbage", ["", "\n", "no paper\n", "[]\n" * 3, '{"id": "0704.0001"}'])
async def test_what_is_not_arxivs_metadata_is_refused_in_one_sentence(
    tmp_path: Path, garbage: str
) -> None:
    code, text = await told(tmp_path, "import", "-", typed=garbage)
    assert code == 1
    assert "Error: No line of it is a paper as arXiv's metadata file has them." in text
    code, text = await told(tmp_path, "import", "absent.jsonl")
    assert (code, "absent.jsonl" in text) == (2, True)


async def test_a_backfill_resumes_and_fetches_nothing_twice(tmp_path: Path) -> None:
    with replay(now=f"{datetime.now(UTC):%Y-%m-%d}T23:00:00Z") as feed:
        since = ("backfill", "--since", str(datetime.now(UTC).date() - timedelta(days=20)))
        await told(tmp_path, *since, HF_API_BASE=feed.base)
        asked = [entry["path"] for entry in feed.log()]
        await told(tmp_path, *since, HF_API_BASE=feed.base)
        again = [entry["path"] for entry in feed.log()][len(asked) :]
    whole = [path for path in asked if f"date={datetime.now(UTC):%Y-%m-%d}" not in str(path)]
    assert whole and max(Counter(whole).values()) == 2  # an empty weekday is asked for twice
    assert not set(again) & set(whole)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"DATABASE_URL": "papers.db"}, "DATABASE_URL must look like"),
        ({"HF_API_BASE": "huggingface.co"}, "HF_API_BASE must be a URL"),
        ({"ARXIV_CATEGORIES": "cs CL!"}, "ARXIV_CATEGORIES wants names"),
        ({"DATABASE_URL": "sqlite:////proc/none/papers.db"}, "cannot be made"),
    ],
)
async def test_a_wrong_setting_is_one_sentence(
    tmp_path: Path, settings: dict[str, str], sentence: str
) -> None:
    code, text = await told(tmp_path, "run", **settings)
    assert code == 1
    assert sentence in text
    assert len(text.strip().splitlines()) == 1


async def test_a_refused_token_ends_the_program_with_one_sentence(tmp_path: Path) -> None:
    async with TelegramDouble() as telegram:
        code, text = await told(
            tmp_path, "run", TELEGRAM_API_BASE=telegram.base, TELEGRAM_TOKEN="1:wrong"
        )
    assert code == 1
    assert "Telegram refused TELEGRAM_TOKEN" in text
    assert "1:wrong" not in text


async def test_doctor_names_every_fault_in_a_line(tmp_path: Path) -> None:
    async with TelegramDouble() as telegram:
        code, text = await told(
            tmp_path, "doctor", TELEGRAM_API_BASE=telegram.base, TELEGRAM_TOKEN="1:wrong"
        )
    assert code == 1
    *fine, feed, telegram_ = text.strip().splitlines()
    assert {line.split()[0] for line in fine} == {"note", "ok"}
    assert feed.startswith("FAIL") and "could not be reached" in feed
    assert telegram_.startswith("FAIL") and "refused TELEGRAM_TOKEN" in telegram_
    assert "encoder: has read 0 of 0 papers" in text


async def test_deliveries_are_listed_a_line_each_while_the_program_has_the_store(
    tmp_path: Path,
) -> None:
    now = datetime(2025, 6, 12, 7, 2, tzinfo=UTC)
    async with opened(tmp_path / "data" / "papers.db") as store:
        async with store.transaction() as tx:
            for n, state in enumerate(("sent", "unknown", "dead", "retry", "skipped"), 1):
                await add(
                    tx, f"-100{n}", "2025-06-12", "the words of a post", now=now,
                    platform="telegram", state=state, reason=f"two\nlines\t{n}",
                )  # fmt: skip
        code, text = await told(tmp_path, "deliveries", TELEGRAM_TOKEN="1:token")
        assert code == 0
        lines = [line.split("\t") for line in text.splitlines()]
        assert [line[0] for line in lines] == ["5", "4", "3", "2", "1"]
        assert lines[3] == [
            "2", "telegram", "-1002", "daily", "2025-06-12", "unknown", "0",
            "2025-06-12 07:02 UTC", "two lines 2",
        ]  # fmt: skip
        assert "words of a post" not in text and "1:token" not in text
        code, text = await told(tmp_path, "deliveries", "--failed", "--limit", "2")
        assert code == 0
        assert [line.split("\t")[5] for line in text.splitlines()] == ["retry", "dead"]


@pytest.fixture
async def after_an_outage(tmp_path: Path) -> Path:
    """Of three places one had its post, one may have had it, one did not."""
    now = datetime(2025, 6, 12, 9, tzinfo=UTC)
    async with opened(tmp_path / "data" / "papers.db") as store:
        await save_list(store, "2025-06-12", *papers_of("2025-06-12", 1, 2))
        for n, state in enumerate(("sent", "unknown", "dead"), 1):
            where = f"-100{n}"
            order = await subscribe(store, where, now, platform="telegram")
            async with store.transaction() as tx:
                await add(
                    tx, where, "2025-06-12", digest_of("2025-06-12", 1, 2), now=now, state=state,
                    platform="telegram", subscription=order, reason="down",
                )  # fmt: skip
    return tmp_path


async def _states(folder: Path) -> list[tuple[str, str]]:
    async with opened(folder / "data" / "papers.db") as store:
        found = await store.rows("SELECT address, state FROM deliveries ORDER BY id")
        return [(row["address"], row["state"]) for row in found]


async def test_what_failed_in_an_outage_is_sent_again_after_a_dry_run(
    after_an_outage: Path,
) -> None:
    before = await _states(after_an_outage)
    again = ("deliveries", "--resend", "--since", "2025-06-12 06:00")
    code, text = await told(after_an_outage, *again, "--dry-run")
    assert code == 0
    *lines, summary = text.splitlines()
    assert [line.split("\t")[2] for line in lines] == ["-1002", "-1003"]
    assert summary.startswith("1 post that died and 1 that may have arrived would go out again.")
    assert await _states(after_an_outage) == before
    code, text = await told(after_an_outage, *again, "--sure")
    assert "1 post that died and 0 that may have arrived go out again" in text
    assert await _states(after_an_outage) == [*before, ("-1003", "pending")]
    code, text = await told(after_an_outage, *again)
    assert "0 posts that died and 1 that may have arrived" in text
    assert (await _states(after_an_outage))[1] == ("-1002", "pending")
    code, text = await told(after_an_outage, *again, "--until", "2025-06-12 07:00")
    assert text.startswith("0 posts that died and 0 that may have arrived")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--resend",), "--resend needs --since"),
        (("--since", "2025-06-12"), "go with --resend"),
        (("--dry-run",), "go with --resend"),
        (("--resend", "--since", "yesterday"), "is no moment; write it like 2025-06-12,"),
    ],
)
async def test_a_resend_without_its_words_changes_nothing_and_says_what_is_missing(
    after_an_outage: Path, words: tuple[str, ...], sentence: str
) -> None:
    before = await _states(after_an_outage)
    code, text = await told(after_an_outage, "deliveries", *words)
    assert code == 2 and sentence in text
    assert await _states(after_an_outage) == before


async def test_a_backfill_passes_over_a_day_that_fails_and_names_it_at_the_end(
    tmp_path: Path,
) -> None:
    async with BrokenFeed() as feed:
        since = f"{datetime.now(UTC).date() - timedelta(days=5)}"
        code, text = await told(tmp_path, "backfill", "--since", since, HF_API_BASE=feed.base)
        bad = feed.bad
    assert code == 1, text
    assert f"Not fetched: {bad} (" in text and "Error: 1 list could not be fetched." in text
    async with opened(tmp_path / "data" / "papers.db") as store:
        found = await store.rows("SELECT day FROM lists WHERE fetched_at IS NOT NULL")
    assert len(found) == 5 and bad not in {row["day"] for row in found}


class BrokenFeed:
    """A feed with no list at all; for one day it always answers 500."""

    def __init__(self) -> None:
        self.bad = str(datetime.now(UTC).date() - timedelta(days=3))
        self.base = ""

    async def __aenter__(self) -> "BrokenFeed":
        server = web.Application()
        server.router.add_get("/api/daily_papers", self._answer)
        self._runner = web.AppRunner(server, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.base = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        if request.query.get("date") == self.bad:
            return web.json_response({"error": "Internal"}, status=500)
        return web.json_response([])


async def _stored(folder: Path, *found: Paper) -> None:
    async with opened(folder / "data" / "papers.db") as store:
        await save_papers(store, *found)


async def test_a_search_is_told_as_json(tmp_path: Path) -> None:
    await _stored(
        tmp_path,
        paper(
            7,
            published=on("2025-05-30"),
            title="The $\\ell_p$ cache",
            summary="A cache. It evicts.",
        ),
        paper(8, None, votes=None, summary="A cache, too; a survey."),
        paper(9),
    )
    code, out, err = await finished(
        await start(tmp_path, "search", "cache", "evicts", "-survey", "--json")
    )
    found = json.loads(out)
    assert (code, err) == (0, "")
    assert found == {
        "query": "cache evicts -survey",
        "total": 1,
        "corrected": [],
        "notes": [],
        "did_you_mean": None,
        "suggestion": None,
        "hits": [
            {
                "id": "2506.00007",
                "title": "The ℓₚ cache",
                "authors": ["Ada Number7", "Grace Second"],
                "published": "2025-05-30",
                "day": "2025-06-02",
                "votes": 7,
                "url": "https://huggingface.co/papers/2506.00007",
                "why": "A cache.",
            }
        ],
    }
    code, out, _ = await finished(
        await start(tmp_path, "search", "study", "--json", "--limit", "1", "--page", "2")
    )
    assert [hit["id"] for hit in json.loads(out)["hits"]] == ["2506.00008"]


async def test_json_has_what_the_chat_is_told(tmp_path: Path) -> None:
    await _stored(tmp_path, paper(7, title="Flow without labels"))
    code, text = await told(tmp_path, "search", "flow - video", "--json")
    found = json.loads(text)
    assert code == 0 and found["did_you_mean"] == "flow -video"
    assert found["notes"] == ["A minus with a space after it leaves nothing out."]
    code, text = await told(tmp_path, "search", "flow", "author:nobody", "--json")
    found = json.loads(text)
    assert found["suggestion"] == "flow" and "No stored paper is by nobody." in found["notes"]


async def test_a_backup_is_no_standard_output(tmp_path: Path) -> None:
    await _stored(tmp_path, paper(7))
    code, _, err = await finished(await start(tmp_path, "backup", "-"))
    assert code == 2 and "a backup is a file, not standard output" in err
    assert not (tmp_path / "-").exists()


async def test_nothing_found_is_no_fault_and_no_query_is_one(tmp_path: Path) -> None:
    await _stored(tmp_path, paper(7))
    code, text = await told(tmp_path, "search", "votes:>900", "--json")
    assert code == 0 and json.loads(text)["hits"] == []
    code, out, err = await finished(await start(tmp_path, "search", " ", "--json"))
    assert (code, out) == (1, "") and err.startswith("Error: ")
    assert len(err.strip().splitlines()) == 1


class SlowTelegram(TelegramDouble):
    """Takes a second to accept a message."""

    async def _sendMessage(self, params: dict[str, Any]) -> dict[str, Any]:
        await asyncio.sleep(1)
        return super()._sendMessage(params)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_stop_finishes_the_post_in_flight(tmp_path: Path, number: signal.Signals) -> None:
    now = datetime.now(UTC)
    database = tmp_path / "data" / "papers.db"
    async with opened(database) as store, store.transaction() as tx:
        told = '{"text": "One."}'
        await add(tx, "7", str(now.date()), told, now=now, platform="telegram", kind="notice")
    async with SlowTelegram() as telegram:
        telegram.add_person(7)
        process = await start(
            tmp_path, "run", TELEGRAM_API_BASE=telegram.base, TELEGRAM_TOKEN=TOKEN
        )
        await telegram.until(lambda: any(m == "sendMessage" for m, _ in telegram.calls), 40)
        process.send_signal(number)
        began = time.monotonic()
        code, _, err = await finished(process)
        assert code == 0, err
        assert time.monotonic() - began < 5
        assert [sent.text for sent in telegram.sent] == ["One."]
        assert TOKEN not in err
    async with opened(database) as store:
        assert [row["state"] for row in await store.rows("SELECT state FROM deliveries")] == [
            "sent"
        ]


async def _serving(telegram: TelegramDouble, folder: Path) -> asyncio.subprocess.Process:
    begun = len(telegram.calls)
    settings = {"TELEGRAM_API_BASE": telegram.base, "TELEGRAM_TOKEN": TOKEN}
    process = await start(folder, "run", **settings)
    await telegram.until(lambda: any(m == "getUpdates" for m, _ in telegram.calls[begun:]), 40)
    return process


async def test_a_second_start_says_who_serves_and_the_first_goes_on(tmp_path: Path) -> None:
    async with TelegramDouble() as telegram:
        settings = {"TELEGRAM_API_BASE": telegram.base, "TELEGRAM_TOKEN": TOKEN}
        first = await _serving(telegram, tmp_path)
        code, text = await told(tmp_path, "run", DATABASE_URL="sqlite:///other.db", **settings)
        assert code == 1
        assert f"already serves this TELEGRAM_TOKEN: process {first.pid}, since 2" in text
        assert len(text.strip().splitlines()) == 1
        assert not (tmp_path / "other.db").exists()
        code, text = await told(tmp_path, "doctor", HF_API_BASE=NOWHERE, **settings)
        assert "telegram: token accepted" in text
        assert first.returncode is None
        first.kill()
        await finished(first)
        second = await _serving(telegram, tmp_path)
        second.terminate()
        code, _, err = await finished(second)
        assert code == 0, err


async def test_a_backup_is_taken_while_the_program_runs_and_put_back(tmp_path: Path) -> None:
    now, database = datetime.now(UTC), tmp_path / "data" / "papers.db"
    async with opened(database) as store:
        await subscribe(store, "7", now, platform="telegram")
        await save_papers(store, *papers_of("2025-06-02", 1, 2))
    async with TelegramDouble() as telegram:
        telegram.add_person(7)
        process = await _serving(telegram, tmp_path)
        code, text = await told(tmp_path, "backup", "copy.db")
        assert (code, text) == (0, "copy.db: 0.5 MB with 2 papers and 1 subscription.\n")
        code, text = await told(tmp_path, "backup", "copy.db")
        assert (code, text) == (1, "Error: No backup was made: copy.db exists already.\n")
        process.kill()  # nothing is lost, but it is put back all the same
        await finished(process)
        (tmp_path / "copy.db").rename(database)
        code, text = await told(tmp_path, "search", "study")
        assert code == 1
        assert "papers.db-wal belongs to another store" in text
        assert len(text.strip().splitlines()) == 1
        for name in ("papers.db-wal", "papers.db-shm"):
            (database.parent / name).unlink()
        code, text = await told(tmp_path, "search", "study")
        assert "A study of subject 1" in text
        process = await _serving(telegram, tmp_path)
        process.terminate()
        _, _, err = await finished(process)
        assert "restored from a backup retired=0 unknown=0" in err
        process = await _serving(telegram, tmp_path)
        process.terminate()
        _, _, err = await finished(process)
        assert "restored" not in err


async def test_a_running_bot_reads_its_papers_with_the_encoder(tmp_path: Path) -> None:
    async with opened(tmp_path / "data" / "papers.db") as store, TelegramDouble() as telegram:
        await save_papers(store, *papers_of("2025-06-12", 1, 2, 3))
        process = await _serving(telegram, tmp_path)
        async with asyncio.timeout(30):
            while len(await store.rows("SELECT pk FROM encodings")) < 3:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        process.terminate()
        code, _, err = await finished(process)
        assert code == 0, err
    code, text = await told(tmp_path, "doctor")
    assert "encoder: has read 3 of 3 papers" in text
