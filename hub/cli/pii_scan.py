"""`hub pii scan`: what a source holds, and the draft of a policy for it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connectors.secret import Secret
from hub.cli import entering
from hub.cli.options import JsonOption
from hub.cli.output import note, progress, show_json, show_table
from hub.errors import HubError
from hub.i18n import N_, _
from hub.messages import explain

if TYPE_CHECKING:
    from sqlalchemy import URL

    from hub.discovery.sample import TableSample
    from hub.discovery.sources import OnRows
    from hub.discovery.sources.databases import Unreadable

_DEFAULT_ROWS = (
    10_000  # hub.discovery.sample.DEFAULT_ROWS, which a test compares: importing it would slow every command
)


def register(group: typer.Typer) -> None:
    """Add the command to its group."""
    group.command(
        "scan",
        help=N_(
            "Report which columns of a database or file hold what, without showing values; draft a policy for them."
        ),
    )(scan)


def scan(
    source: Annotated[
        str | None,
        typer.Argument(
            metavar="URL|FILE",
            help=N_("File (CSV, JSON, JSON Lines, Parquet, SQLite), or URL without a password; - asks for a URL."),
        ),
    ] = None,
    url_env: Annotated[
        str | None, typer.Option("--url-env", metavar="NAME", help=N_("Environment variable that holds the URL."))
    ] = None,
    table: Annotated[
        list[str] | None, typer.Option("--table", metavar="TABLE", help=N_("Only this table; may be repeated."))
    ] = None,
    rows: Annotated[int, typer.Option("--rows", min=1, help=N_("Rows to look at, of each table."))] = _DEFAULT_ROWS,
    draft: Annotated[
        Path | None, typer.Option("--draft", metavar="FILE", help=N_("Write the draft of a policy file."))
    ] = None,
    provider: Annotated[
        str | None, typer.Option("--provider", metavar="NAME", help=N_("Provider's name in the draft."))
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Nothing is written but the draft; the source is only read."""
    from hub.discovery import draft as drafts
    from hub.discovery import report
    from hub.discovery.scan import judged

    named = drafts.checked_provider(provider) if provider is not None else None
    failed: list[Unreadable] = []
    with progress(_("Scan")) as on_rows:
        kind, name, samples = _opened(source, url_env, table or [], rows, on_rows, failed)
        tables = judged(samples, on_rows)
    chosen = named or drafts.provider_name(name)
    if draft is not None and tables:
        drafts.write_draft(draft, chosen, tables)
    if as_json:
        show_json(report.document(kind, chosen, tables, [{"code": each.code, **each.params} for each in failed]))
    else:
        show_table(report.headings(), report.lines(chosen, tables))
    for each in failed:
        note(explain(each))
    if draft is not None and tables:
        note(_("The draft is in {path}; search it for {review}").format(path=draft, review=f"'{drafts.REVIEW}'"))
    if failed:
        raise typer.Exit(1)


def _opened(
    source: str | None, url_env: str | None, tables: list[str], rows: int, on_rows: OnRows, failed: list[Unreadable]
) -> tuple[str, str, Iterator[TableSample]]:
    """What the source is, its name, and its samples."""
    url = _url(source, url_env)
    if url is not None:
        from hub.discovery.sources import databases

        name = Path(url.database or "").stem
        return url.get_backend_name(), name, databases.samples(url, rows, on_rows, tables=tables, failed=failed)
    if source is None:
        raise HubError("scan_source_missing")
    if tables:
        raise HubError("scan_tables_of_a_file")
    from hub.discovery.sources import file_samples

    kind, samples = file_samples(Path(source), rows, on_rows)
    return kind, Path(source).stem, samples


def _url(source: str | None, url_env: str | None) -> URL | None:
    """The URL wherever it came from; None for a file. An argument must not hold a password."""
    secret: Secret | None = None
    if url_env is not None:
        if source is not None:
            raise HubError("scan_source_missing")
        secret = Secret(os.environ.get(url_env, ""))
        if not secret:
            raise HubError("scan_url_variable_empty", name=url_env)
    elif source == "-":
        secret = entering.hidden_value(_("Database URL"))
    elif source is not None and "://" in source:
        secret = Secret(source)
    if secret is None:
        return None
    from hub.discovery.sources.databases import holds_password, parse

    url = parse(secret)
    if source not in (None, "-") and holds_password(url):
        raise HubError("scan_url_with_password")
    return url
