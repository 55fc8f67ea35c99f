"""The audit of dependencies: what is known fails it, and a source that knows nothing is never taken for health."""

from __future__ import annotations

import importlib.util
import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

_SPEC = importlib.util.spec_from_file_location(
    "audit_tool", Path(__file__).parents[1] / "deploy" / "tools" / "audit.py"
)
assert _SPEC is not None
assert _SPEC.loader is not None
audit = importlib.util.module_from_spec(_SPEC)
sys.modules["audit_tool"] = audit
_SPEC.loader.exec_module(audit)


@contextmanager
def osv(vulnerable: dict[str, str]) -> Iterator[str]:
    """A stand-in of OSV's query endpoint: advisories by package name."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            name = asked["package"]["name"]
            answer: dict[str, Any] = {}
            if name in vulnerable:
                affected = [{"package": {"name": name, "ecosystem": "PyPI"}, "ranges": []}]
                answer = {"vulns": [{"id": vulnerable[name], "summary": "invented", "affected": affected}]}
            body = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1/query"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "requirements.lock"
    file.write_text("".join(f"{name}==1.0 \\\n    --hash=sha256:{'0' * 64}\n" for name in ("deneme", "ornek")))
    monkeypatch.setattr(audit, "LOCK", file)
    return file


def run(url: str, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, str]:
    status = audit.main(["--osv-url", url, *more])
    return status, capsys.readouterr().out


def test_what_is_known_fails_it_and_what_is_not_passes(lock: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with osv({"jinja2": "GHSA-canary", "ornek": "GHSA-2345-6789"}) as url:
        assert run(url, capsys) == (
            1,
            "vulnerable: ornek 1.0 (GHSA-2345-6789)\naudited by OSV: 2 of 2 packages, 1 vulnerable\n",
        )
    with osv({}) as url:
        report = audit.ask(["--vulnerability-service", "osv", "--osv-url", url], lock)
    assert report == audit.Report(2, {}, [])


@pytest.mark.usefixtures("lock")
def test_a_source_that_does_not_know_the_canary_is_none(capsys: pytest.CaptureFixture[str], free_port: int) -> None:
    said = "not audited: no advisory source reachable (tried OSV)\n"
    with osv({"ornek": "GHSA-2345-6789"}) as url:
        assert run(url, capsys) == (0, said)
    assert run(f"http://127.0.0.1:{free_port}/v1/query", capsys, "--strict") == (3, said)


def test_packages_of_which_a_source_knows_nothing_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    report = audit.reported(
        {
            "dependencies": [
                {"name": "deneme", "version": "1.0", "vulns": []},
                {"name": "ozel", "skip_reason": "Dependency not found on PyPI and could not be audited: ozel (1.0)"},
            ]
        }
    )
    monkeypatch.setattr(audit, "knows_the_canary", lambda source: source == ["second"])
    monkeypatch.setattr(audit, "ask", lambda source, requirements: report)

    assert audit.audited({"First": ["first"], "Second": ["second"]}) == (
        0,
        "not audited, for Second does not know them: ozel\naudited by Second: 1 of 2 packages, 0 vulnerable",
    )
    assert audit.audited({"First": ["first"]})[0] == 3


def test_an_accepted_advisory_counts_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    advisory = {"id": "PYSEC-2026-1", "aliases": ["CVE-2026-1"]}
    content = {"dependencies": [{"name": "deneme", "version": "1.0", "vulns": [advisory]}]}
    assert audit.reported(content).vulnerable == {"deneme 1.0": ["PYSEC-2026-1"]}
    monkeypatch.setattr(audit, "ACCEPTED", {"CVE-2026-1": "the hub never calls it"})
    assert audit.reported(content).vulnerable == {}


def test_an_acceptance_says_why() -> None:
    assert all(len(reason) > 20 for reason in audit.ACCEPTED.values())
