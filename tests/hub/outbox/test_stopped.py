"""A process that is stopped by a real signal for longer than its lease, between its attempt and its first byte."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from hub.outbox import lease
from hub.settings import Settings
from tests.hub.outbox import stopped_child
from tests.hub.outbox.conftest import Bench


@pytest.mark.prove
def test_a_process_that_wakes_up_after_its_lease_sends_nothing(bench: Bench, settings: Settings) -> None:
    requests: list[str] = []

    class Provider(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            requests.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Provider)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    context = multiprocessing.get_context("forkserver")
    ours, theirs = context.Pipe()
    asked = bench.ask()
    url = f"http://127.0.0.1:{server.server_address[1]}/"
    child = context.Process(target=stopped_child.main, args=(str(settings.home), url, theirs))
    child.start()
    try:
        assert ours.poll(60)
        assert child.pid is not None
        os.kill(child.pid, signal.SIGSTOP)
        stopped = time.monotonic()
        bench.age(1_000)
        assert lease.take_back(bench.database) == {"unknown": 1}
        for _ in range(3):  # nothing is there, nothing is there, so it is sent
            bench.drain()
            bench.age(100)
        while time.monotonic() < stopped + stopped_child.FRESH.total_seconds():
            assert bench.far.ledger[asked.action_id.hex] == 1
        os.kill(child.pid, signal.SIGCONT)
        child.join(60)
        assert child.exitcode == 0
    finally:
        child.kill()
        server.shutdown()
        server.server_close()
    assert requests == []
    assert bench.state(asked.action_id) == ("accepted", None)
    assert bench.far.ledger.total() == 1
