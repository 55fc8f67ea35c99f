"""`hub pii detect|mask`: the gate's detector on standard input, for scripts and for measuring it.

Input is UTF-8 whatever the terminal's locale is, with or without a byte order mark, with any line ends. A line that is
no such text or no such object is named by its number and nothing more; lines before it are answered.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from io import TextIOWrapper
from typing import Annotated, Any, NoReturn, TextIO, cast

import typer

from hub.cli.opening import opened
from hub.errors import HubError
from hub.i18n import N_

_BATCH = 1_000
"""Lines looked at together: the detector works on distinct values, and its start costs more than its work."""
_BATCH_CHARACTERS = 4_000_000
"""Nor more text than that at once, however long the lines are."""
_MARK = "\ufeff"


def register(group: typer.Typer) -> None:
    """Add the commands to their group."""
    group.command("detect", help=N_('JSONL {"id","text"} in, JSONL {"id","spans"} out; positions count code points.'))(
        detect
    )
    group.command("mask", help=N_("Text or JSONL in, masked out."))(mask)


def detect(
    plain: Annotated[
        bool, typer.Option("--text", help=N_("Input is plain text; each line's id is its number, from 1."))
    ] = False,
) -> None:
    """Spans are [start, end, label], in order and not overlapping."""
    from kvkk_policies.detect import detect_many

    stdin = _utf8(sys.stdin)
    lines = ({"id": at, "text": line} for at, line in enumerate(_lines(stdin), start=1)) if plain else _objects(stdin)
    for batch in _batches(lines):
        found = detect_many([item["text"] for item in batch])
        for item, spans in zip(batch, found, strict=True):
            _write({"id": item["id"], "spans": [[span.start, span.end, span.label] for span in spans]})


def mask(
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help=N_("Input is JSONL with id and text; other fields come out as they are."))
    ] = False,
    tenant: Annotated[
        str | None, typer.Option(metavar="TENANT", help=N_("Put this tenant's pseudonyms in; only labels without it."))
    ] = None,
) -> None:
    """Plain text is masked line by line."""
    from kvkk_policies.detect import mask_many

    pseudonymiser = _pseudonymiser(tenant) if tenant else None
    stdin = _utf8(sys.stdin)
    lines = _objects(stdin) if jsonl else ({"text": line} for line in _lines(stdin))
    for batch in _batches(lines):
        masked = mask_many([item["text"] for item in batch], pseudonymiser)
        for item, done in zip(batch, masked, strict=True):
            if jsonl:
                _write({**item, "text": done})
            else:
                typer.echo(done)


def _pseudonymiser(tenant: str) -> Any:
    with opened() as hub:
        return hub.keyring.tenant(hub.tenant_id(tenant)).pseudonymiser()


def _utf8(stream: TextIO) -> TextIO:
    """The stream, read as UTF-8; the answer is written so as well. A stream that a test put there has no bytes."""
    for each, errors in ((stream, "surrogateescape"), (sys.stdout, "strict")):
        if isinstance(each, TextIOWrapper):
            each.reconfigure(encoding="utf-8", errors=errors)
    return stream


def _lines(stream: Iterator[str]) -> Iterator[str]:
    """Lines of Unicode text without their ends. HubError `line_not_utf8` for bytes that are none."""
    for number, line in enumerate(stream, start=1):
        try:
            line.encode()  # where Python lets odd bytes in, it cannot let them out
        except UnicodeError:
            raise HubError("line_not_utf8", line=number) from None
        text = line.removesuffix("\n").removesuffix("\r")
        yield text.removeprefix(_MARK) if number == 1 else text


def _objects(stream: Iterator[str]) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(_lines(stream), start=1):
        if not line.strip():
            continue
        try:
            item = _item(json.loads(line, parse_constant=_no_constant))
        except (ValueError, RecursionError):  # half of a surrogate pair, written as an escape, is one too
            item = None
        if item is None:
            raise HubError("line_not_json", line=number)
        yield item


def _no_constant(name: str) -> NoReturn:
    """NaN and Infinity are Python's; no other reader of our output would take them."""
    raise ValueError(name)


def _item(value: object) -> dict[str, Any] | None:
    if not isinstance(value, dict):
        return None
    item = cast("dict[str, Any]", value)
    if "id" not in item or not isinstance(item.get("text"), str):
        return None
    # What we could not write again is refused here, before anything of its batch is written.
    json.dumps(item, ensure_ascii=False, allow_nan=False).encode()
    return item


def _batches(items: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Batches, also of the items before a line that is none: they are answered before it is complained of."""
    batch: list[dict[str, Any]] = []
    characters = 0
    try:
        for item in items:
            batch.append(item)
            characters += len(item["text"])
            if len(batch) == _BATCH or characters >= _BATCH_CHARACTERS:
                yield batch
                batch, characters = [], 0
    except HubError:
        if batch:
            yield batch
        raise
    if batch:
        yield batch


def _write(value: dict[str, Any]) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False))
