"""A Shopify of our own on a real socket: it grants tokens, answers what it is told to, and keeps what it was asked."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, dict[str, str], Any]
THROTTLED: Answer = (
    200,
    {},
    {
        "errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}],
        "extensions": {
            "cost": {
                "requestedQueryCost": 150,
                "throttleStatus": {"maximumAvailable": 2000, "currentlyAvailable": 50, "restoreRate": 100},
            }
        },
    },
)


@dataclass
class FakeShopify:
    url: str = ""
    # Answers given before anything else, in order.
    script: list[Answer] = field(default_factory=list)
    data: Callable[[str, dict[str, Any]], dict[str, Any]] = lambda query, variables: {}
    token: str = "shpat_1"
    grants: list[dict[str, str]] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, path: str, headers: Any, body: dict[str, Any]) -> Answer:
        if path == "/admin/oauth/access_token":
            self.grants.append(body)
            is_known = body.get("client_secret") == "app-secret"
            return (200, {}, {"access_token": self.token, "expires_in": 86_399}) if is_known else (400, {}, {})
        if self.script:
            return self.script.pop(0)
        if headers["X-Shopify-Access-Token"] != self.token:
            return 401, {}, {"errors": "Invalid API key or access token"}
        self.asked.append(body["variables"])
        return 200, {}, {"data": self.data(body["query"], body["variables"])}


@contextmanager
def fake_shopify() -> Iterator[FakeShopify]:
    fake = FakeShopify()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, headers, told = fake.answer(self.path, self.headers, body)
            content = told if isinstance(told, bytes) else json.dumps(told).encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    fake.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
