"""What the audit log says was read, exported or downloaded in a time, and to which people and datasets that leads."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from hub.kvkk.audit_listing import Line, entries
from kvkk_policies.tightening import PSEUDONYM

if TYPE_CHECKING:
    from hub.db.database import Connection, Database

_TAKES_DATA_OUT = re.compile(r"read|reveal(?!er)|export|download|shown|sql")
"""Actions that show personal data to somebody; others write or destroy it."""
_OWN = "breach."
"""What the register itself does with a breach is not what the breach is about."""

_SUBJECT = re.compile(r"(?:subject[:/])?([0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12})")
_DATASET = re.compile(r"(?:landing\.([a-z][a-z0-9]*)_([a-z0-9_]+))|([a-z][a-z0-9_]*\.[a-z][a-z0-9_]*)")
_PSEUDONYM = re.compile(PSEUDONYM)


@dataclass(frozen=True)
class Accessed:
    """Subjects by id; datasets (`<provider>.<stream>`) that were read whole, and until when; entries looked at."""

    subjects: frozenset[str]
    datasets: Mapping[str, datetime]
    entries: int
    untraced: int


def accessed(
    database: Database,
    tenant_id: str,
    since: datetime | None,
    until: datetime,
    *,
    by: str | None = None,
    actions: Collection[str] = (),
) -> Accessed:
    """Follow every entry of the period to the people that it names, through its request or what it exported."""
    lines = [
        line
        for line in entries(database, tenant_id, since=since, until=until)
        # What was refused or failed showed nobody anything.
        if line.result == "ok" and by in (None, line.actor)
        if (line.action in actions if actions else _takes_out(line.action))
    ]
    subjects: set[str] = set()
    datasets: dict[str, datetime] = {}
    unnamed: list[Line] = []
    pseudonyms: dict[str, list[Line]] = {}
    for line in lines:
        named, places = _named(line), _datasets(line)
        subjects |= named
        for place in places:
            datasets[place] = max(datasets.get(place, line.at), line.at)
        found = set(_PSEUDONYM.findall(line.object)) | set(_PSEUDONYM.findall(str(line.details.get("pseudonym", ""))))
        for each in found:
            pseudonyms.setdefault(each, []).append(line)
        if not (named or places or found):
            unnamed.append(line)
    by_pseudonym = _by_pseudonym(database, tenant_id, pseudonyms.keys())
    subjects |= set().union(*by_pseudonym.values()) if by_pseudonym else set()
    untraced = {line.seq for each, of in pseudonyms.items() if each not in by_pseudonym for line in of}
    for line in unnamed:
        through = _through(database, tenant_id, line)
        subjects |= through
        if not through:
            untraced.add(line.seq)
    return Accessed(frozenset(subjects), datasets, len(lines), len(untraced))


def _takes_out(action: str) -> bool:
    return _TAKES_DATA_OUT.search(action) is not None and not action.startswith(_OWN)


def _named(line: Line) -> set[str]:
    """The subjects that an entry names itself."""
    stated: list[Any] = [line.object, line.details.get("subject")]
    listed = line.details.get("subjects")
    stated += listed if isinstance(listed, list) else []
    matches = (_SUBJECT.fullmatch(each) for each in stated if isinstance(each, str))
    return {match.group(1).replace("-", "") for match in matches if match}


def _datasets(line: Line) -> set[str]:
    stated: list[Any] = [line.object, line.details.get("dataset"), line.details.get("table")]
    listed = line.details.get("datasets")
    stated += listed if isinstance(listed, list) else []
    found: set[str] = set()
    for each in stated:
        match = _DATASET.fullmatch(each) if isinstance(each, str) else None
        if match is None or (match.group(3) or "").split(".")[0] in ("hub", "vault", "keys"):
            continue
        provider, stream, name = match.groups()
        found.add(name or f"{provider}.{stream}")
    return found


def _through(database: Database, tenant_id: str, line: Line) -> set[str]:
    """Subjects of the entry's request, or of other entries about the same object (who was in a package)."""
    with database.tenant(tenant_id, "app") as connection:
        found = _of_request(connection, tenant_id, line)
        if found:
            return found
        rows = connection.execute(
            "SELECT DISTINCT jsonb_array_elements_text(details -> 'subjects') FROM hub.audit_log"
            " WHERE tenant_id = %s AND object = %s AND jsonb_typeof(details -> 'subjects') = 'array'",
            (tenant_id, line.object),
        ).fetchall()
    return {row[0].replace("-", "") for row in rows if _SUBJECT.fullmatch(row[0])}


def _of_request(connection: Connection, tenant_id: str, line: Line) -> set[str]:
    kind, _, name = line.object.partition(":")
    rows = connection.execute(
        "SELECT DISTINCT replace(s.subject_id::text, '-', '') FROM hub.request_subjects s"
        " WHERE s.tenant_id = %(tenant)s AND s.decision = 'included' AND (s.request_id = %(request)s::uuid"
        " OR s.request_id IN (SELECT request_id FROM hub.exports WHERE tenant_id = %(tenant)s"
        " AND export_id::text = %(export)s))",
        {"tenant": tenant_id, "request": line.request_id, "export": name if kind == "export" else None},
    )
    return {row[0] for row in rows}


def _by_pseudonym(database: Database, tenant_id: str, pseudonyms: Collection[str]) -> dict[str, set[str]]:
    if not pseudonyms:
        return {}
    found: dict[str, set[str]] = {}
    with database.tenant(tenant_id, "vault") as connection:
        for pseudonym, subject in connection.execute(
            "SELECT pseudonym, replace(subject_id::text, '-', '') FROM vault.identifiers"
            " WHERE tenant_id = %(tenant)s AND pseudonym = ANY(%(wanted)s)"
            " UNION SELECT pseudonym, replace(subject_id::text, '-', '') FROM vault.originals"
            " WHERE tenant_id = %(tenant)s AND pseudonym = ANY(%(wanted)s)",
            {"tenant": tenant_id, "wanted": sorted(pseudonyms)},
        ):
            found.setdefault(pseudonym, set()).add(subject)
    return found
