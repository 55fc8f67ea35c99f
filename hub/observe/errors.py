"""Errors that nobody foresaw, reported to Sentry where the operator has one. Off unless a DSN is set.

What leaves the machine is built here from the few fields that say where it broke: type, code, masked text, file,
function and line. Everything else that the library gathers (locals, requests, bodies, headers, breadcrumbs, arguments,
the host's name) is not taken away but never taken over, so that a new version of it adds nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from hub.errors import HubError
from hub.observe.logs import NAMES, one_line
from hub.observe.masking import Masker

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sentry_sdk.transport import Transport
    from sentry_sdk.types import Event

    from hub.settings import Settings

_KEPT = ("event_id", "timestamp", "level", "platform", "release", "environment", "logger")
_OF_A_FRAME = ("filename", "function", "module", "lineno", "in_app")
MOST_FRAMES = 100


def configure_error_reports(settings: Settings, *, process: str, transport: type[Transport] | None = None) -> bool:
    """Report from now on, if a DSN is set; whether it is.

    `transport` is for tests. HubError `sentry_dsn_unfit` for a file that cannot be read or a DSN that is none.
    """
    dsn = _dsn(settings)
    if dsn is None:
        return False
    import sentry_sdk
    from sentry_sdk.integrations.atexit import AtexitIntegration
    from sentry_sdk.integrations.dedupe import DedupeIntegration
    from sentry_sdk.integrations.excepthook import ExcepthookIntegration
    from sentry_sdk.integrations.logging import LoggingIntegration
    from sentry_sdk.integrations.threading import ThreadingIntegration
    from sentry_sdk.utils import BadDsn

    scrub = Scrub(process)
    try:
        sentry_sdk.init(
            dsn=dsn,
            transport=transport,
            send_default_pii=False,
            include_local_variables=False,
            include_source_context=False,
            max_request_body_size="never",
            max_breadcrumbs=0,
            send_client_reports=False,
            auto_session_tracking=False,
            server_name="",
            default_integrations=False,
            auto_enabling_integrations=False,
            integrations=[
                LoggingIntegration(level=None),
                ExcepthookIntegration(),
                ThreadingIntegration(),
                DedupeIntegration(),
                AtexitIntegration(callback=_say_nothing),
            ],
            before_send=lambda event, _hint: scrub(event),
            before_send_transaction=lambda _event, _hint: None,
        )
    except BadDsn:
        raise HubError("sentry_dsn_unfit") from None
    return True


def _say_nothing(_pending: int, _timeout: float) -> None:
    """In the place of the library's own words on standard error at the end."""


class Scrub:
    """Builds what may leave from what the library gathered."""

    def __init__(self, process: str, masker: Masker | None = None) -> None:
        self._process = process
        self._masker = masker or Masker()

    def __call__(self, event: Event) -> Event:
        """A new event; the one given is not altered."""
        given = cast("dict[str, Any]", event)
        kept: dict[str, Any] = {name: given[name] for name in _KEPT if name in given}
        kept["tags"] = {"process": self._process, **self._ids()}
        entry = cast("Mapping[str, Any]", given.get("logentry") or {})
        text = entry.get("formatted") or entry.get("message") or given.get("message")
        if text:
            kept["message"] = self._text(text)
        values = cast("list[Mapping[str, Any]]", (given.get("exception") or {}).get("values") or [])
        if values:
            kept["exception"] = {"values": [self._exception(each) for each in values]}
        return cast("Event", kept)

    def _exception(self, value: Mapping[str, Any]) -> dict[str, Any]:
        frames = cast("list[Mapping[str, Any]]", (value.get("stacktrace") or {}).get("frames") or [])
        return {
            "type": value.get("type"),
            "module": value.get("module"),
            "value": self._text(value.get("value") or ""),
            "stacktrace": {
                "frames": [
                    {name: frame[name] for name in _OF_A_FRAME if name in frame} for frame in frames[-MOST_FRAMES:]
                ]
            },
        }

    def _text(self, text: object) -> str:
        masked = self._masker.text(str(text), foreign=True)
        return str(one_line(None, "", {"text": masked})["text"])

    def _ids(self) -> dict[str, str]:
        import structlog

        bound = structlog.contextvars.get_contextvars()
        return {name: str(bound[name]) for name in NAMES if name in bound and name != "process"}


def _dsn(settings: Settings) -> str | None:
    if settings.sentry_dsn is not None:
        return settings.sentry_dsn.get_secret_value()
    if settings.sentry_dsn_file is None:
        return None
    try:
        text = settings.sentry_dsn_file.read_text().strip()
    except OSError:
        text = ""
    if not text:
        raise HubError("sentry_dsn_unfit")
    return text
