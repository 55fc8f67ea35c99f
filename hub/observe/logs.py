"""One log for everything a long-lived process says: JSON lines with request, tenant and run ids, and nobody's data.

Libraries log through the standard module, our own code too; both end here. What is said is masked as a last net
(hub/observe/masking.py) and cannot forge a line: control characters, Unicode's line ends among them, are written as
escapes in both formats. Addresses, bodies and query strings are logged by nobody: uvicorn's and httpx' lines are off.
"""

from __future__ import annotations

import logging
import re
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO, cast

from hub.observe import tracing
from hub.observe.calls import configure_calls
from hub.observe.masking import Masker

if TYPE_CHECKING:
    from collections.abc import Generator, MutableMapping
    from types import TracebackType

    from hub.settings import Settings

OURS = ("hub", "connectors", "assets", "sensors", "schedules", "resources", "kvkk_policies")
"""Loggers whose texts are built from codes and ids; what others say is looked at whatever it looks like."""
SILENT = ("uvicorn.access", "httpx", "httpcore")
"""They log addresses, which hold secrets and questions about people."""
CHATTY = ("alembic.runtime.plugins",)
"""They tell of each of their parts that is loaded; of these only warnings are heard."""
NAMES = ("request_id", "tenant_id", "run_id", "trace_id", "action_id", "provider", "process")
"""What may be bound to all lines of a block; ids and names, so they are not looked at."""

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def configure_logs(settings: Settings, *, process: str, stream: TextIO | None = None) -> None:
    """Send this process's logs to `stream` (standard error unless given), in the form and from the level set.

    Whatever handlers the root logger had are replaced, so calling it again changes the form and doubles nothing.
    Exceptions that nobody catches are logged as well, masked as everything else.
    """
    import structlog

    mask = _Mask(Masker())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        _add_trace_id,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[Any] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        mask,
        one_line,
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()], processors=last)
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    for name in SILENT:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
    configure_calls(settings, stream or sys.stderr)
    for name in ("uvicorn", "uvicorn.error"):
        own = logging.getLogger(name)
        own.handlers[:], own.propagate = [], True
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    structlog.contextvars.bind_contextvars(process=process)
    sys.excepthook = _log_uncaught


@contextmanager
def bound(**ids: str) -> Generator[None]:
    """Put ids on every line of the block and of tasks that begin in it. ValueError for a name not in `NAMES`."""
    import structlog

    if not set(ids) <= set(NAMES):
        raise ValueError("only ids are bound to log lines")
    with structlog.contextvars.bound_contextvars(**ids):
        yield


class _Mask:
    """The processor: every value of a line but the ids, its level, its time and its logger's name."""

    _PLAIN = frozenset({*NAMES, "level", "timestamp", "logger"})

    def __init__(self, masker: Masker) -> None:
        self._masker = masker

    def __call__(self, _logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        foreign = str(event.get("logger", "")).partition(".")[0] not in OURS
        for name in list(event):
            if name not in self._PLAIN:
                event[name] = self._masker.value(event[name], foreign=foreign or name == "exception")
        return event


def _add_trace_id(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    found = tracing.trace_id()
    if found is not None:
        event.setdefault("trace_id", found)
    return event


def one_line(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Write control characters as escapes, in names and values: what is said stays on one line."""
    for name in list(event):
        value = event.pop(name)
        event[_CONTROL.sub(_escaped, name)] = _escaped_within(value)
    return event


def _escaped_within(value: object) -> object:
    if isinstance(value, str):
        return _CONTROL.sub(_escaped, value)
    if isinstance(value, dict):
        return {
            _CONTROL.sub(_escaped, str(name)): _escaped_within(each)
            for name, each in cast("dict[object, object]", value).items()
        }
    if isinstance(value, list):
        return [_escaped_within(each) for each in cast("list[object]", value)]
    return value


def _escaped(found: re.Match[str]) -> str:
    code = ord(found.group())
    known = {9: "\\t", 10: "\\n", 13: "\\r"}
    return known.get(code) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    logging.getLogger("uncaught").critical("uncaught %s", kind.__name__, exc_info=(kind, error, trace))
