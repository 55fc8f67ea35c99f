"""A receiver of webhooks that can be killed at any moment: what it answered 200 for stands in a file before."""

from __future__ import annotations

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


def main(port: int, log: str) -> None:
    """Serve until killed. A line a call: path, headers, body."""
    file = os.open(Path(log), os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            body = self.rfile.read(length).decode()
            if len(body.encode()) < length:  # the sender was killed between head and body
                self.close_connection = True
                return
            headers = {name.lower(): value for name, value in self.headers.items()}
            line = json.dumps({"path": self.path, "headers": headers, "body": body}) + "\n"
            os.write(file, line.encode())  # one write: lines of several threads do not mix
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            """A sender that was killed is no news."""

    Server(("127.0.0.1", port), Handler).serve_forever()
