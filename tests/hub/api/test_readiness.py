"""Whoever asks whether the hub is ready hears it at once, also while the process is still finding out."""

from __future__ import annotations

import gc
import threading
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from hub.api import readiness, serve
from hub.api.readiness import NOT_SEEN, Readiness, look, look_ahead

if TYPE_CHECKING:
    from hub.api.services import Services

WELL = Readiness(ready=True, database="well", migrations="well", keys="well", daemon="well")


class Looking:
    """A look that lasts until somebody lets it end."""

    def __init__(self) -> None:
        self.begun, self.may_end = threading.Event(), threading.Event()
        self.count = 0

    def __call__(self, _services: Services) -> Readiness:
        self.count += 1
        self.begun.set()
        assert self.may_end.wait(30)
        return WELL


@pytest.fixture
def looking(monkeypatch: pytest.MonkeyPatch) -> Looking:
    found = Looking()
    monkeypatch.setattr(readiness, "_look", found)
    return found


@pytest.fixture
def services() -> Services:
    return cast("Services", SimpleNamespace(extra={}))


def test_nobody_waits_for_the_first_look_and_nothing_is_well_until_it_has_ended(
    looking: Looking, services: Services
) -> None:
    first = look_ahead(services)

    assert look(services) == look(services) == NOT_SEEN
    assert not NOT_SEEN.ready
    looking.may_end.set()
    first.join(30)
    assert look(services) == WELL
    assert looking.count == 1


@pytest.mark.parametrize(("age", "told"), [(5.0, WELL), (11.0, NOT_SEEN)])
def test_what_was_seen_is_told_for_a_while_during_the_next_look_and_no_longer(
    looking: Looking, services: Services, age: float, told: Readiness
) -> None:
    looking.may_end.set()
    look(services)
    services.extra["readiness"].at -= age
    looking.may_end.clear()
    looking.begun.clear()
    other = threading.Thread(target=look, args=(services,))
    other.start()
    assert looking.begun.wait(30)

    assert look(services) == told
    looking.may_end.set()
    other.join(30)
    assert look(services) == WELL
    assert looking.count == 2


def test_a_worker_begins_to_look_before_it_serves(monkeypatch: pytest.MonkeyPatch, door: Any) -> None:
    done: list[str] = []
    monkeypatch.setattr(readiness, "look_ahead", lambda _services: done.append("look"))
    monkeypatch.setattr(serve, "server_of", lambda *_: SimpleNamespace(run=lambda **_: done.append("serve")))
    for name in ("logs.configure_logs", "tracing.configure_tracing", "errors.configure_error_reports"):
        monkeypatch.setattr(f"hub.observe.{name}", lambda *_, **__: None)

    with serve.listen("127.0.0.1", 0) as listening:
        serve.serve(door.services.settings, listening)

    assert done == ["look", "serve"]


def test_a_worker_that_is_told_to_stop_leaves_no_traceback_and_does_not_look_for_cycles(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(serve, "serve", interrupted)
    listening = serve.listen("127.0.0.1", 0)
    try:
        serve.main([str(listening.detach())])
        assert gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()
