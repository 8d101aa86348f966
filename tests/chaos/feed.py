"""A feed of lists on loopback: a quota on its own clock, and a day whose list is yet to come."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

OLD = "2025"  # the collector asks for later days alone
QUOTA = 500  # requests; Hugging Face's, in five minutes


class Feed:
    """Answers 404 for each paper, a list for each day; that of `held` once it is published."""

    def __init__(self, held: str, limited: bool) -> None:
        self.held = held
        self.limited = limited  # what people have looked up is answered with 429
        self.published = threading.Event()
        self.counts = Counter[str]()
        self.port = 0

    def reply(self, path: str) -> tuple[int, object]:
        url = urlsplit(path)
        day = parse_qs(url.query).get("date", [""])[0]
        kind = "held" if day == self.held else "old days" if day < OLD else "days"
        kind = "papers" if "/papers/" in url.path else kind
        self.counts[kind] += 1
        if self.counts.total() > QUOTA or (self.limited and kind in ("papers", "old days")):
            self.counts["429"] += 1
            return 429, {}
        if kind == "papers":
            return 404, {}
        if kind == "held":
            self.published.wait(25)  # the collector has thirty seconds' patience
        return 200, [_item(day or self.held, n) for n in range(3)]


def _item(day: str, number: int) -> object:
    paper = f"{day[2:4]}{day[5:7]}.{int(day[8:]):02}{number:03}"
    return {"paper": {"id": paper, "title": f"Paper {number} of {day}", "summary": "It is so.",
                      "authors": [{"name": "Ada"}], "upvotes": number,
                      "submittedOnDailyAt": f"{day}T00:00:00.000Z"}}  # fmt: skip


@contextmanager
def served(feed: Feed) -> Iterator[Feed]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = feed.reply(self.path)
            shown = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(shown)))
            if status == 429:
                self.send_header("Retry-After", "1")
            self.end_headers()
            self.wfile.write(shown)

        def log_message(self, format: str, *args: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        feed.port = server.server_port
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield feed
        finally:
            feed.published.set()
            server.shutdown()
