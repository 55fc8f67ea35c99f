from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.failure import ProviderFailure
from connectors.secret import Secret
from hub.control import cursors, integrations
from hub.control.account import Account
from hub.control.trial_connection import run_test
from hub.control.usage import usage_of
from hub.db.database import Database
from hub.errors import HubError
from hub.i18n import speaking
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.kvkk import audit
from hub.kvkk.audit import Actor
from hub.kvkk.audit_listing import entries
from hub.messages import explain
from hub.settings import Settings
from hub.sync.fetch import http_client
from hub.validation import InvalidInput
from tests.hub.provider_stand_in import ACCEPTED_KEY, DENEME, far_end

MakeTenant = Callable[..., str]


@pytest.fixture
def keyring(settings: Settings, database: Database) -> Keyring:
    return Keyring(database, read_master_key(settings.master_key_file))


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with far_end() as url:
        yield url


def account(key: str = ACCEPTED_KEY, **changes: Any) -> Account:
    return Account(**{"environment": "sandbox", "credentials": {"api_key": Secret(key)}, **changes})


def tried(
    database: Database, keyring: Keyring, tenant_id: str, *, actor: Actor = audit.SYSTEM
) -> integrations.Integration:
    async def run() -> integrations.Integration:
        async with http_client() as client:
            return await run_test(database, keyring, DENEME, tenant_id, client, actor=actor)

    return asyncio.run(run())


def free(database: Database, tenant_id: str) -> bool:
    """Whether nobody has locked the tenant's row."""
    with database.tenant(tenant_id, "app") as connection:
        row = connection.execute(
            "SELECT 1 FROM hub.tenants WHERE tenant_id = %s FOR NO KEY UPDATE SKIP LOCKED", (tenant_id,)
        )
        return row.fetchone() is not None


def wrong_fields(database: Database, keyring: Keyring, tenant_id: str, stated: Account) -> dict[str, str]:
    with pytest.raises(InvalidInput) as refused:
        integrations.connect(database, keyring, DENEME, tenant_id, stated)
    return {problem.field: problem.code for problem in refused.value.problems}


def test_an_unknown_provider_is_answered_with_the_known_ones() -> None:
    with pytest.raises(HubError, match="provider_unknown") as refused:
        integrations.provider_named("paypal")

    assert "iyzico" in str(refused.value.params["known"])


class TestConnect:
    def test_credentials_are_stored_encrypted_and_open_for_their_row(
        self, database: Database, keyring: Keyring, make_tenant: MakeTenant
    ) -> None:
        tenant_id = make_tenant()
        integrations.connect(database, keyring, DENEME, tenant_id, account(settings={"region": "tr"}))

        with database.tenant(tenant_id, "app") as connection:
            row = connection.execute("SELECT integrations::text FROM hub.integrations").fetchone()
        assert row is not None
        assert ACCEPTED_KEY not in row[0]
        assert ACCEPTED_KEY.encode().hex() not in row[0]
        spec = integrations.connection_spec(database, keyring, DENEME, tenant_id)
        assert spec.credentials == {"api_key": Secret(ACCEPTED_KEY)}
        assert spec.settings == {"region": "tr"}
        assert spec.base_url == "https://sandbox.deneme.example"

    def test_credentials_do_not_print_themselves(
        self, database: Database, keyring: Keyring, make_tenant: MakeTenant
    ) -> None:
        tenant_id = make_tenant()
        stated = account()
        after = integrations.connect(database, keyring, DENEME, tenant_id, stated)
        spec = integrations.connection_spec(database, keyring, DENEME, tenant_id)

        for shown in (repr(stated), repr(after), repr(spec), f"{spec.credentials['api_key']}"):
            assert ACCEPTED_KEY not in shown

    def test_credentials_copied_to_another_tenant_do_not_open(
        self, database: Database, keyring: Keyring, make_tenant: MakeTenant
    ) -> None:
        one, other = make_tenant(), make_tenant()
        for tenant_id in (one, other):
            integrations.connect(database, keyring, DENEME, tenant_id, account())
        with database.tenant(one, "app") as connection:
            row = connection.execute("SELECT credentials_cipher FROM hub.integrations").fetchone()
        assert row is not None
        with database.tenant(other, "app") as connection:
            connection.execute("UPDATE hub.integrations SET credentials_cipher = %s", (row[0],))

        with pytest.raises(HubError, match="ciphertext_invalid"):
            integrations.connection_spec(database, keyring, DENEME, other)

    def test_credentials_copied_to_another_provider_of_the_same_tenant_do_not_open(
        self, database: Database, keyring: Keyring, make_tenant: MakeTenant
    ) -> None:
        tenant_id = make_tenant()
        integrations.connect(database, keyring, DENEME, tenant_id, account())
        with database.tenant(tenant_id, "app") as connection:
            connection.execute("UPDATE hub.integrations SET provider = 'iyzico'")

        with pytest.raises(HubError, match="ciphertext_invalid"):
            integrations.connection_spec(database, keyring, integrations.provider_named("iyzico"), tenant_id)

    def test_wrong_fields_are_named_all_at_once_and_never_with_their_values(
        self, database: Database, keyring: Keyring, make_tenant: MakeTenant
    ) -> None:
        stated = Account("sandbox", {"apikey": Secret("gizli")}, settings={"colour": 1}, interval_seconds=0)

        assert wrong_fields(database, keyring, make_tenant(), stated) == {
            "api_key": "field_missing",
            "apikey": "field_unknown",
            "colour": "field_unknown",
            "interval": "field_not_positive",
        }

    def test_an_interval_shorter_than_the_plans_is_lengthened_to_it(
        self, database: Database, keyring: Keyring, make_tenant: MakeTenant
    ) -> None:
        tenant_id = make_tenant(plan="starter")

        after = integrations.connect(database, keyring, DENEME, tenant_id, account(interval_seconds=60))
        assert after.interval_seconds == 3600
        after = integrations.connect(database, keyring, DENEME, tenant_id, account(interval_seconds=7200))
        assert after.interval_seconds == 7200

    def test_a_plan_takes_no_more_accounts_than_it_allows_but_its_own_may_change(
        self, database: Database, keyring: Keyring, make_tenant: MakeTenant
    ) -> None:
        tenant_id = make_tenant(limits='{"integrations": 1}')
        integrations.connect(database, keyring, DENEME, tenant_id, account())
        integrations.connect(database, keyring, DENEME, tenant_id, account())

        iyzico = integrations.provider_named("iyzico")
        credentials = {field.name: Secret("x") for field in iyzico.credential_fields}
        with pytest.raises(HubError, match="plan_limit_reached") as refused:
            integrations.connect(database, keyring, iyzico, tenant_id, Account("sandbox", credentials))
        with speaking("tr"):
            assert explain(refused.value).startswith("Kiracının sınırı doldu: 1 entegrasyon.")

    def test_each_sync_that_a_person_asks_for_counts_and_none_more_than_the_plan_allows(
        self, database: Database, keyring: Keyring, make_tenant: MakeTenant
    ) -> None:
        tenant_id = make_tenant(limits='{"syncs_per_day": 2}')
        integrations.connect(database, keyring, DENEME, tenant_id, account())
        with pytest.raises(HubError, match="integration_not_active"):
            integrations.sync_soon(database, tenant_id, DENEME.name)
        with database.tenant(tenant_id, "app") as connection:
            connection.execute(
                "UPDATE hub.integrations SET state = 'active', next_due_at = now() + interval '1 hour'"
                " WHERE tenant_id = %s",
                (tenant_id,),
            )
        integrations.sync_soon(database, tenant_id, DENEME.name)
        due = integrations.sync_soon(database, tenant_id, DENEME.name).next_due_at
        assert due is not None

        with pytest.raises(HubError, match="plan_used_up_today") as refused:
            integrations.sync_soon(database, tenant_id, DENEME.name)

        assert refused.value.params["limit"] == "syncs_per_day"
        assert integrations.get(database, tenant_id, DENEME.name).next_due_at == due
        assert [each.used for each in usage_of(database, tenant_id).usage if each.name == "syncs_per_day"] == [2]

    def test_a_tenant_that_does_not_exist_gets_no_account(self, database: Database, keyring: Keyring) -> None:
        with pytest.raises(HubError, match="tenant_unknown"):
            integrations.connect(database, keyring, DENEME, "taaaaaaaaaab", account())


class TestTrial:
    def test_new_credentials_become_active_only_by_a_passed_test(
        self, database: Database, keyring: Keyring, make_tenant: MakeTenant, address: str
    ) -> None:
        tenant_id = make_tenant()
        before = integrations.connect(database, keyring, DENEME, tenant_id, account(base_url=address))
        after = tried(database, keyring, tenant_id)

        assert (before.state, before.tested_at) == ("new", None)
        assert after.state == "active"
        assert after.tested_at is not None

    def test_refused_credentials_stay_new_and_say_why(
        self, database: Database, keyring: Keyring, make_tenant: MakeTenant, address: str
    ) -> None:
        tenant_id = make_tenant()
        integrations.connect(database, keyring, DENEME, tenant_id, account("yanlis", base_url=address))

        with pytest.raises(ProviderFailure, match="credentials_rejected"):
            tried(database, keyring, tenant_id)
        assert integrations.get(database, tenant_id, "deneme").state == "new"

    def test_changed_credentials_need_another_test(
        self, database: Database, keyring: Keyring, make_tenant: MakeTenant, address: str
    ) -> None:
        tenant_id = make_tenant()
        integrations.connect(database, keyring, DENEME, tenant_id, account(base_url=address))
        tried(database, keyring, tenant_id)

        after = integrations.connect(database, keyring, DENEME, tenant_id, account("baska", base_url=address))
        assert (after.state, after.tested_at) == ("new", None)

    def test_credentials_that_changed_during_the_test_are_not_activated_by_it(
        self, database: Database, keyring: Keyring, make_tenant: MakeTenant, address: str
    ) -> None:
        tenant_id = make_tenant()
        integrations.connect(database, keyring, DENEME, tenant_id, account(base_url=address))

        async def run() -> None:
            async with http_client() as client:

                async def change(_request: object) -> None:
                    integrations.connect(database, keyring, DENEME, tenant_id, account("baska", base_url=address))

                client.event_hooks = {"request": [change], "response": []}
                await run_test(database, keyring, DENEME, tenant_id, client)

        with pytest.raises(HubError, match="integration_changed"):
            asyncio.run(run())
        assert integrations.get(database, tenant_id, "deneme").state == "new"

    def test_a_passed_test_does_not_wake_what_a_person_paused(
        self, database: Database, keyring: Keyring, make_tenant: MakeTenant, address: str
    ) -> None:
        tenant_id = make_tenant()
        integrations.connect(database, keyring, DENEME, tenant_id, account(base_url=address))
        integrations.pause(database, tenant_id, "deneme")

        assert tried(database, keyring, tenant_id).state == "paused"
        assert integrations.resume(database, tenant_id, "deneme").state == "active"


class TestPause:
    def test_a_pause_says_why_and_resuming_makes_it_due_at_once(
        self, database: Database, keyring: Keyring, make_tenant: MakeTenant, address: str
    ) -> None:
        tenant_id = make_tenant()
        integrations.connect(database, keyring, DENEME, tenant_id, account(base_url=address))
        tried(database, keyring, tenant_id)
        paused = integrations.pause(database, tenant_id, "deneme", reason="credentials_expired")
        resumed = integrations.resume(database, tenant_id, "deneme")

        assert (paused.state, paused.paused_reason) == ("paused", "credentials_expired")
        assert (resumed.state, resumed.paused_reason) == ("active", None)
        assert resumed.next_due_at is not None
        assert resumed.next_due_at <= datetime.now(UTC) + timedelta(seconds=1)

    def test_resuming_does_not_skip_the_test(
        self, database: Database, keyring: Keyring, make_tenant: MakeTenant
    ) -> None:
        tenant_id = make_tenant()
        integrations.connect(database, keyring, DENEME, tenant_id, account())
        integrations.pause(database, tenant_id, "deneme")

        assert integrations.resume(database, tenant_id, "deneme").state == "new"

    def test_an_account_that_is_not_there_is_named(self, database: Database, make_tenant: MakeTenant) -> None:
        with pytest.raises(HubError, match="integration_missing"):
            integrations.pause(database, make_tenant(), "deneme")


class TestAuditLog:
    def test_every_act_with_an_account_is_entered_by_whom_it_was_done_and_without_a_secret(
        self, database: Database, keyring: Keyring, make_tenant: MakeTenant, address: str
    ) -> None:
        tenant_id, clerk = make_tenant(), Actor("memur", "operator")
        for key in ("gizli-anahtar", ACCEPTED_KEY):
            stated = account(key, base_url=address)
            integrations.connect(database, keyring, DENEME, tenant_id, stated, actor=clerk)
            with suppress(ProviderFailure):
                tried(database, keyring, tenant_id, actor=clerk)
        integrations.pause(database, tenant_id, "deneme", actor=clerk)
        integrations.resume(database, tenant_id, "deneme", actor=clerk)
        cursors.reset(database, DENEME, tenant_id, "orders", actor=clerk)

        log = list(entries(database, tenant_id))
        assert {(line.actor, line.object) for line in log} == {("memur", "integration:deneme")}
        assert [(line.action.removeprefix("integration."), line.result) for line in log] == [
            ("stored", "ok"),
            ("tested", "credentials_rejected"),
            ("stored", "ok"),
            ("tested", "ok"),
            ("paused", "ok"),
            ("resumed", "ok"),
            ("cursor_reset", "ok"),
        ]
        assert log[2].details == {
            "environment": "sandbox",
            "own_address": True,
            "fields": ["api_key"],
            "settings": [],
            "cleared": [],
            "changed": True,
        }
        assert not [line for line in log for key in ("gizli-anahtar", ACCEPTED_KEY, address) if key in str(line)]

    def test_an_account_that_is_refused_is_not_entered(
        self, database: Database, keyring: Keyring, make_tenant: MakeTenant
    ) -> None:
        tenant_id = make_tenant()
        with pytest.raises(HubError, match="integration_missing"):
            integrations.pause(database, tenant_id, "deneme")

        assert list(entries(database, tenant_id)) == []

    def test_storing_an_account_waits_for_the_log_without_keeping_whoever_writes_to_it_waiting(
        self, database: Database, keyring: Keyring, make_tenant: MakeTenant
    ) -> None:
        tenant_id = make_tenant()
        with ThreadPoolExecutor(1) as pool:
            with database.tenant(tenant_id, "app") as connection:
                audit.hold(connection, tenant_id)
                storing = pool.submit(integrations.connect, database, keyring, DENEME, tenant_id, account())
                while free(database, tenant_id):
                    assert not storing.done()
                # The entry refers to the tenant's row, under whose lock the other one counts its integrations.
                audit.append(connection, tenant_id, audit.Entry(audit.SYSTEM, "try", "tenant"))
            assert storing.result().state == "new"

        assert [line.action for line in entries(database, tenant_id)] == ["try", "integration.stored"]


class TestCursors:
    @pytest.fixture
    def tenant_id(self, database: Database, keyring: Keyring, make_tenant: MakeTenant) -> str:
        tenant_id = make_tenant()
        integrations.connect(database, keyring, DENEME, tenant_id, account())
        with database.tenant(tenant_id, "app") as connection:
            for stream in ("orders", "refunds"):
                connection.execute(
                    "INSERT INTO hub.sync_state (tenant_id, provider, stream, fence, claimed_by)"
                    " VALUES (%s, 'deneme', %s, 4, 'run')",
                    (tenant_id, stream),
                )
        with database.tenant(tenant_id, "loader") as connection:
            connection.execute("UPDATE hub.sync_state SET synced_until = now()")
        return tenant_id

    def state(self, database: Database, tenant_id: str) -> dict[str, tuple[Any, ...]]:
        with database.tenant(tenant_id, "app") as connection:
            rows = connection.execute("SELECT stream, synced_until IS NULL, fence FROM hub.sync_state").fetchall()
        return {row[0]: row[1:] for row in rows}

    def test_all_cursors_are_forgotten_and_claims_in_flight_lose_their_fence(
        self, database: Database, tenant_id: str
    ) -> None:
        assert cursors.reset(database, DENEME, tenant_id, None) == ["orders", "refunds"]
        assert self.state(database, tenant_id) == {"orders": (True, 5), "refunds": (True, 5)}

    def test_one_streams_cursor_is_forgotten_alone(self, database: Database, tenant_id: str) -> None:
        assert cursors.reset(database, DENEME, tenant_id, "orders") == ["orders"]
        assert self.state(database, tenant_id) == {"orders": (True, 5), "refunds": (False, 4)}

    def test_a_stream_that_does_not_exist_or_has_no_cursor_of_its_own_is_refused(
        self, database: Database, tenant_id: str
    ) -> None:
        with pytest.raises(HubError, match="stream_unknown"):
            cursors.reset(database, DENEME, tenant_id, "cars")
        with pytest.raises(HubError, match="stream_has_parent"):
            cursors.reset(database, DENEME, tenant_id, "order_lines")
