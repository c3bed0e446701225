"""The worker's own small HTTP port: /metrics, /healthz (is it alive) and /readyz (can it decide)."""

import json
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

# What is not there: each name is a reason why the worker cannot decide. Empty means ready.
Lacking = Callable[[], tuple[str, ...]]


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever asked has gone before the answer: no line, where the base class writes a traceback."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class Probes:
    """Serves until closed, in threads of its own, so that a slow scraper never touches deciding.

    ``alive`` is asked by /healthz: False after a worker's loop has made no turn for too long.
    Raises OSError when the port is taken; port 0 takes a free one.
    """

    def __init__(
        self,
        address: tuple[str, int],
        registry: CollectorRegistry,
        alive: Callable[[], bool],
        lacking: Lacking,
    ) -> None:
        self._server = _Server(address, _handler(registry, alive, lacking))
        threading.Thread(target=self._server.serve_forever, name="probes", daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler(
    registry: CollectorRegistry, alive: Callable[[], bool], lacking: Lacking
) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 5  # a client that sends nothing does not keep a thread

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if path == "/metrics":
                encode, content_type = choose_encoder(self.headers.get("Accept", ""))
                self._answer(200, content_type, encode(registry))
            elif path == "/healthz":
                self._report(alive(), {"alive": alive()})
            elif path == "/readyz":
                missing = lacking()
                self._report(not missing, {"ready": not missing, "lacking": list(missing)})
            else:
                self._report(
                    False, {"error": f"no such page: {path}; there are /metrics, /healthz, /readyz"}, 404
                )

        def _report(self, good: bool, body: dict[str, object], bad_status: int = 503) -> None:
            self._answer(200 if good else bad_status, "application/json", json.dumps(body).encode())

        def _answer(self, status: int, content_type: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Scrapes are not worth a line."""

    return Handler
