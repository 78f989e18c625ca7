"""A sales channel, or a gateway for messages, to try things on.

Real HTTP, a strict limit, and every fault on demand.
"""

import json
import threading
import time
from collections import Counter, deque
from dataclasses import dataclass
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from math import ceil
from typing import Any


class Fault(Enum):
    """What goes wrong with a call."""

    ERROR = auto()
    """503, and nothing is done."""
    SILENCE = auto()
    """It is done, and never answered."""
    HANG_UP = auto()
    """The connection is closed, and nothing is done."""


@dataclass(frozen=True)
class Seen:
    """A call as it came: `at` in seconds of the monotonic clock."""

    at: float
    path: str
    key: str
    body: dict[str, Any]
    status: int | None


class Storefront:
    """Both APIs of docs/channels.md, as a server of its own while its context lasts.

    It takes `rate` calls a second and `burst` at once, counted as they arrive, and answers 429 with
    Retry-After to those above. A key that it has seen is acknowledged and changes nothing; an older
    version of a sku's stock or price does not either.

    faults: for the next calls within the limit, one each. refused: paths that are always refused.
    """

    def __init__(self, rate: float, burst: int = 1) -> None:
        self.stock: dict[str, dict[str, Any]] = {}
        self.prices: dict[str, dict[str, Any]] = {}
        self.orders: dict[str, list[dict[str, Any]]] = {}
        self.messages: list[dict[str, Any]] = []
        self.calls: list[Seen] = []
        self.faults: deque[Fault] = deque()
        self.refused: set[str] = set()
        self.done: Counter[str] = Counter()
        self._rate, self._burst = rate, burst
        self._tokens, self._at = float(burst), time.monotonic()
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_for(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    def __enter__(self) -> "Storefront":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def limited(self) -> int:
        """Calls above the limit."""
        return sum(call.status == 429 for call in list(self.calls))

    def most_within(self, seconds: float) -> int:
        """The most calls that came within any such time."""
        window: deque[float] = deque()
        most = 0
        for call in list(self.calls):
            window.append(call.at)
            while window[0] <= call.at - seconds:
                window.popleft()
            most = max(most, len(window))
        return most

    def take(self, path: str, key: str, body: dict[str, Any]) -> tuple[int | None, dict[str, str]]:
        """Status and headers of the answer; None for a connection that is closed without one."""
        with self._lock:
            now = time.monotonic()
            status, headers, fault = self._decide(now, path, key, body)
            self.calls.append(Seen(now, path, key, body, status))
        if fault is Fault.SILENCE:
            self._closing.wait(60)
        return status, headers

    def _decide(
        self, now: float, path: str, key: str, body: dict[str, Any]
    ) -> tuple[int | None, dict[str, str], Fault | None]:
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now
        if self._tokens < 1 - 1e-6:
            wait_s = ceil((1 - self._tokens) / self._rate)
            return 429, {"Retry-After": str(wait_s)}, None
        self._tokens -= 1
        fault = self.faults.popleft() if self.faults else None
        if fault is Fault.ERROR:
            return 503, {}, fault
        if fault is Fault.HANG_UP:
            return None, {}, fault
        if path in self.refused:
            return 422, {}, None
        if key not in self.done:
            self._do(path, body)
        self.done[key] += 1
        return (None if fault else 200), {}, fault

    def _do(self, path: str, body: dict[str, Any]) -> None:
        kind = path.split("/")[1]
        if kind == "orders":
            self.orders.setdefault(body["order_id"], []).append(body)
            return
        if kind == "messages":
            self.messages.append(body)
            return
        known = self.stock if kind == "stock" else self.prices
        if body["version"] >= known.get(body["sku"], body)["version"]:
            known[body["sku"]] = body


def _handler_for(storefront: Storefront) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Without it an answer waits for the client to acknowledge its headers.
        disable_nagle_algorithm = True

        def do_PUT(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, headers = storefront.take(self.path, self.headers["Idempotency-Key"], body)
            if status is None:
                self.close_connection = True
                return
            self.send_response(status)
            for name, value in {"Content-Length": "0", **headers}.items():
                self.send_header(name, value)
            self.end_headers()

        do_POST = do_PUT

        def log_message(self, *_: Any) -> None:
            """The calls are kept, not printed."""

    return Handler
