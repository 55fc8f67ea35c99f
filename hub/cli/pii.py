"""`hub pii detect|mask`: the gate's detector on standard input, for scripts and for measuring it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Annotated, Any, cast

import typer

from hub.cli.opening import opened
from hub.errors import HubError
from hub.i18n import N_

_BATCH = 1_000
"""Lines looked at together: the detector works on distinct values, and its start costs more than its work."""


def register(group: typer.Typer) -> None:
    """Add the commands to their group."""
    group.command("detect", help=N_('JSONL {"id","text"} in, JSONL {"id","spans"} out; positions count code points.'))(
        detect
    )
    group.command("mask", help=N_("Text or JSONL in, masked out."))(mask)


def detect() -> None:
    """Spans are [start, end, label], in order and not overlapping."""
    from kvkk_policies.detect import detect_many

    for batch in _batches(_objects(sys.stdin)):
        found = detect_many([item["text"] for item in batch])
        for item, spans in zip(batch, found, strict=True):
            _write({"id": item["id"], "spans": [[span.start, span.end, span.label] for span in spans]})


def mask(
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help=N_('Input is JSONL {"id","text"}, and so is the output.'))
    ] = False,
    tenant: Annotated[
        str | None, typer.Option(metavar="TENANT", help=N_("Put this tenant's pseudonyms in; only labels without it."))
    ] = None,
) -> None:
    """Plain text is masked line by line."""
    from kvkk_policies.detect import mask_many

    pseudonymiser = _pseudonymiser(tenant) if tenant else None
    lines = _objects(sys.stdin) if jsonl else ({"text": line.rstrip("\n")} for line in _lines(sys.stdin))
    for batch in _batches(lines):
        masked = mask_many([item["text"] for item in batch], pseudonymiser)
        for item, done in zip(batch, masked, strict=True):
            if jsonl:
                _write({"id": item["id"], "text": done})
            else:
                typer.echo(done)


def _pseudonymiser(tenant: str) -> Any:
    with opened() as hub:
        return hub.keyring.tenant(hub.tenant_id(tenant)).pseudonymiser()


def _lines(stream: Iterator[str]) -> Iterator[str]:
    """Lines of Unicode text. HubError `line_not_utf8` for bytes that are none."""
    number = 0
    while True:
        number += 1
        try:
            line = next(stream, None)
            if line is None:
                return
            line.encode()  # where Python lets odd bytes in, it cannot let them out
        except UnicodeError:
            raise HubError("line_not_utf8", line=number) from None
        yield line


def _objects(stream: Iterator[str]) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(_lines(stream), start=1):
        if not line.strip():
            continue
        try:
            item = _item(json.loads(line))
        except ValueError:  # half of a surrogate pair, written as an escape, is one too
            item = None
        if item is None:
            raise HubError("line_not_json", line=number)
        yield item


def _item(value: object) -> dict[str, Any] | None:
    if not isinstance(value, dict):
        return None
    item = cast("dict[str, Any]", value)
    if "id" not in item or not isinstance(item.get("text"), str):
        return None
    f"{item['id']}{item['text']}".encode()
    return item


def _batches(items: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    from itertools import islice

    while batch := list(islice(items, _BATCH)):
        yield batch


def _write(value: dict[str, Any]) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False))
