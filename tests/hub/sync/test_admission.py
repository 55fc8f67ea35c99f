"""Rows about a person load only on a basis that is recorded for that person, that purpose and that tenant."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import Admission, Hours, Page, Provider, Row, Snapshot, Window, WindowPlan
from connectors.failure import ProviderFailure
from connectors.secret import Secret
from hub.control import consents, grounds, legal_bases, refusals
from hub.control.consent_record import NewConsent
from hub.control.legal_basis_record import NewLegalBasis
from hub.kvkk.audit import SYSTEM
from hub.kvkk.suppression import erased_mark, marks_of, renew, suppress
from hub.kvkk.traces import Traces
from hub.sync.batch import BatchRequest, Engine, sync_batch
from hub.sync.outcome import TenantResult
from hub.sync.stages import Stage, StageHook, no_hook
from tests.fixtures.siparis import ORDERS, PROVIDER
from tests.support.shop import add_shop, tckn

NOW = datetime.now(UTC).replace(microsecond=0)
PURPOSE = "credit_assessment"
AYSE, VELI, COMPANY = tckn(123_456_789), tckn(987_654_321), "4540536920"


@dataclass
class Far:
    """The provider's far end: orders as it would give them, each at its time."""

    orders: list[tuple[datetime, Row]] = field(default_factory=list)
    asked: list[Window] = field(default_factory=list)
    present_state: bool = False
    """Answers with all there is, whatever the window."""

    def add(self, number: str, subject: str | None, *, hours_ago: float = 1, **values: Any) -> None:
        row: Row = {"order_id": number, "customer_tckn": subject, "channel": "person", "amount": "1", **values}
        self.orders.append((NOW - timedelta(hours=hours_ago), row))

    async def test(self) -> None:
        """Always reachable."""

    async def pages(self, stream: str, window: Window) -> AsyncIterator[Page]:
        del stream
        self.asked.append(window)
        rows = [row for at, row in self.orders if self.present_state or window.start <= at < window.end]
        if rows:
            yield Page(rows)


def provider(far: Far, plan: WindowPlan | None = None) -> Provider:
    """The shop, its orders admitted like credit reports."""
    hours = Hours(trailing=timedelta(hours=1), span=timedelta(hours=6), first_depth=timedelta(hours=24))
    rule = Admission(
        subject="customer_tckn",
        kind="tax_number",
        purpose=PURPOSE,
        categories=("FINANS",),
        record="order_id",
        type="channel",
        exempt=("company",),
    )

    @asynccontextmanager
    async def opened(_spec: Any, _client: Any) -> AsyncIterator[Any]:
        yield far

    stream = replace(ORDERS, plan=plan or hours, version=None, admission=rule)
    return replace(PROVIDER, streams=(stream,), open=opened)


def sync(
    engine: Engine, far: Far, tenants: Sequence[str], *, now: datetime = NOW, hook: StageHook = no_hook, **more: Any
) -> dict[str, TenantResult]:
    request = BatchRequest(tenants)
    result = sync_batch(engine, provider(far, **more), request, run_id="run", now=lambda: now, hook=hook)
    for tenant in result.tenants.values():
        assert [outcome.failed for outcome in tenant.outcomes] == [None]
    return result.tenants


def landed(engine: Engine, tenant_id: str) -> set[str]:
    with engine.database.tenant(tenant_id, "loader") as connection:
        return {row[0] for row in connection.execute("SELECT order_id FROM landing.siparis_orders")}


def reasons(engine: Engine, tenant_id: str) -> dict[str, str]:
    return {each.record_key: each.code for each in refusals.listed(engine.database, tenant_id)}


def consent(engine: Engine, tenant_id: str, number: str, kind: Any = "tckn", **changes: Any) -> Any:
    values: dict[str, Any] = {
        "purpose": PURPOSE,
        "data_categories": ("KIMLIK", "FINANS"),
        "retention_period": "P1Y",
        "consent_text": "Açık rıza veriyorum.",
        "text_version": "v1",
        "notice_id": "n1",
        "channel": "web",
        "evidence_ref": "form-1",
        "given_at": NOW - timedelta(days=1),
    }
    subject = grounds.subject_pseudonym(engine.keyring, tenant_id, kind, Secret(number))
    new = NewConsent(**(values | changes))
    return consents.record(engine.database, tenant_id, kind=kind, subject=subject, new=new)


def basis(engine: Engine, tenant_id: str, number: str, **changes: Any) -> legal_bases.LegalBasis:
    values: dict[str, Any] = {
        "purpose": PURPOSE,
        "legal_basis": "contract",
        "data_categories": ("FINANS",),
        "proportionality_note": "Vadeli satış; depozito önerildi.",
        "notice_id": "n1",
        "valid_from": NOW - timedelta(days=1),
        "recorded_by": "kvkk-sorumlusu",
    }
    subject = grounds.subject_pseudonym(engine.keyring, tenant_id, "tckn", Secret(number))
    new = NewLegalBasis(**(values | changes))
    return legal_bases.record(engine.database, tenant_id, kind="tckn", subject=subject, new=new)


@pytest.fixture
def far() -> Far:
    return Far()


@pytest.fixture
def shop(engine: Engine, tmp_path: Path) -> str:
    return add_shop(engine, tmp_path)


class TestABasis:
    def test_without_one_a_persons_row_is_refused_and_on_record(self, engine: Engine, far: Far, shop: str) -> None:
        far.add("A", AYSE)
        outcome = sync(engine, far, [shop])[shop].outcomes[0]
        assert (outcome.refused, outcome.awaiting_basis, outcome.rows_seen) == (1, 1, 0)
        assert landed(engine, shop) == set()
        (refusal,) = refusals.listed(engine.database, shop)
        subject = grounds.subject_pseudonym(engine.keyring, shop, "tckn", Secret(AYSE))
        assert (refusal.record_key, refusal.data_subject, refusal.code, refusal.purpose) == (
            "A",
            subject,
            "basis_missing",
            PURPOSE,
        )
        assert AYSE not in repr(refusal)

    def test_a_refused_row_leaves_no_original_in_the_vault(self, engine: Engine, far: Far, shop: str) -> None:
        far.add("A", AYSE, customer_phone="+905321234567")
        sync(engine, far, [shop])
        with engine.database.tenant(shop, "vault") as connection:
            for table in ("originals", "identifiers", "subjects"):
                assert connection.execute(f"SELECT count(*) FROM vault.{table}").fetchone() == (0,)  # noqa: S608

    @pytest.mark.parametrize(
        "other",
        ["law", "vital_interest", "contract", "legal_obligation", "made_public", "legal_claim", "legitimate_interest"],
    )
    def test_every_basis_of_article_5_carries(self, engine: Engine, far: Far, shop: str, other: str) -> None:
        far.add("A", AYSE)
        far.add("V", VELI)
        basis(engine, shop, AYSE, legal_basis=other)
        sync(engine, far, [shop])
        assert (landed(engine, shop), reasons(engine, shop)) == ({"A"}, {"V": "basis_missing"})

    def test_a_consent_carries(self, engine: Engine, far: Far, shop: str) -> None:
        far.add("A", AYSE)
        far.add("V", VELI)
        consent(engine, shop, AYSE)
        sync(engine, far, [shop])
        assert (landed(engine, shop), reasons(engine, shop)) == ({"A"}, {"V": "basis_missing"})

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"expires_at": NOW - timedelta(seconds=1)}, "basis_inactive"),
            ({"expires_at": NOW}, "basis_inactive"),
            ({"given_at": NOW + timedelta(minutes=1)}, "basis_inactive"),
            ({"data_categories": ("KIMLIK",)}, "basis_inactive"),
            ({"purpose": "marketing"}, "basis_missing"),
        ],
    )
    def test_a_consent_that_does_not_fit_carries_nothing(
        self, engine: Engine, far: Far, shop: str, changes: dict[str, Any], code: str
    ) -> None:
        far.add("A", AYSE)
        consent(engine, shop, AYSE, **changes)
        sync(engine, far, [shop])
        assert (landed(engine, shop), reasons(engine, shop)) == (set(), {"A": code})

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"valid_until": NOW}, "basis_inactive"),
            ({"valid_from": NOW + timedelta(seconds=1)}, "basis_inactive"),
            ({"data_categories": ("ILETISIM",)}, "basis_inactive"),
            ({"purpose": "marketing"}, "basis_missing"),
        ],
    )
    def test_another_basis_that_does_not_fit_carries_nothing(
        self, engine: Engine, far: Far, shop: str, changes: dict[str, Any], code: str
    ) -> None:
        far.add("A", AYSE)
        basis(engine, shop, AYSE, **changes)
        sync(engine, far, [shop])
        assert (landed(engine, shop), reasons(engine, shop)) == (set(), {"A": code})

    def test_a_withdrawn_consent_and_an_ended_basis_carry_nothing(self, engine: Engine, far: Far, shop: str) -> None:
        far.add("A", AYSE)
        far.add("V", VELI)
        given, recorded = consent(engine, shop, AYSE), basis(engine, shop, VELI)
        consents.withdraw(engine.database, shop, given.consent_id, channel="email", reason=None)
        legal_bases.end(engine.database, shop, recorded.basis_id, by="kvkk-sorumlusu", reason=None)
        sync(engine, far, [shop])
        assert (landed(engine, shop), reasons(engine, shop)) == (set(), {"A": "basis_inactive", "V": "basis_inactive"})

    def test_another_tenants_consent_does_not_count(self, engine: Engine, far: Far, shop: str, tmp_path: Path) -> None:
        neighbour = add_shop(engine, tmp_path / "neighbour")
        far.add("A", AYSE)
        consent(engine, neighbour, AYSE)
        sync(engine, far, [shop, neighbour])
        assert (landed(engine, shop), landed(engine, neighbour)) == (set(), {"A"})
        assert (reasons(engine, shop), reasons(engine, neighbour)) == ({"A": "basis_missing"}, {})

    def test_a_consent_withdrawn_between_fetch_and_load_refuses(self, engine: Engine, far: Far, shop: str) -> None:
        far.add("A", AYSE)
        given = consent(engine, shop, AYSE)

        def withdraw(stage: Stage, _tenant_id: str) -> None:
            if stage == "fetched":
                consents.withdraw(engine.database, shop, given.consent_id, channel="email", reason=None)

        sync(engine, far, [shop], hook=withdraw)
        assert (landed(engine, shop), reasons(engine, shop)) == (set(), {"A": "basis_inactive"})


class TestWhomARowIsAbout:
    def test_a_companys_row_needs_no_basis(self, engine: Engine, far: Far, shop: str) -> None:
        far.add("C", COMPANY, channel="company")
        assert sync(engine, far, [shop])[shop].outcomes[0].refused == 0
        assert landed(engine, shop) == {"C"}

    @pytest.mark.parametrize(
        ("subject", "label", "code"),
        [
            (AYSE, "company", "basis_missing"),
            (COMPANY, "person", "basis_missing"),
            (COMPANY, None, "basis_missing"),
            (COMPANY, "COMPANY", "basis_missing"),
            ("4540536921", "company", "subject_unreadable"),
            ("10000000147", "person", "subject_unreadable"),
            ("elli", "company", "subject_unreadable"),
            (None, "company", "subject_unreadable"),
            (None, None, "subject_unreadable"),
        ],
    )
    def test_whoever_is_not_surely_a_company_is_a_person(
        self, engine: Engine, far: Far, shop: str, subject: str | None, label: str | None, code: str
    ) -> None:
        far.add("X", subject, channel=label)
        sync(engine, far, [shop])
        assert (landed(engine, shop), reasons(engine, shop)) == (set(), {"X": code})

    def test_a_sole_trader_known_by_a_tax_number_loads_on_a_consent_under_it(
        self, engine: Engine, far: Far, shop: str
    ) -> None:
        far.add("S", COMPANY, channel="person")
        consent(engine, shop, COMPANY, kind="vkn")
        sync(engine, far, [shop])
        assert landed(engine, shop) == {"S"}

    def test_spellings_of_a_number_are_one_person(self, engine: Engine, far: Far, shop: str) -> None:
        far.add("A", f" {AYSE[:3]} {AYSE[3:]} ")
        consent(engine, shop, AYSE)
        sync(engine, far, [shop])
        assert landed(engine, shop) == {"A"}

    def test_one_reference_with_two_subjects_stands_or_falls_as_one(self, engine: Engine, far: Far, shop: str) -> None:
        far.add("A", AYSE)
        far.add("A", VELI)
        consent(engine, shop, AYSE)
        sync(engine, far, [shop])
        assert (landed(engine, shop), reasons(engine, shop)) == (set(), {"A": "basis_missing"})

    def test_a_row_without_a_reference_fails_the_window(self, engine: Engine, far: Far, shop: str) -> None:
        far.add("", AYSE)
        result = sync_batch(engine, provider(far), BatchRequest([shop]), run_id="run", now=lambda: NOW)
        failed = result.tenants[shop].outcomes[0].failed
        assert failed is not None
        assert (failed.code, failed.field) == ("wrong_type", "order_id")


class TestARefusalLater:
    def test_once_a_basis_is_recorded_the_next_ordinary_sync_loads_the_record(
        self, engine: Engine, far: Far, shop: str
    ) -> None:
        far.add("A", AYSE, hours_ago=20)
        far.add("V", VELI, hours_ago=19.9)
        sync(engine, far, [shop])
        far.asked.clear()
        consent(engine, shop, AYSE)
        later = NOW + timedelta(hours=2)
        outcome = sync(engine, far, [shop], now=later)[shop].outcomes[0]
        assert landed(engine, shop) == {"A"}
        assert (outcome.refused, outcome.awaiting_basis) == (1, 1)
        settled = {each.record_key: each.settled_as for each in refusals.listed(engine.database, shop, settled=True)}
        assert settled == {"A": "loaded", "V": None}
        assert len(far.asked) == 2
        assert far.asked[0].end == later, "its own window comes first"

    def test_the_cursor_does_not_move_for_it(self, engine: Engine, far: Far, shop: str) -> None:
        far.add("A", AYSE, hours_ago=20)
        sync(engine, far, [shop])
        consent(engine, shop, AYSE)
        sync(engine, far, [shop], now=NOW + timedelta(hours=2))
        with engine.database.tenant(shop, "app") as connection:
            cursor = connection.execute("SELECT synced_until FROM hub.sync_state").fetchone()
        assert cursor == (NOW + timedelta(hours=2),)

    def test_while_no_basis_is_recorded_no_window_is_read_again(self, engine: Engine, far: Far, shop: str) -> None:
        far.add("A", AYSE, hours_ago=20)
        sync(engine, far, [shop])
        far.asked.clear()
        sync(engine, far, [shop], now=NOW + timedelta(hours=1))
        assert len(far.asked) == 1

    def test_once_loaded_it_is_not_read_again(self, engine: Engine, far: Far, shop: str) -> None:
        far.add("A", AYSE, hours_ago=20)
        sync(engine, far, [shop])
        consent(engine, shop, AYSE)
        sync(engine, far, [shop], now=NOW + timedelta(hours=1))
        far.asked.clear()
        sync(engine, far, [shop], now=NOW + timedelta(hours=2))
        assert len(far.asked) == 1

    def test_a_basis_taken_back_before_the_next_sync_leaves_it_refused(
        self, engine: Engine, far: Far, shop: str
    ) -> None:
        far.add("A", AYSE, hours_ago=20)
        sync(engine, far, [shop])
        given = consent(engine, shop, AYSE)
        consents.withdraw(engine.database, shop, given.consent_id, channel="web", reason=None)
        sync(engine, far, [shop], now=NOW + timedelta(hours=1))
        assert (landed(engine, shop), len(reasons(engine, shop))) == (set(), 1)

    def test_a_load_that_breaks_off_leaves_the_refusal_open_and_the_next_one_brings_it_in(
        self, engine: Engine, far: Far, shop: str
    ) -> None:
        far.add("A", AYSE, hours_ago=20)
        sync(engine, far, [shop])
        consent(engine, shop, AYSE)

        def break_off(stage: Stage, _tenant_id: str) -> None:
            if stage == "committing":
                raise ProviderFailure("transient", "provider_error")

        sync_batch(engine, provider(far), BatchRequest([shop]), run_id="run", now=lambda: NOW, hook=break_off)
        assert (landed(engine, shop), reasons(engine, shop)) == (set(), {"A": "basis_missing"})
        sync(engine, far, [shop], now=NOW + timedelta(hours=1))
        assert (landed(engine, shop), reasons(engine, shop)) == ({"A"}, {})

    def test_what_the_provider_gives_no_more_is_settled_as_gone(self, engine: Engine, far: Far, shop: str) -> None:
        far.add("A", AYSE, hours_ago=20)
        sync(engine, far, [shop])
        consent(engine, shop, AYSE)
        far.orders.clear()
        sync(engine, far, [shop], now=NOW + timedelta(hours=1))
        assert [each.settled_as for each in refusals.listed(engine.database, shop, settled=True)] == ["gone"]

    def test_refused_again_it_is_one_refusal_that_knows_its_first_and_last_time(
        self, engine: Engine, far: Far, shop: str
    ) -> None:
        far.add("A", AYSE, hours_ago=0.5)
        later = NOW + timedelta(minutes=20)
        for now in (NOW, later):
            sync(engine, far, [shop], now=now)
        (refusal,) = refusals.listed(engine.database, shop)
        assert (refusal.first_refused_at, refusal.last_refused_at) == (NOW, later)

    def test_of_somebody_erased_it_has_no_name_until_there_is_a_new_relation_and_then_comes_in(
        self, engine: Engine, far: Far, shop: str
    ) -> None:
        keys = engine.keyring.tenant(shop)
        ayse, veli = (
            ("tckn", grounds.subject_pseudonym(engine.keyring, shop, "tckn", Secret(each))) for each in (AYSE, VELI)
        )
        erased_at = NOW - timedelta(days=1)
        for pair in (ayse, veli):
            traces = Traces(shop, frozenset(), frozenset({pair}), frozenset())
            suppress(engine.database, shop, marks_of(keys, traces), erased_at=erased_at)
        far.add("A", AYSE, hours_ago=20)
        far.add("V", VELI, hours_ago=19)
        sync(engine, far, [shop])
        named = {each.record_key: each.data_subject for each in refusals.listed(engine.database, shop)}
        assert named == {"A": erased_mark(keys, *ayse), "V": erased_mark(keys, *veli)}

        renew(engine.database, keys, [ayse], actor=SYSTEM)
        named = {each.record_key: each.data_subject for each in refusals.listed(engine.database, shop)}
        assert named == {"A": ayse[1], "V": erased_mark(keys, *veli)}
        # Refused once more, it keeps the name: the next basis finds it.
        sync(engine, far, [shop], now=NOW + timedelta(minutes=1))
        assert refusals.listed(engine.database, shop, subject=ayse[1]) != []
        consent(engine, shop, AYSE)
        outcome = sync(engine, far, [shop], now=NOW + timedelta(hours=2))[shop].outcomes[0]

        assert landed(engine, shop) == {"A"}
        assert (outcome.refusals_settled, outcome.awaiting_basis) == (1, 1)
        settled = {each.record_key: each.settled_as for each in refusals.listed(engine.database, shop, settled=True)}
        assert settled == {"A": "loaded", "V": None}

    def test_a_renewal_while_a_batch_refuses_is_not_lost(self, engine: Engine, far: Far, shop: str) -> None:
        keys = engine.keyring.tenant(shop)
        ayse = ("tckn", grounds.subject_pseudonym(engine.keyring, shop, "tckn", Secret(AYSE)))
        traces = Traces(shop, frozenset(), frozenset({ayse}), frozenset())
        suppress(engine.database, shop, marks_of(keys, traces), erased_at=NOW - timedelta(days=1))
        far.add("A", AYSE, hours_ago=20)

        def renewed(stage: Stage, _tenant_id: str) -> None:
            if stage == "fetched":
                renew(engine.database, keys, [ayse], actor=SYSTEM)

        sync_batch(engine, provider(far), BatchRequest([shop]), run_id="run", now=lambda: NOW, hook=renewed)
        consent(engine, shop, AYSE)
        sync(engine, far, [shop], now=NOW + timedelta(hours=2))
        assert (landed(engine, shop), reasons(engine, shop)) == ({"A"}, {})

    def test_a_snapshot_needs_no_window_read_again(self, engine: Engine, far: Far, shop: str) -> None:
        far.present_state = True
        far.add("A", AYSE)
        far.add("V", VELI)
        sync(engine, far, [shop], plan=Snapshot())
        consent(engine, shop, AYSE)
        far.orders.pop()
        sync(engine, far, [shop], now=NOW + timedelta(hours=1), plan=Snapshot())
        assert (landed(engine, shop), len(far.asked)) == ({"A"}, 2)
        settled = {each.record_key: each.settled_as for each in refusals.listed(engine.database, shop, settled=True)}
        assert settled == {"A": "loaded", "V": "gone"}
