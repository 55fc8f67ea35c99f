"""Who may come in: rows about a person are loaded only on a legal basis that is recorded for that person.

Decided in memory, right before the gate, so that a consent withdrawn while the provider was still answering counts. The
stream declares where its subject stands (`connectors.contract.Admission`); no provider has code here. A refused record
leaves a refusal (`hub.refusals`) and nothing else, its children leave nothing.

How a refused record comes in later: the refusal keeps the window in which the record was met. Once a basis is there,
the next ordinary sync reads that window again behind its own ones; the cursor does not move for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from connectors.contract import Admission, Provider, Row, Snapshot, Stream, Window
from connectors.failure import ProviderFailure
from hub.control import refusals
from hub.control.refusals import Matter, Refused
from hub.control.standing import Standing, standing
from kvkk_policies.canonical import canonical, kind_of

if TYPE_CHECKING:
    from hub.db.database import Database
    from hub.keys.keyring import Keyring
    from hub.kvkk.suppression import Suppressions
    from hub.sync.pages import Gathered
    from hub.sync.plan import LoadPlan, PlannedWindow, TenantPlan
    from kvkk_policies.pseudonym import Pseudonymiser

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class _Subject:
    """Whom a row is about: a pseudonym of a person, or a company, or nobody we can tell."""

    pseudonym: str | None
    company: bool


class Admitter:
    """Admits the rows of one stream of a batch, and closes refusals whose records have come in."""

    def __init__(
        self, database: Database, keyring: Keyring, provider: Provider, clock: Clock, suppressions: Suppressions
    ) -> None:
        self._database = database
        self._suppressions = suppressions
        self._keyring = keyring
        self._provider = provider
        self._clock = clock
        self._admitted: dict[int, set[str]] = {}
        """Records let through, by window."""
        self._refused: dict[str, set[str]] = {}
        """Records kept out, by tenant."""

    def admitted(
        self, plan: LoadPlan, tenant: TenantPlan, pages: Gathered, window: PlannedWindow
    ) -> Mapping[str, Sequence[Row]]:
        """The rows that may load, by stream. Refusals are on record before this returns."""
        rule = self._provider.stream(plan.stream).admission
        if rule is None:
            return pages.rows
        rows = pages.rows.get(plan.stream, ())
        refused = self._judge(rule, tenant.tenant_id, rows)
        if refused:
            matter = Matter(tenant.tenant_id, plan.provider, plan.stream)
            refusals.record(
                self._database,
                matter,
                list(refused.values()),
                purpose=rule.purpose,
                window=window.window,
                at=self._clock(),
            )
        everyone = {str(row[rule.record]) for row in rows}
        let_in = everyone - refused.keys()
        self._admitted.setdefault(window.number, set()).update(let_in)
        self._refused.setdefault(tenant.tenant_id, set()).update(refused)
        tenant.outcome.refused = len(self._refused[tenant.tenant_id])
        # A child without an admitted parent beside it stays out, whatever the reason.
        return {
            name: [row for row in of_stream if row.get(rule.record) in let_in] for name, of_stream in pages.rows.items()
        }

    def settle(self, plan: LoadPlan) -> None:
        """Close the refusals of what has been committed, and of what the provider gives no more.

        Runs after the commit: if this process dies in between, the next sync reads the same window again.
        """
        stream = self._provider.stream(plan.stream)
        if stream.admission is None:
            return
        for tenant in plan.tenants.values():
            self._settle(plan, tenant, stream)

    def _settle(self, plan: LoadPlan, tenant: TenantPlan, stream: Stream) -> None:
        matter, at = Matter(tenant.tenant_id, plan.provider, plan.stream), self._clock()
        loaded = [window for window in tenant.windows if window.loaded]
        records = set[str]().union(*(self._admitted.get(window.number, ()) for window in loaded))
        if records:
            tenant.outcome.refusals_settled += refusals.settle_loaded(self._database, matter, records, at=at)
        refused = self._refused.get(tenant.tenant_id, set())
        for window in loaded:
            whole = None if isinstance(stream.plan, Snapshot) else window.window
            tenant.outcome.refusals_settled += refusals.settle_gone(self._database, matter, whole, refused, at=at)
        tenant.outcome.awaiting_basis = refusals.count_open(self._database, matter)

    def _judge(self, rule: Admission, tenant_id: str, rows: Sequence[Row]) -> dict[str, Refused]:
        """The records that may not load, by their key: one reference that several rows share stands or falls as one."""
        pseudonymiser = self._keyring.tenant(tenant_id).pseudonymiser()
        subjects = [(self._record_of(rule, row), _subject_of(rule, row, pseudonymiser)) for row in rows]
        people = {subject.pseudonym for _, subject in subjects if subject.pseudonym is not None and not subject.company}
        stands = standing(
            self._database,
            tenant_id,
            people,
            purpose=rule.purpose,
            categories=rule.categories,
            at=self._clock(),
        )
        refused: dict[str, Refused] = {}
        for record, subject in subjects:
            code = _reason(subject, stands)
            if code is not None:
                refused[record] = Refused(record, self._unless_erased(tenant_id, subject.pseudonym), code)
        return refused

    def _unless_erased(self, tenant_id: str, pseudonym: str | None) -> str | None:
        """A refusal is no place for a pseudonym that was erased everywhere else: a mark stands for it.

        Once the tenant has a new relation with the person, the refusal names them again (`suppression.renew`): by the
        name it is found again when a basis is recorded.
        """
        erased = self._suppressions.of(tenant_id)
        if pseudonym is None or erased is None:
            return pseudonym
        kind = pseudonym.rpartition("_")[0]
        # A refusal is of no day: only a renewal tells the person of now from the one who was erased.
        gone = erased.named(kind, pseudonym, dated=False) or erased.anchored(kind, pseudonym, dated=False)
        return erased.key_mark(kind, pseudonym) if gone else pseudonym

    def _record_of(self, rule: Admission, row: Row) -> str:
        record = row.get(rule.record)
        if not isinstance(record, str) or not record:
            # A refusal that names no record could never be settled.
            raise ProviderFailure("transient", "wrong_type", field=rule.record)
        return record


def _subject_of(rule: Admission, row: Row, pseudonymiser: Pseudonymiser) -> _Subject:
    from hub.kvkk.identifiers import checksum_fits

    value = row.get(rule.subject)
    form = canonical(rule.kind, value) if isinstance(value, str) else None
    if form is None:
        return _Subject(None, company=False)
    kind = kind_of(rule.kind, form)
    if not checksum_fits(kind, form):
        return _Subject(None, company=False)
    company = rule.type is not None and row.get(rule.type) in rule.exempt and kind == "vkn"
    return _Subject(pseudonymiser.one(kind, form), company)


def _reason(subject: _Subject, stands: Standing) -> str | None:
    """Why a record is refused; None when it may load."""
    if subject.company or subject.pseudonym in stands.active:
        return None
    if subject.pseudonym is None:
        return "subject_unreadable"
    return "basis_inactive" if subject.pseudonym in stands.inactive else "basis_missing"


def windows_to_reread(
    database: Database, provider: str, stream: Stream, tenant_id: str, *, planned: Sequence[Window], at: datetime
) -> list[Window]:
    """Windows with refused records that may come in by now, unless `planned` reads them anyway. They do not overlap."""
    rule = stream.admission
    if rule is None or isinstance(stream.plan, Snapshot):
        return []
    waiting = refusals.open_windows(database, Matter(tenant_id, provider, stream.name))
    people = {subject for subject, _ in waiting}
    stands = standing(database, tenant_id, people, purpose=rule.purpose, categories=rule.categories, at=at)
    wanted = [
        window
        for subject, window in waiting
        if subject in stands.active and not any(_within(window, other) for other in planned)
    ]
    return _merged(wanted)


def _within(inner: Window, outer: Window) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _merged(windows: Sequence[Window]) -> list[Window]:
    merged: list[Window] = []
    for window in sorted(windows, key=lambda each: each.start):
        if merged and window.start <= merged[-1].end:
            merged[-1] = Window(merged[-1].start, max(merged[-1].end, window.end))
        else:
            merged.append(window)
    return merged
