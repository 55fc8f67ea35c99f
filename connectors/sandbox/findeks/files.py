"""Reports that reach a company as files instead of by the gateway."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from connectors.sandbox.findeks.bureau import Query, dropped
from connectors.sandbox.findeks.documents import report
from connectors.sandbox.findeks.envelope import dump
from connectors.sandbox.findeks.xml import risk_report, risk_xml

if TYPE_CHECKING:
    from connectors.sandbox.world import World


def report_file(world: World, company_id: str, name: str) -> str | None:
    """A file by its name, as text; None if there is no such file."""
    for query in dropped(world, company_id):
        if name == _name(query):
            return risk_xml(query) if _is_xml(query) else dump(report(query, world.clock.now())).decode()
    return None


def drop_report_files(world: World, company_id: str, directory: Path) -> list[Path]:
    """Write the files as somebody would drop them, some in windows-1254; the files written."""
    directory.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for query in dropped(world, company_id):
        path = directory / _name(query)
        content = risk_report(query)[0] if _is_xml(query) else dump(report(query, world.clock.now()))
        draft = path.with_suffix(".part")
        draft.write_bytes(content)
        draft.rename(path)
        written.append(path)
    return written


def _is_xml(query: Query) -> bool:
    return query.number % 2 == 1


def _name(query: Query) -> str:
    return f"rapor-{query.number:04d}.{'xml' if _is_xml(query) else 'json'}"
