"""The draft of a policy file: YAML that the hub's own validator takes, with a comment wherever a person must decide.

Written by hand and not by a YAML library, for the comments are the point of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from hub.discovery.judgement import Finding, Reason
from hub.discovery.names import declared_name, distinct_names, shown
from hub.discovery.proposal import ProposedColumn, proposed_columns
from hub.errors import HubError
from hub.i18n import _
from hub.messages import text_of
from kvkk_policies.policy import PolicyError, load_policies
from kvkk_policies.turkish import fold

REVIEW = "review:"
LONGEST_PROVIDER = 31
_PROVIDER = re.compile(r"[a-z][a-z0-9_]{1,30}")
_PLAIN = re.compile(r"[a-zA-Z][a-zA-Z0-9_]*")
_NOT_TEXT = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "none"})
_GROUPS = {
    "çalışan": ("personel", "calisan", "employee", "staff", "surucu", "sofor", "driver"),
    "tedarikçi yetkilisi": ("tedarikci", "supplier", "vendor"),
    "çalışan adayı": ("aday", "basvuru", "candidate", "applicant"),
    "ziyaretçi": ("ziyaretci", "visitor"),
}
_GROUP = "ürün veya hizmet alan kişi"
_WIDTH = 120

Tables = Sequence[tuple[str, int, Sequence[Finding]]]
"""A table's name, how many of its rows were looked at, and its columns."""


def provider_name(text: str) -> str:
    """A provider's name made from a file's or database's; `source` where nothing is left of it."""
    name = declared_name(text)[:LONGEST_PROVIDER].strip("_")
    return name if _PROVIDER.fullmatch(name) else "source"


def checked_provider(name: str) -> str:
    """The name as given. HubError `scan_provider_malformed`."""
    if not _PROVIDER.fullmatch(name):
        raise HubError("scan_provider_malformed")
    return name


def write_draft(path: Path, provider: str, tables: Tables) -> None:
    """Write a new file, and read it back as the hub reads policies.

    HubError `scan_draft_exists` (a draft that somebody has worked on is not overwritten) or `scan_draft_unwritable`.
    """
    text = "\n".join(_lines(provider, tables)) + "\n"
    _validate(text)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise HubError("scan_draft_exists", path=str(path)) from None
    except OSError:
        raise HubError("scan_draft_unwritable", path=str(path)) from None


def _validate(text: str) -> None:
    import tempfile

    with tempfile.TemporaryDirectory(prefix="kopru-draft-") as directory:
        (Path(directory) / "draft.yaml").write_text(text, encoding="utf-8")
        try:
            load_policies(Path(directory))
        except PolicyError:
            raise HubError("scan_draft_invalid") from None


def _lines(provider: str, tables: Tables) -> Iterator[str]:
    for text in (
        _("A draft by hub pii scan. It declares what a sample of each table showed, and is no policy yet."),
        _("Wherever a person must decide stands {review}; remove each such line when it is decided.").format(
            review=f"'{REVIEW}'"
        ),
        _("Legal basis and retention are proposals for every column: the controller decides them."),
    ):
        yield from _comment(text, 0)
    yield f"provider: {_scalar(provider)}"
    yield "version: 1"
    yield ""
    yield "streams:"
    streams = distinct_names((name for name, _rows, _findings in tables), fallback="table")
    for stream, (table, rows, findings) in zip(streams, tables, strict=True):
        yield from _stream(provider, stream, table, rows, findings)


def _stream(provider: str, stream: str, table: str, rows: int, findings: Sequence[Finding]) -> Iterator[str]:
    columns = proposed_columns(provider, findings)
    group = next(
        (name for name, words in _GROUPS.items() if any(word in fold(table) for word in words)),
        _GROUP,
    )
    personal = any(column.personal for column in columns)
    yield f"  {_scalar(stream)}:"
    yield from _comment(_("{table}: {rows} rows looked at.").format(table=shown(table), rows=rows), 4)
    yield from _comment(f"{REVIEW} {text_of('scan_purpose')}", 4)
    yield f"    purpose: {_scalar('Belirlenecek')}"
    yield from _comment(f"{REVIEW} {text_of('scan_subject_groups')}", 4)
    yield f"    subject_groups: {_flow([group] if personal else [])}"
    yield "    columns:"
    for column in columns:
        yield from _column(column)


def _column(column: ProposedColumn) -> Iterator[str]:
    if column.name != column.source:
        yield from _comment(_("in the source: {name}").format(name=shown(column.source)), 6)
    if column.key:
        yield from _comment(_("proposed key"), 6)
    if column.cursor:
        yield from _comment(_("proposed cursor"), 6)
    for reason in column.review:
        yield from _comment(f"{REVIEW} {reason_text(reason)}", 6)
    line = f"      {_scalar(column.name)}: {_flow(column.entry)}"
    if len(line) <= _WIDTH:
        yield line
        return
    yield f"      {_scalar(column.name)}:"
    for key, value in column.entry.items():
        yield f"        {key}: {_flow(value)}"


def reason_text(reason: Reason) -> str:
    """A reason in the reader's language."""
    return text_of(reason.code, **reason.params)


def _comment(text: str, indent: int) -> Iterator[str]:
    """Wrapped; a name that is somebody else's cannot end the comment, for it has no line breaks."""
    import textwrap

    yield from textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=" " * indent + "# ",
        subsequent_indent=" " * indent + "#   ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{key}: {_flow(inner)}' for key, inner in value.items())} }}"  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, list):
        return f"[{', '.join(_flow(inner) for inner in value)}]"  # pyright: ignore[reportUnknownVariableType]
    return str(value) if isinstance(value, int) else _scalar(str(value))


def _scalar(text: str) -> str:
    if _PLAIN.fullmatch(text) and text.lower() not in _NOT_TEXT:
        return text
    return json.dumps(text, ensure_ascii=False)
