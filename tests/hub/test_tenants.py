from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.tr import tckimlik, vkn

from connectors.secret import Secret
from hub.control import tenants
from hub.control.new_tenant import NewTenant, tax_number_kind
from hub.control.plans import LIMITS, limits_of
from hub.db.database import Database
from hub.errors import HubError
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.kvkk.audit import Actor
from hub.kvkk.audit_listing import entries
from hub.settings import Settings
from hub.validation import InvalidInput, checked

VKN = "1234567890"
TCKN = "10000000146"


@pytest.fixture
def keyring(settings: Settings, database: Database) -> Keyring:
    return Keyring(database, read_master_key(settings.master_key_file))


def values(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Deneme Lojistik Ltd. Şti.",
        "subdomain": f"deneme-{secrets.token_hex(6)}",
        "tax_number": VKN,
        "tax_office": "Kadıköy",
        "kvkk_consent_date": "2026-01-15",
        **changes,
    }


def added(database: Database, keyring: Keyring, **changes: Any) -> tenants.Tenant:
    new = checked(NewTenant, values(**changes))
    return tenants.add(database, keyring, new, add_partition=lambda _tenant_id: None)


def problems(**changes: Any) -> dict[str, str]:
    with pytest.raises(InvalidInput) as refused:
        checked(NewTenant, values(**changes))
    return {problem.field: problem.code for problem in refused.value.problems}


def test_the_numbers_used_here_have_right_checksums() -> None:
    assert vkn.is_valid(VKN)
    assert tckimlik.is_valid(TCKN)


class TestFields:
    def test_defaults_are_turkish(self) -> None:
        new = checked(NewTenant, values())

        assert (new.language, new.time_zone, new.currency, new.plan) == ("tr-TR", "Europe/Istanbul", "TRY", "trial")

    @pytest.mark.parametrize("number", [VKN, TCKN, " 123 456 78 90 ", "1234567890"])
    def test_a_right_tax_number_passes(self, number: str) -> None:
        checked(NewTenant, values(tax_number=number))

    @pytest.mark.parametrize(
        ("number", "code"),
        [
            ("1234567891", "field_tax_number_checksum"),
            ("10000000147", "field_tax_number_checksum"),
            ("123456789", "field_tax_number_length"),
            ("١٢٣٤٥٦٧٨٩٠", "field_tax_number_length"),
            ("", "field_tax_number_length"),
            (1234567890, "field_tax_number_text"),
        ],
    )
    def test_a_wrong_tax_number_is_refused_with_its_reason(self, number: object, code: str) -> None:
        assert problems(tax_number=number) == {"tax_number": code}

    @given(st.text("0123456789", min_size=9, max_size=12))
    def test_no_number_without_a_right_checksum_has_a_kind(self, number: str) -> None:
        kind = tax_number_kind(number)

        assert (kind == "vkn") == (len(number) == 10 and vkn.is_valid(number))
        assert (kind == "tckn") == (len(number) == 11 and tckimlik.is_valid(number))

    @pytest.mark.parametrize(
        "subdomain", ["", "-a", "a-", "A", "örnek", "a.b", "a_b", "a" * 64, "xn--rnek-4qa", "a b", "i̇stanbul", "a\nb"]
    )
    def test_what_is_no_dns_label_is_no_subdomain(self, subdomain: str) -> None:
        assert problems(subdomain=subdomain) == {"subdomain": "field_not_a_dns_label"}

    @pytest.mark.parametrize("subdomain", ["a", "0", "ab-c", "a" * 63])
    def test_dns_labels_are_subdomains(self, subdomain: str) -> None:
        assert checked(NewTenant, values(subdomain=subdomain)).subdomain == subdomain

    @pytest.mark.parametrize(
        ("field", "value", "code"),
        [
            ("name", " ", "field_empty"),
            ("name", "x" * 201, "field_too_long"),
            ("plan", "gold", "field_not_in_list"),
            ("kvkk_consent_date", "31.12.2025", "field_not_a_date"),
            ("kvkk_consent_date", "2016-04-06", "field_before_kvkk"),
            (
                "kvkk_consent_date",
                (datetime.now(UTC) + timedelta(days=2)).date().isoformat(),
                "field_in_the_future",
            ),
            ("language", "turkce", "field_not_a_language"),
            ("time_zone", "Turkey/Ankara", "field_not_a_time_zone"),
            ("currency", "TL", "field_not_a_currency"),
            ("limits", {"cars": 1}, "field_unknown_limit"),
            ("limits", {"analysts": 0}, "field_not_positive"),
            ("features", ["Büyük"], "field_not_a_feature"),
            ("colour", "red", "field_unknown"),
        ],
    )
    def test_a_wrong_field_is_named_with_its_reason(self, field: str, value: object, code: str) -> None:
        assert problems(**{field: value}) == {field: code}

    def test_all_wrong_fields_are_named_at_once(self) -> None:
        assert set(problems(subdomain="Ö", currency="TL", tax_number="1")) == {"subdomain", "currency", "tax_number"}

    def test_a_tax_number_is_in_no_error_and_no_printout(self) -> None:
        with pytest.raises(InvalidInput) as refused:
            checked(NewTenant, values(tax_number="10000000147", currency="TL"))

        assert "10000000147" not in repr(refused.value) + str(refused.value) + str(refused.value.problems)
        assert refused.value.__context__ is None
        assert VKN not in repr(checked(NewTenant, values()))


class TestAdd:
    def test_a_tenant_gets_a_random_id_that_says_nothing(self, database: Database, keyring: Keyring) -> None:
        one, other = added(database, keyring), added(database, keyring)

        assert one.tenant_id != other.tenant_id
        assert one.tenant_id[0] == "t"
        assert len(one.tenant_id) == 12

    def test_every_field_is_kept(self, database: Database, keyring: Keyring) -> None:
        tenant = added(
            database,
            keyring,
            plan="enterprise",
            verbis_registration="VRB-1",
            limits={"analysts": 3},
            settings={"colour": "mavi"},
            features=["fleet"],
            currency="EUR",
        )
        profile = tenants.profile(database, tenant.tenant_id)

        assert (tenant.plan, tenant.currency, tenant.active) == ("enterprise", "EUR", True)
        assert profile.tax_number_kind == "vkn"
        assert profile.verbis_registration == "VRB-1"
        assert profile.settings == {"colour": "mavi"}
        assert profile.features == ("fleet",)
        assert tenants.limits(database, tenant.tenant_id)[1].analysts == 3

    def test_the_tax_number_is_stored_encrypted_and_opens_for_its_tenant(
        self, database: Database, keyring: Keyring
    ) -> None:
        tenant = added(database, keyring, tax_number=TCKN)

        with database.tenant(tenant.tenant_id, "app") as connection:
            row = connection.execute("SELECT tenants::text FROM hub.tenants").fetchone()
        assert row is not None
        assert TCKN not in row[0]
        assert TCKN.encode().hex() not in row[0]
        assert tenants.tax_number(database, keyring, tenant.tenant_id) == Secret(TCKN)

    def test_a_tax_number_copied_to_another_tenant_does_not_open(self, database: Database, keyring: Keyring) -> None:
        one, other = added(database, keyring), added(database, keyring)
        with database.tenant(one.tenant_id, "app") as connection:
            row = connection.execute("SELECT tax_number_cipher FROM hub.tenants").fetchone()
        assert row is not None
        with database.tenant(other.tenant_id, "app") as connection:
            connection.execute("UPDATE hub.tenants SET tax_number_cipher = %s", (row[0],))

        with pytest.raises(HubError, match="ciphertext_invalid"):
            tenants.tax_number(database, keyring, other.tenant_id)

    def test_the_same_tax_number_has_unrelated_hashes_at_two_tenants(
        self, database: Database, keyring: Keyring
    ) -> None:
        hashes: set[bytes] = set()
        for tenant in (added(database, keyring), added(database, keyring)):
            with database.tenant(tenant.tenant_id, "app") as connection:
                row = connection.execute("SELECT tax_number_hash FROM hub.tenants").fetchone()
            assert row is not None
            hashes.add(bytes(row[0]))

        assert len(hashes) == 2

    def test_a_subdomain_belongs_to_one_tenant(self, database: Database, keyring: Keyring) -> None:
        taken = added(database, keyring).subdomain

        with pytest.raises(HubError, match="subdomain_taken"):
            added(database, keyring, subdomain=taken)

    def test_the_partition_is_added_after_the_row_and_not_for_a_refused_tenant(
        self, database: Database, keyring: Keyring
    ) -> None:
        seen: list[str] = []

        def add_partition(tenant_id: str) -> None:
            seen.append(tenants.get(database, tenant_id).tenant_id)

        tenant = tenants.add(database, keyring, checked(NewTenant, values()), add_partition=add_partition)
        with pytest.raises(HubError, match="subdomain_taken"):
            tenants.add(
                database,
                keyring,
                checked(NewTenant, values(subdomain=tenant.subdomain)),
                add_partition=add_partition,
            )

        assert seen == [tenant.tenant_id]

    def test_a_partition_that_could_not_be_added_leaves_the_tenant_in_the_directory(
        self, database: Database, keyring: Keyring
    ) -> None:
        def fail(_tenant_id: str) -> None:
            raise ConnectionError

        new = checked(NewTenant, values())
        with pytest.raises(ConnectionError):
            tenants.add(database, keyring, new, add_partition=fail)

        assert new.subdomain in {tenant.subdomain for tenant in tenants.directory(database)}


class TestDirectory:
    def test_tenants_come_in_the_order_of_their_creation(self, database: Database, keyring: Keyring) -> None:
        made = [added(database, keyring).tenant_id for _ in range(3)]

        listed = [tenant.tenant_id for tenant in tenants.directory(database) if tenant.tenant_id in made]
        assert listed == made

    def test_a_tenant_is_found_by_id_and_by_subdomain(self, database: Database, keyring: Keyring) -> None:
        tenant = added(database, keyring)

        assert tenants.find(database, tenant.tenant_id) == tenant.tenant_id
        assert tenants.find(database, tenant.subdomain) == tenant.tenant_id
        with pytest.raises(HubError, match="tenant_unknown"):
            tenants.find(database, "nobody")


class TestSuspend:
    def test_a_suspended_tenant_is_inactive_to_the_scheduler_until_it_is_resumed(
        self, database: Database, keyring: Keyring
    ) -> None:
        tenant_id = added(database, keyring).tenant_id

        def active() -> bool:
            with database.crossing("scheduler") as connection:
                row = connection.execute("SELECT active FROM hub.tenants WHERE tenant_id = %s", (tenant_id,)).fetchone()
            assert row is not None
            return row[0]

        suspended = tenants.suspend(database, tenant_id)
        assert not active()
        assert suspended.suspended_at is not None
        assert tenants.suspend(database, tenant_id).suspended_at == suspended.suspended_at

        assert tenants.resume(database, tenant_id).suspended_at is None
        assert active()

    def test_who_added_suspended_and_resumed_a_tenant_is_in_its_audit_log(
        self, database: Database, keyring: Keyring
    ) -> None:
        new = checked(NewTenant, values(plan="starter", limits={"analysts": 3}))
        clerk = Actor("memur", "operator")
        tenant_id = tenants.add(database, keyring, new, add_partition=lambda _tenant_id: None, actor=clerk).tenant_id
        tenants.suspend(database, tenant_id, actor=clerk)
        tenants.resume(database, tenant_id, actor=clerk)

        log = list(entries(database, tenant_id))
        assert [(line.actor, line.action, line.object) for line in log] == [
            ("memur", action, f"tenant:{tenant_id}")
            for action in ("tenant.added", "tenant.suspended", "tenant.resumed")
        ]
        assert log[0].details == {"plan": "starter", "limits": {"analysts": 3}, "features": 0}

    def test_a_tenant_that_was_refused_leaves_no_entry_behind(self, database: Database, keyring: Keyring) -> None:
        taken = added(database, keyring)
        with pytest.raises(HubError, match="subdomain_taken"):
            added(database, keyring, subdomain=taken.subdomain)

        assert len(list(entries(database, taken.tenant_id))) == 1

    def test_an_unknown_tenant_cannot_be_suspended(self, database: Database) -> None:
        with pytest.raises(HubError, match="tenant_unknown"):
            tenants.suspend(database, tenants.new_tenant_id())


class TestLimits:
    def test_a_tenants_own_number_replaces_its_plans(self) -> None:
        limits = limits_of("starter", {"analysts": 7})

        assert limits.analysts == 7
        assert limits.integrations == LIMITS["starter"].integrations
