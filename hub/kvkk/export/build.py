"""Makes one package: finds whom it is about, reads everything of theirs in bounded memory, writes, seals and records.

The log has the beginning before anything is read, and the end with what was packed. A run that is killed leaves an
encrypted torn file without a passphrase, which the next sweep removes (hub/kvkk/export/expiry.py).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING, Any
from uuid import UUID

from hub.errors import HubError
from hub.i18n import Language, _, speaking
from hub.keys.originals import Originals, Reading
from hub.kvkk import audit
from hub.kvkk.export import answer, answer_html, answer_pdf, record, statements
from hub.kvkk.export.gathering import Gathering
from hub.kvkk.export.in_force import streams_in_force
from hub.kvkk.export.mentions import Mentions
from hub.kvkk.export.order import Built, Order, exports_directory
from hub.kvkk.export.own import Own, Redactor, own_values
from hub.kvkk.export.package import SCHEMA_VERSION, Package, new_passphrase, settled
from hub.kvkk.export.scope import Scope, find_scope
from hub.kvkk.export.sections_landing import LandingSections
from hub.kvkk.export.sections_records import consents_of, mails_to, record_sections
from hub.kvkk.export.statements import Dataset

if TYPE_CHECKING:
    from connectors.contract import Provider
    from hub.db.database import Database
    from hub.keys.keyring import Keyring
    from hub.settings import Settings
    from kvkk_policies.freetext import Detector
    from kvkk_policies.policy import ProviderPolicy

OnProgress = Callable[[int, int], None]
"""Called with rows done and rows in all, every `PROGRESS_ROWS` rows."""

PROGRESS_ROWS = 1_000


def no_progress(done: int, total: int) -> None:
    """For callers that show none."""
    del done, total


@dataclass(frozen=True)
class Exporter:
    """What packages are made with. `derived` names the mart tables by the landing tables they come from."""

    settings: Settings
    database: Database
    keyring: Keyring
    providers: Mapping[str, Provider]
    policies: Mapping[str, ProviderPolicy]
    detector: Detector
    derived: Mapping[str, Sequence[str]]

    def export(self, order: Order, on_progress: OnProgress = no_progress) -> Built:
        """Make the package. Raises what stands in the way (HubError); the record then has its code."""
        with self.database.tenant(order.tenant_id, "app") as connection:
            export_id = record.begin(connection, order.tenant_id, order.request_id)
            audit.append(connection, order.tenant_id, _entry(order, export_id, "export_begun"))
        try:
            return _Making(self, order, export_id, on_progress).make()
        except BaseException as error:
            code = error.code if isinstance(error, HubError) else "internal_error"
            with self.database.tenant(order.tenant_id, "app") as connection:
                record.fail(connection, order.tenant_id, export_id, code)
                audit.append(connection, order.tenant_id, _entry(order, export_id, "export_built", result=code))
            raise


class _Making:
    """One package under way."""

    def __init__(self, exporter: Exporter, order: Order, export_id: UUID, on_progress: OnProgress) -> None:
        self._exporter = exporter
        self._order = order
        self._export_id = export_id
        self._on_progress = on_progress
        self._done = self._total = 0

    def make(self) -> Built:
        directory = exports_directory(self._exporter.settings)
        name = f"{secrets.token_hex(16)}.zip"
        draft, passphrase = directory / f"{name}.part", new_passphrase()
        try:
            with speaking(self._order.language), Package(draft, passphrase) as package:
                scope = self._write(package)
            digest, size = settled(draft)
            draft.rename(directory / name)
        finally:
            draft.unlink(missing_ok=True)
        try:
            return self._record(scope, name, passphrase, digest, size)
        except BaseException:
            (directory / name).unlink(missing_ok=True)
            raise

    def _write(self, package: Package) -> Scope:
        exporter, order = self._exporter, self._order
        scope = find_scope(
            exporter.database,
            exporter.keyring,
            order.tenant_id,
            order.identifiers,
            included=order.included,
            excluded=order.excluded,
        )
        record.concern(exporter.database, order.tenant_id, self._export_id, scope.subjects)
        originals = Originals(exporter.database, exporter.keyring)
        reading = self._reading(scope)
        theirs = originals.of_subjects(order.tenant_id, scope.subjects, reading)
        shared = originals.named(order.tenant_id, {each[:2] for each in scope.days}, reading)
        own = own_values(scope, chain(theirs, shared))
        package.add_json("subject.json", self._subject(scope, own))
        datasets = self._landed(package, scope, own, originals, reading)
        sections = record_sections(exporter.database, scope) if order.with_rows else ()
        tables = {section.table: package.add_table(section, self._row_done) for section in sections}
        consents = consents_of(exporter.database, scope)
        self._statements(package, datasets, consents, scope)
        facts = self._facts(scope, own, datasets, tables, consents)
        self._letters(package, facts)
        package.finish(self._manifest(facts))
        self._progress()
        return scope

    def _landed(
        self, package: Package, scope: Scope, own: Own, originals: Originals, reading: Reading
    ) -> list[Dataset]:
        exporter, tenant_id = self._exporter, self._order.tenant_id
        streams = streams_in_force(exporter.database, tenant_id, exporter.providers, exporter.policies)
        pseudonymiser = exporter.keyring.tenant(tenant_id).pseudonymiser()
        with exporter.database.tenant(tenant_id, "loader") as connection:
            gathering = Gathering(connection, scope, pseudonymiser)
            found = gathering.gather(streams, Mentions(exporter.database, scope, own).by_stream(streams))
            if not self._order.with_rows:
                return [Dataset(each, count) for each in streams if (count := gathering.counts[each.name])]
            self._total = found
            self._progress()
            sections = LandingSections(
                gathering,
                scope,
                own,
                Redactor(own, exporter.detector, pseudonymiser),
                pseudonymiser,
                originals,
                reading,
            )
            by_name = {each.name: each for each in streams}
            return [
                Dataset(by_name[f"{section.source}.{section.table}"], package.add_table(section, self._row_done))
                for section in sections.sections(streams)
            ]

    def _statements(
        self, package: Package, datasets: Sequence[Dataset], consents: Sequence[Mapping[str, Any]], scope: Scope
    ) -> None:
        package.add_json("processing.json", statements.processing(datasets, self._exporter.derived))
        package.add_json("recipients.json", statements.recipients(datasets, consents))
        package.add_json("consents.json", {"consents": consents})
        package.add_json("messages.json", statements.messages(mails_to(self._exporter.database, scope)))
        package.add_json("automated_decisions.json", statements.automated(datasets))
        package.add_json("retention.json", statements.retention(datasets))

    def _letters(self, package: Package, facts: answer.Facts) -> None:
        languages: tuple[Language, ...] = ("tr", "en") if self._order.language == "en" else ("tr",)
        for language in languages:
            with speaking(language):
                letter = answer.letter(facts, language)
            package.add(f"answer_{language}.html", answer_html.page(letter).encode())
            package.add(f"answer_{language}.pdf", answer_pdf.document(letter))

    def _subject(self, scope: Scope, own: Own) -> dict[str, Any]:
        known = {each.pseudonym: each for each in scope.identifiers}
        return {
            "identifiers": [
                {
                    "kind": pseudonym.rpartition("_")[0],
                    "value": own.shown(pseudonym) if pseudonym in own.originals else None,
                    "strength": known[pseudonym].strength if pseudonym in known else None,
                    "first_seen": known[pseudonym].first_seen_at if pseudonym in known else None,
                    "seen_in": list(known[pseudonym].sources) if pseudonym in known else [],
                }
                for pseudonym in sorted({*known, *own.originals})
            ],
            "statement": _(
                "A value of null is not in the vault: it is kept as a pseudonym, or it stands in the tables as it is."
            ),
        }

    def _facts(
        self,
        scope: Scope,
        own: Own,
        datasets: Sequence[Dataset],
        tables: Mapping[str, int],
        consents: Sequence[Mapping[str, Any]],
    ) -> answer.Facts:
        with self._exporter.database.tenant(self._order.tenant_id, "app") as connection:
            row = connection.execute(
                "SELECT name, tax_office, verbis_registration FROM hub.tenants WHERE tenant_id = %s",
                (self._order.tenant_id,),
            ).fetchone()
        if row is None:
            raise HubError("tenant_unknown", tenant=self._order.tenant_id)
        number = str(self._order.request_id or self._export_id)
        return answer.Facts(
            controller=answer.Controller(*row),
            number=number,
            type=self._order.type,
            received_at=self._order.received_at,
            generated_at=datetime.now(UTC),
            scope=scope,
            own=own,
            datasets=datasets,
            tables=tables,
            consents=consents,
        )

    def _manifest(self, facts: answer.Facts) -> dict[str, Any]:
        return {
            "schema_version": SCHEMA_VERSION,
            "tenant": self._order.tenant_id,
            "controller": facts.controller.name,
            "request_id": self._order.request_id,
            "export_id": self._export_id,
            "generated_at": facts.generated_at,
            "records_awaiting_review": len(facts.scope.waiting),
            "rows": self._done,
        }

    def _record(self, scope: Scope, name: str, passphrase: str, digest: str, size: int) -> Built:
        order, exporter = self._order, self._exporter
        sealed = exporter.keyring.tenant(order.tenant_id).seal(
            "export-passphrase", str(self._export_id), passphrase.encode()
        )
        with exporter.database.tenant(order.tenant_id, "app") as connection:
            # An erasure that found the package under way has ended it: what it was made of is gone.
            row = connection.execute(
                "UPDATE hub.exports SET state = 'ready', file_name = %s, sha256 = %s, bytes = %s, sealed_key = %s,"
                " rows_done = %s, rows_total = %s, link_expires_at = now() + %s WHERE tenant_id = %s AND export_id = %s"
                " AND state = 'building' RETURNING link_expires_at",
                (
                    name,
                    digest,
                    size,
                    sealed,
                    self._done,
                    self._done,
                    timedelta(days=exporter.settings.export_days),
                    order.tenant_id,
                    self._export_id,
                ),
            ).fetchone()
            if row is None:
                raise HubError("export_ended_meanwhile", export=str(self._export_id))
            details = {"bytes": size, "sha256": digest, "waiting": len(scope.waiting)}
            audit.append(
                connection,
                order.tenant_id,
                _entry(order, self._export_id, "export_built", count=self._done, details=details),
            )
        return Built(self._export_id, self._done, size, digest, row[0], len(scope.waiting))

    def _reading(self, scope: Scope) -> Reading:
        details = {"subjects": sorted(scope.subjects)}
        return Reading(
            self._order.actor, "subject_request", f"export:{self._export_id}", self._order.request_id, details
        )

    def _row_done(self) -> None:
        self._done += 1
        if self._done % PROGRESS_ROWS == 0:
            self._progress()

    def _progress(self) -> None:
        self._total = max(self._total, self._done)
        record.progress(self._exporter.database, self._order.tenant_id, self._export_id, self._done, self._total)
        self._on_progress(self._done, self._total)


def _entry(order: Order, export_id: UUID, action: str, **values: Any) -> audit.Entry:
    return audit.Entry(
        actor=order.actor,
        action=action,
        object=f"export:{export_id}",
        purpose="subject_request",
        request_id=order.request_id,
        **values,
    )
