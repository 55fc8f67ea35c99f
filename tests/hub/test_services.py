"""What `hub up` starts ends with it, also when nobody could tell it to: no daemon syncs on unwatched."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
import pytest

from hub.errors import HubError
from hub.orchestration import services
from hub.orchestration.ports import require_free
from hub.orchestration.watcher import end_groups
from hub.settings import Settings
from tests.support.waiting import until

# Stands in for `hub up`: one service, of which a child of its own would outlive it, as a run under way does.
SERVING = """
import subprocess, sys
from pathlib import Path
from hub.orchestration import services
from hub.settings import Settings

settings = Settings.apart(Path(sys.argv[1]))
child = "import signal, sys; signal.signal(signal.SIGINT, signal.SIG_IGN); print('up', flush=True); signal.pause()"
service = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
with services.alone(settings) as lock, services._watcher(settings, lock) as watch:
    process = subprocess.Popen([sys.executable, "-c", service], start_new_session=True)
    watch(process)
    process.wait()
"""


@contextmanager
def serving(settings: Settings) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", SERVING, str(settings.home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "up\n"
            yield process
        finally:
            process.kill()


def alive(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def test_what_a_killed_hub_up_leaves_behind_is_ended_and_until_then_nobody_else_serves(
    installation: Settings,
) -> None:
    with serving(installation) as process:
        below = psutil.Process(process.pid).children(recursive=True)
        assert len(below) == 3
        with pytest.raises(HubError, match="already_up"), services.alone(installation):
            pass
        process.kill()
        process.wait()
        with pytest.raises(HubError, match="already_up"), services.alone(installation):
            pass
        until("everything ended", lambda: not any(map(alive, below)), seconds=40)
    with services.alone(installation):
        pass


def test_a_group_is_killed_only_when_it_does_not_stop() -> None:
    deaf = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); print('up', flush=True); signal.pause()"
    heeds = deaf.replace("signal.SIG_IGN", "lambda *_: exit(7)")
    with ExitStack() as stack:
        processes = [
            stack.enter_context(
                subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, start_new_session=True)
            )
            for code in (deaf, heeds)
        ]
        for process in processes:
            assert process.stdout is not None
            process.stdout.readline()
        end_groups([process.pid for process in processes], seconds=1.0)

        assert [process.wait() for process in processes] == [-signal.SIGKILL, 7]


def test_one_process_that_does_not_stop_costs_no_other_its_time_and_the_code_server_goes_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ended: list[tuple[set[int], set[int]]] = []
    with ExitStack() as stack:
        processes = {
            name: stack.enter_context(subprocess.Popen(["sleep", "60"], start_new_session=True))
            for name in ("code", "daemon", "webserver", services.ADMIN_WEBSERVER)
        }

        def end(groups: list[int]) -> None:
            ended.append((set(groups), {each.pid for each in processes.values() if each.poll() is None}))
            end_groups(groups)

        monkeypatch.setattr(services, "end_groups", end)
        services._stop(processes)

    code, *others = (process.pid for process in processes.values())
    assert ended == [(set(others), {code, *others}), ({code}, {code})]


@pytest.mark.parametrize("admin", [False, True])
def test_a_webserver_that_changes_things_stands_beside_the_read_only_one_where_it_is_asked_for(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, free_port: int, *, admin: bool
) -> None:
    commands: dict[str, list[str]] = {}

    def start(_settings: Settings, name: str, command: list[str], **_given: object) -> subprocess.Popen[bytes]:
        commands[name] = command
        return subprocess.Popen(["sleep", "60"], start_new_session=True)

    monkeypatch.setattr(services, "_start", start)
    monkeypatch.setattr(services, "_wait_for_port", lambda *_: None)
    monkeypatch.setattr(services, "_wait_for_answer", lambda *_: None)
    with (
        (tmp_path / "lock").open("wb") as lock,
        services.dagster_services(settings, lock, admin=admin, web_port=free_port, api_port=0) as serving,
    ):
        assert serving.webserver_url == f"http://127.0.0.1:{free_port}/dagster"
        webs = {name: command for name, command in commands.items() if "dagster_webserver" in command}
        assert set(serving.processes) == set(commands)

    assert all(command[command.index("--path-prefix") + 1] == "/dagster" for command in webs.values())
    assert all(command[command.index("-h") + 1] == "127.0.0.1" for command in webs.values())
    assert {name: "--read-only" in command for name, command in webs.items()} == (
        {"webserver": True, "webserver-admin": False} if admin else {"webserver": True}
    )
    if admin:
        port = commands["webserver-admin"][commands["webserver-admin"].index("-p") + 1]
        assert serving.webserver_admin_url == f"http://127.0.0.1:{port}/dagster"
        assert port != str(free_port)
    else:
        assert serving.webserver_admin_url is None


def test_a_port_that_somebody_listens_on_is_refused_by_name() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(HubError, match=f"port_taken port={port}"):
            require_free(port)
    require_free(port)
