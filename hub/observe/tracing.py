"""One trace from a webhook or an API call to what a provider is asked for it, across processes and days.

What happens later happens in another process, so the trace waits where the work waits: `traceparent` (W3C Trace
Context) stands with the inbox event, the action and the integration that became due, and whoever takes the work up goes
on with it. A span says what was done, to which ids, with which code; no text, address or number of anybody.

Off unless `HUB_TRACES_ENDPOINT` or `OTEL_EXPORTER_OTLP_ENDPOINT` is set: then nothing of OpenTelemetry is imported.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from connectors import watching

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Link, Tracer

    from connectors.watching import Told
    from hub.settings import Settings

Kind = Literal["internal", "server", "client", "consumer"]
Attribute = str | int | bool

MOST_LINKS = 32
_PLAIN = re.compile(r"[\w.:/{}-]{0,100}", re.ASCII)
_DIGITS = re.compile(r"(?<![0-9a-f-])\d{7,}(?![0-9a-f-])")
WITHHELD = "<withheld>"


class _State:
    """The process's tracer, once it is on."""

    provider: TracerProvider | None = None
    tracer: Tracer | None = None


def configure_tracing(settings: Settings, *, process: str, exporter: SpanExporter | None = None) -> bool:
    """Turn tracing on if the settings say where to; whether it is on. Safe to repeat: the first one counts.

    `exporter` is for tests, which get each span as it ends.
    """
    if _State.tracer is not None:
        return True
    if exporter is None and settings.traces_endpoint is None:
        return False
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor
    from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

    provider = TracerProvider(
        resource=Resource({"service.name": "kopru", "service.instance.id": process}),
        sampler=ParentBased(TraceIdRatioBased(settings.traces_share)),
    )
    if exporter is not None:
        provider.add_span_processor(SimpleSpanProcessor(exporter))
    else:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        url = f"{str(settings.traces_endpoint).rstrip('/')}/v1/traces"
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=url)))
    _State.provider, _State.tracer = provider, provider.get_tracer("kopru")
    watching.watch(_request_span)
    return True


def stop_tracing() -> None:
    """Send what is left and turn it off."""
    provider, _State.provider, _State.tracer = _State.provider, None, None
    watching.watch(None)
    if provider is not None:
        provider.shutdown()


def enabled() -> bool:
    """Whether spans are made."""
    return _State.tracer is not None


@contextmanager
def span(
    name: str, *, parents: Sequence[str | None] = (), kind: Kind = "internal", **attributes: Attribute
) -> Generator[None]:
    """A span around the block, within the one that is under way or the first of `parents` (traceparents as stored).

    Work that was asked for in several traces belongs to the first and is linked to the others. `attributes` are ids,
    codes and counts; a text is withheld. An exception leaves its code or its type's name, never its text.
    """
    tracer = _State.tracer
    if tracer is None:
        yield
        return
    from opentelemetry.trace import SpanKind, Status, StatusCode

    context, links = _within([each for each in parents if each])
    with tracer.start_as_current_span(
        name,
        context=context,
        kind=SpanKind[kind.upper()],
        links=links,
        attributes={f"kopru.{key}": _plain(value) for key, value in attributes.items()},
        record_exception=False,
        set_status_on_exception=False,
    ) as current:
        try:
            yield
        except Exception as error:
            code = getattr(error, "code", None)
            current.set_status(Status(StatusCode.ERROR, code if isinstance(code, str) else type(error).__name__))
            raise


def carried() -> str | None:
    """The traceparent of the span under way, to be stored with what is to be done later; None when there is none."""
    if _State.tracer is None:
        return None
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier)
    return carrier.get("traceparent")


def trace_id() -> str | None:
    """The id of the trace under way, for log lines."""
    parent = carried()
    return parent.split("-")[1] if parent else None


def _within(parents: Sequence[str]) -> tuple[Context | None, list[Link]]:
    if not parents:
        return None, []
    from opentelemetry.trace import Link, get_current_span
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    contexts = [TraceContextTextMapPropagator().extract({"traceparent": each}) for each in list(dict.fromkeys(parents))]
    links = [Link(get_current_span(each).get_span_context()) for each in contexts[1 : MOST_LINKS + 1]]
    return contexts[0], links


@contextmanager
def _request_span(method: str, host: str) -> Generator[Told]:
    tracer = _State.tracer
    if tracer is None:
        yield lambda _status: None
        return
    from opentelemetry.trace import SpanKind, Status, StatusCode

    with tracer.start_as_current_span(
        "provider.request",
        kind=SpanKind.CLIENT,
        attributes={"http.request.method": _plain(method), "server.address": _plain(host)},
        record_exception=False,
        set_status_on_exception=False,
    ) as current:

        def told(status: int) -> None:
            current.set_attribute("http.response.status_code", status)
            if status >= 400:
                current.set_status(Status(StatusCode.ERROR, str(status)))

        try:
            yield told
        except Exception as error:
            code = getattr(error, "code", None)
            current.set_status(Status(StatusCode.ERROR, code if isinstance(code, str) else type(error).__name__))
            raise


def _plain(value: Attribute) -> Attribute:
    if not isinstance(value, str):
        return value
    return value if _PLAIN.fullmatch(value) and not _DIGITS.search(value) else WITHHELD
