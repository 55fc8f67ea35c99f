"""What a process said before a start is still there after it, and no log grows for ever."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from hub.orchestration import service_logs, services
from hub.settings import Settings


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_the_last_start_said_stands_before_what_this_one_says(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "logs_of", lambda _settings: tmp_path / "logs")
    for word in ("first", "second"):
        with services._start(settings, "api-1", [sys.executable, "-S", "-c", f"print({word!r})"]) as process:
            assert process.wait() == 0

    log = tmp_path / "logs" / "api-1.log"
    assert log.read_text().split() == ["first", "second"]
    assert mode(log) == 0o600
    assert mode(log.parent) == 0o700


def test_a_log_that_has_grown_large_begins_anew_under_the_process_that_writes_it(tmp_path: Path) -> None:
    log = tmp_path / "code.log"
    with service_logs.appended(log) as writing:
        log.chmod(0o644)
        writing.write(b"a" * 100)
        writing.flush()
        service_logs.bound(log, most_bytes=100)
        assert log.stat().st_size == 100
        service_logs.bound(log, most_bytes=99)
        with subprocess.Popen(["/bin/echo", "next"], stdout=writing) as process:
            assert process.wait() == 0

    assert log.read_text() == "next\n"
    previous = tmp_path / "code.log.1"
    assert previous.read_bytes() == b"a" * 100
    assert mode(previous) == 0o600
    with service_logs.appended(log):
        assert mode(log) == 0o600
    service_logs.bound(log, most_bytes=1)
    assert (previous.read_text(), log.read_text()) == ("next\n", "")


def test_all_logs_of_a_hub_are_bounded_and_nothing_else(tmp_path: Path) -> None:
    for name in ("api-1.log", "daemon.log", "daemon.log.1", "other"):
        (tmp_path / name).write_text(name)

    service_logs.bound_all(tmp_path, most_bytes=3)

    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        "api-1.log": "",
        "api-1.log.1": "api-1.log",
        "daemon.log": "",
        "daemon.log.1": "daemon.log",
        "other": "other",
    }
