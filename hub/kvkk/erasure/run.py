"""Erases one person: holds, approval, suppression, store by store, verification, log. Killed anywhere, it is repeated.

The order is what makes it safe. The suppression list comes first, so that no sync brings back what is being erased; the
subject index comes last, since it leads to everything else, and only after a search has found nothing in the other
stores. What was begun is written down (hub.erasures) and gone on with by whoever erases the same person again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from connectors.istanbul import day_of
from hub.errors import HubError
from hub.keys import journal
from hub.keys.journal import Journaled
from hub.kvkk import audit, holds
from hub.kvkk.erasure import log, record, withheld
from hub.kvkk.erasure.meant import digest_of, whole
from hub.kvkk.retention.statutes import STATUTES, Statute
from hub.kvkk.stores.landing import LandingStore
from hub.kvkk.suppression import marks_of, suppress
from hub.kvkk.traces import traces_of
from hub.policies import rewrites

if TYPE_CHECKING:
    from uuid import UUID

    from hub.kvkk.audit import Actor
    from hub.kvkk.erasure.record import Erasure
    from hub.kvkk.erasure.withheld import Kept
    from hub.kvkk.holds import Hold
    from hub.kvkk.person import Person
    from hub.kvkk.stores import Held, Hub, Store
    from hub.kvkk.traces import Traces

Outcome = Literal["erased", "partly", "refused", "nothing", "left"]
"""`partly`: something is kept by statute until a date. `left`: the search afterwards found something: a defect.

`nothing`: no store held anything of the person. They are on the suppression list all the same: a load under way, or a
later one, may bring them.
"""

LAST = "vault"
"""The store that leads to the others."""

_OF_ASKING = frozenset({"hub.request_identifiers", "hub.request_subjects"})
"""What the desk notes of whoever asks. It goes too, and is no sign that anything else was held of them."""


@dataclass(frozen=True)
class Report:
    """What became of an erasure; counts and codes only."""

    outcome: Outcome
    erasure_id: UUID | None = None
    held: Sequence[Held] = ()
    """What was found before."""
    blocked_by: Sequence[Hold] = ()
    kept: Sequence[Kept] = ()
    left: dict[str, int] = field(default_factory=dict[str, int])
    """Records found afterwards, by store."""
    uncertain: int = 0
    """Subjects that only share a weak identifier with the person: they wait for a reviewer and were not touched."""


@dataclass(frozen=True)
class Mandate:
    """Who erases, for which request, and who else approved it."""

    actor: Actor
    request_id: UUID | None = None
    approved_by: str | None = None
    approved_of: str | None = None
    """Of whom it was approved (hub/kvkk/erasure/approval.py); None where whoever approves stands beside it."""
    cause: Literal["request", "replay"] = "request"
    """`replay`: it was erased before, and a restored backup had it back."""


class Eraser:
    """Erases people of the tenants. `stores` are in the order of hub.kvkk.registry; the last one is the vault."""

    def __init__(
        self, hub: Hub, stores: Sequence[Store], *, four_eyes_above: int, statutes: tuple[Statute, ...] = STATUTES
    ) -> None:
        self._hub = hub
        self._statutes = statutes
        self._stores = stores
        self._four_eyes_above = four_eyes_above

    def scope(self, person: Person) -> dict[str, list[Held]]:
        """What is held of a person, by store: the dry run."""
        return {store.name: store.find(person) for store in self._stores}

    def erase(self, person: Person, mandate: Mandate) -> Report:
        """Erase a person as they were found, or go on with it: `find_and_erase`."""
        return self.find_and_erase(person.tenant_id, lambda: person, mandate)

    def find_and_erase(self, tenant_id: str, whom: Callable[[], Person], mandate: Mandate) -> Report:
        """Erase a person, or go on with it. `whom` finds them, once nobody else erases in the tenant.

        Raises HubError `erasure_needs_approval` or `erasure_self_approved` when more subjects than one person may
        destroy alone are meant.
        """
        with self._hub.database.tenant(tenant_id, "app") as guard:
            # A rewrite under way could store once more what is being erased; another erasure would count the same rows,
            # and whom a search before it found is not who is there after it.
            rewrites.hold(guard, tenant_id)
            return self._told_again(tenant_id, mandate) or self._erase(whom(), mandate)

    def replay(self, person: Person, erased: Journaled, actor: Actor) -> Report:
        """Erase again whom a restored backup has brought back, by the erasure that was finished after it was made.

        Neither holds nor approval are asked for: both were, and the person's key is gone already.
        """
        database, tenant_id = self._hub.database, person.tenant_id
        with database.tenant(tenant_id, "app") as guard:
            rewrites.hold(guard, tenant_id)
            suppress(database, tenant_id, erased.marks, erased_at=erased.erased_at)
            erasure = record.adopt(database, tenant_id, erased)
            return self._execute(person, erasure, Mandate(actor, cause="replay"))

    def _told_again(self, tenant_id: str, mandate: Mandate) -> Report | None:
        """What became of a request whose erasure was brought to its end; None where that is still to be done.

        Nothing leads from the request to the person by then, and what a statute keeps would look as if there were
        nothing.
        """
        database, request_id = self._hub.database, mandate.request_id
        begun = record.of_request(database, tenant_id, request_id) if request_id is not None else None
        if begun is None or not begun.done:
            return None
        kept = withheld.kept_of(database, tenant_id, begun.erasure_id)
        with database.tenant(tenant_id, "app") as connection:
            datasets = log.datasets_of(connection, tenant_id, cause_id=str(request_id))
        return Report(_outcome(datasets, {}, kept), begun.erasure_id, kept=kept)

    def _erase(self, person: Person, mandate: Mandate) -> Report:
        begun = record.unfinished(self._hub.database, person.tenant_id, person.subjects)
        person = whole(self._hub.database, person, begun)
        if not person.subjects:
            return Report("nothing", uncertain=len(person.uncertain))
        held = [each for of_store in self.scope(person).values() for each in of_store]
        blocking = self._blocking(person, held)
        if blocking:
            self._enter(person.tenant_id, mandate, "erasure_refused", "hold", len(held))
            return Report("refused", held=held, blocked_by=blocking, uncertain=len(person.uncertain))
        self._require_approval(person, mandate)
        erasure = begun or self._begin(person, mandate, held)
        return replace(self._execute(person, erasure, mandate), held=held, uncertain=len(person.uncertain))

    def _blocking(self, person: Person, held: Sequence[Held]) -> Sequence[Hold]:
        traces = traces_of(self._hub.database, self._hub.keyring, person)
        whose = traces.subjects | traces.shared_subjects
        reach = holds.Reach(whose, {each.dataset for each in held}, {each.category for each in held})
        return holds.blocking(self._hub.database, person.tenant_id, reach)

    def _require_approval(self, person: Person, mandate: Mandate) -> None:
        if len(person.subjects) <= self._four_eyes_above:
            return
        of_others = mandate.approved_of not in (None, digest_of(person.subjects))
        if not mandate.approved_by or of_others:
            raise HubError("erasure_needs_approval", subjects=len(person.subjects), most=self._four_eyes_above)
        if mandate.approved_by.casefold() == mandate.actor.name.casefold():
            raise HubError("erasure_self_approved")

    def _begin(self, person: Person, mandate: Mandate, held: Sequence[Held]) -> Erasure:
        with self._hub.database.tenant(person.tenant_id, "app") as connection:
            erasure = record.begin(connection, person.tenant_id, person.subjects, mandate.request_id)
            details: dict[str, Any] = {"subjects": len(person.subjects), "approved_by": mandate.approved_by}
            entry = audit.Entry(
                mandate.actor,
                "erasure_begun",
                f"hub.erasures/{erasure.erasure_id}",
                count=sum(each.records for each in held),
                request_id=mandate.request_id,
                details=details,
            )
            audit.append(connection, person.tenant_id, entry)
        return erasure

    def _execute(self, person: Person, erasure: Erasure, mandate: Mandate) -> Report:
        tenant_id, before = person.tenant_id, erasure.started_at
        traces = traces_of(self._hub.database, self._hub.keyring, person)
        if traces.anchors or traces.named or traces.days:
            keys = self._hub.keyring.tenant(tenant_id)
            marks = marks_of(keys, traces)
            # Before anything is destroyed: a backup of before, restored one day, is erased again by this.
            subjects = traces.subjects | person.subjects.keys()
            journal.note(self._hub.database, keys, Journaled(erasure.erasure_id, subjects, marks, before))
            suppress(self._hub.database, tenant_id, marks, erased_at=before)
            if mandate.cause != "replay":  # the key is gone, and with it what a statute would keep
                self._withhold(traces, erasure, mandate)
        first = [store for store in self._stores if store.name != LAST]
        for store in first:
            self._through(store, person, erasure)
        left = {store.name: count for store in first if (count := store.verify(person, before=before))}
        if not left:
            for store in self._stores:
                if store.name == LAST:
                    self._through(store, person, erasure)
                    left |= {LAST: count} if (count := store.verify(person, before=before)) else {}
        datasets = self._finish(tenant_id, erasure, mandate, left)
        kept = withheld.kept_of(self._hub.database, tenant_id, erasure.erasure_id)
        return Report(_outcome(datasets, left, kept), erasure.erasure_id, kept=kept, left=left)

    def _withhold(self, traces: Traces, erasure: Erasure, mandate: Mandate) -> None:
        withheld.withhold(
            self._hub,
            list(LandingStore(self._hub).streams(traces, erasure.started_at)),
            traces,
            erasure_id=erasure.erasure_id,
            today=day_of(erasure.started_at),
            actor=mandate.actor,
            statutes=self._statutes,
        )

    def _through(self, store: Store, person: Person, erasure: Erasure) -> None:
        if store.name in erasure.stores_done:
            return
        database, tenant_id = self._hub.database, person.tenant_id
        if store.name not in record.current(database, tenant_id, erasure):
            record.note_scope(database, tenant_id, erasure, store.name, store.find(person))
        lost = store.erase(person, before=erasure.started_at)
        record.note_done(database, tenant_id, erasure, store.name, lost)

    def _finish(self, tenant_id: str, erasure: Erasure, mandate: Mandate, left: dict[str, int]) -> set[str]:
        """Write log and end; the datasets in which anything was destroyed."""
        destroyed = record.current(self._hub.database, tenant_id, erasure)
        with self._hub.database.tenant(tenant_id, "app") as connection:
            log.write(
                connection,
                tenant_id,
                destroyed,
                cause=mandate.cause,
                cause_id=str(mandate.request_id or erasure.erasure_id),
                actor=mandate.actor.name,
                verified="left" if left else "none_left",
            )
            record.end(connection, tenant_id, erasure, "failed" if left else "done")
            entry = audit.Entry(
                mandate.actor,
                "erasure_finished",
                f"hub.erasures/{erasure.erasure_id}",
                result="left" if left else "ok",
                count=sum(line[2] for lines in destroyed.values() for line in lines),
                request_id=mandate.request_id,
                details={"left": left},
            )
            audit.append(connection, tenant_id, entry)
        return {line[0] for lines in destroyed.values() for line in lines if line[2]}

    def _enter(self, tenant_id: str, mandate: Mandate, action: str, result: str, count: int) -> None:
        audit.record(
            self._hub.database,
            tenant_id,
            audit.Entry(
                mandate.actor, action, "hub.erasures", result=result, count=count, request_id=mandate.request_id
            ),
        )


def _outcome(datasets: Collection[str], left: Mapping[str, int], kept: Sequence[Kept]) -> Outcome:
    """What to call it, by the datasets in which anything was destroyed."""
    if left:
        return "left"
    if kept:
        return "partly"
    return "erased" if set(datasets) - _OF_ASKING else "nothing"
