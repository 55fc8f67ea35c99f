"""What a process says: one JSON object a line, with ids and without people, whatever is thrown at it."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
import structlog

from hub import serving
from hub.observe.logs import bound, configure_logs
from hub.settings import Settings

PHONE, TCKN, EMAIL, IBAN = "+90 532 123 45 67", "10000000146", "ayse.yilmaz@ornek.com.tr", "TR330006100519786457841326"
OURS = logging.getLogger("hub.deneme")
FOREIGN = logging.getLogger("somelibrary")


def fail() -> None:
    """As a library does: with what it was given in its text, and in that of its cause."""
    try:
        {}[TCKN]
    except KeyError as error:
        raise ValueError(f"row of {EMAIL} with {IBAN}, call {PHONE}") from error


class Log:
    """What was written so far."""

    def __init__(self, stream: io.StringIO) -> None:
        self._stream = stream

    @property
    def text(self) -> str:
        return self._stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]


def started(format_: Literal["json", "console"], level: Literal["info", "warning"] = "info") -> Log:
    stream = io.StringIO()
    configure_logs(Settings.apart(Path("/nowhere"), log_format=format_, log_level=level), process="test", stream=stream)
    return Log(stream)


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level, hook = list(root.handlers), root.level, sys.excepthook
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    calls = logging.getLogger("hub.calls")
    calls.handlers[:], calls.propagate = [], True
    calls.setLevel(logging.NOTSET)
    sys.excepthook = hook
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
    for name in ("uvicorn.access", "httpx", "httpcore", "uvicorn", "uvicorn.error"):
        logging.getLogger(name).setLevel(logging.NOTSET)
    logging.getLogger("httpcore").setLevel(logging.WARNING)


def test_a_line_is_one_object_with_the_ids_of_the_block() -> None:
    log = started("json")

    with bound(request_id="0f1e2d3c", tenant_id="tabcdefghijk", run_id="r1"):
        OURS.info("a call could not be taken in: %s", "database_down")
    structlog.get_logger("hub.inbox").warning("left", events=3)

    first, second = log.lines
    assert first == {
        "event": "a call could not be taken in: database_down",
        "level": "info",
        "logger": "hub.deneme",
        "process": "test",
        "request_id": "0f1e2d3c",
        "run_id": "r1",
        "tenant_id": "tabcdefghijk",
        "timestamp": first["timestamp"],
    }
    assert (second["event"], second["events"], second["logger"]) == ("left", 3, "hub.inbox")
    assert "tenant_id" not in second


@pytest.mark.parametrize("format_", ["json", "console"])
@pytest.mark.parametrize("logger", [OURS, FOREIGN])
def test_a_persons_data_in_a_message_is_masked(format_: Literal["json", "console"], logger: logging.Logger) -> None:
    log = started(format_)

    logger.warning(
        "answer for %s: %s", PHONE, {"id": TCKN, "mail": [EMAIL]}, extra={"account": IBAN, "number": 905321234567}
    )

    for value in (PHONE, TCKN, EMAIL, IBAN, "905321234567", "5321234567", "ayse"):
        assert value not in log.text
    assert log.text.count("_PHONE>") >= 1


@pytest.mark.parametrize("format_", ["json", "console"])
def test_a_persons_data_in_an_exceptions_text_is_masked(format_: Literal["json", "console"]) -> None:
    log = started(format_)

    try:
        fail()
    except ValueError:
        OURS.exception("it failed")

    for value in (PHONE, TCKN, EMAIL, IBAN):
        assert value not in log.text
    assert "ValueError" in log.text
    assert "test_logs" in log.text


def test_a_name_in_what_a_library_says_is_masked() -> None:
    log = started("json")

    FOREIGN.error("duplicate key for Ayşe Yılmaz, Kadıköy")

    assert "Ayşe" not in log.text


def test_an_exception_that_nobody_catches_is_logged_and_masked() -> None:
    log = started("json")

    try:
        fail()
    except ValueError as error:
        sys.excepthook(ValueError, error, error.__traceback__)

    (line,) = log.lines
    assert line["event"] == "uncaught ValueError"
    assert EMAIL not in log.text


@pytest.mark.parametrize("format_", ["json", "console"])
@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\x1b[2K"])
def test_nobody_forges_a_line(format_: Literal["json", "console"], end: str) -> None:
    log = started(format_)
    forged = f'x{end}{{"event":"all is well","level":"info"}}'

    OURS.info("said: %s", forged)
    structlog.get_logger("hub.x").info(forged, field=forged, **{f"na{end}me": "v"})

    assert len(log.text.splitlines()) == 2
    assert "\x1b" not in log.text


def test_levels_below_the_one_that_is_set_are_not_written() -> None:
    log = started("json", level="warning")

    OURS.info("quiet")
    structlog.get_logger("hub.x").info("quiet too")
    OURS.warning("loud")

    assert [line["event"] for line in log.lines] == ["loud"]


def test_addresses_are_logged_by_nobody() -> None:
    log = started("json")

    logging.getLogger("uvicorn.access").info('"POST /hooks/iyzico/the-secret HTTP/1.1" 200')
    logging.getLogger("httpx").info("HTTP Request: GET https://api.example/?phone=1")

    assert log.text == ""


def test_a_library_that_tells_of_each_of_its_parts_is_heard_when_it_warns() -> None:
    log = started("json")

    for level in (logging.INFO, logging.WARNING):
        logging.getLogger("alembic.runtime.plugins").log(level, "setup plugin")

    assert [line["level"] for line in log.lines] == ["warning"]


def test_only_ids_are_bound_to_lines() -> None:
    with pytest.raises(ValueError, match="only ids"), bound(phone=PHONE):
        pass


def test_configuring_it_twice_doubles_nothing() -> None:
    started("json")
    log = started("json")

    OURS.info("once")

    assert len(log.lines) == 1


def test_what_the_http_server_says_of_an_error_is_masked_too() -> None:
    log = started("json")
    serving.configuration(lambda _scope, _receive, _send: None)

    logging.getLogger("uvicorn.error").error("Exception in ASGI application: %s", EMAIL)

    (line,) = log.lines
    assert line["event"] == "Exception in ASGI application: <EMAIL>"
