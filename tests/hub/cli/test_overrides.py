from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from hub.db.database import Database
from hub.migrations.connections import outside_transaction
from hub.migrations.generated import rewrite_narrowed
from hub.settings import Settings
from tests.hub.cli.conftest import Outcome, Run

PLACE = ("iyzico", "subscription_customers", "gsm_number")
CHOICE = ("--legal-basis", "contract", "--retention", "P1Y", "--by", "Ayşe Yetkili")
PHONE = "+90 532 000 00 01"


@pytest.fixture(scope="module", autouse=True)
def files_written_anew(settings: Settings) -> Iterator[None]:
    """What a migration would do: the doctor's tests share this installation."""
    yield
    with outside_transaction(settings, "data") as admin:
        rewrite_narrowed(admin)


def choose(hub: Run, tenant: dict[str, Any], action: str, *options: str, place: tuple[str, ...] = PLACE) -> Outcome:
    return hub(
        *("kvkk", "overrides", "set", *place, "--tenant", tenant["tenant_id"], "--action", action), *CHOICE, *options
    )


def land(database: Database, tenant: dict[str, Any], phone: str) -> None:
    """A customer as a sync would have brought it after the choice to keep."""
    with database.tenant(tenant["tenant_id"], "loader") as connection:
        connection.execute(
            "INSERT INTO landing.iyzico_subscription_customers (tenant_id, reference_code, gsm_number, _version,"
            " _loaded_at, _policy_version, _load_id) VALUES (%s, 'c1', %s, now(), now(), 1, 'run')",
            (tenant["tenant_id"], phone),
        )


def landed(database: Database, tenant: dict[str, Any]) -> str | None:
    with database.tenant(tenant["tenant_id"], "loader") as connection:
        ((phone,),) = connection.execute("SELECT gsm_number FROM landing.iyzico_subscription_customers").fetchall()
    return phone


def test_a_choice_is_made_listed_taken_back_and_remembered(
    hub: Run, tenant: dict[str, Any], database: Database, settings: Settings
) -> None:
    reference = ("--tenant", tenant["tenant_id"])
    made = choose(hub, tenant, "keep", "--json")
    assert made.status == 0, made.err
    assert made.json()["needs_sync"] == (
        f"hub sync iyzico --tenant {tenant['tenant_id']} --stream subscription_customers --full"
    )
    land(database, tenant, PHONE)
    (listed,) = hub("kvkk", "overrides", "list", *reference, "--json").json()
    assert (listed["column"], listed["action"], listed["decided_by"]) == ("gsm_number", "keep", "Ayşe Yetkili")
    assert listed["decided_at"]

    back = hub("kvkk", "overrides", "remove", *PLACE, *reference, "--by", "Mehmet Sorumlu", "--json")

    assert back.json()["rows_rewritten"] == 1
    assert back.json()["needs_sync"] is None
    assert (landed(database, tenant) or "").startswith("phone_")
    assert hub("kvkk", "overrides", "list", *reference, "--json").json() == []
    history = hub("kvkk", "overrides", "list", *reference, "--history", "--json").json()
    assert [(each["decision"], each["decided_by"]) for each in history] == [
        ("removed", "Mehmet Sorumlu"),
        ("set", "Ayşe Yetkili"),
    ]
    log = hub("kvkk", "audit", "list", *reference, "--json").json()
    assert [(each["action"], each["actor"]) for each in log if each["action"].startswith("policy_override.")] == [
        ("policy_override.set", "Ayşe Yetkili"),
        ("policy_override.removed", "Mehmet Sorumlu"),
    ]
    assert all(PHONE not in outcome.out + outcome.err for outcome in (made, back))


def test_parameters_come_as_json_or_as_names_with_values(hub: Run, tenant: dict[str, Any]) -> None:
    from hub.policies.new_override import NewOverride

    base = {"action": "partial", "legal_basis": "contract", "retention": "P1Y", "by": "A"}
    expected = {"first": 2, "last": 4}
    assert NewOverride.model_validate(base | {"params": ['{"first": 2, "last": 4}']}).params == expected
    assert NewOverride.model_validate(base | {"params": ["first=2", "last=4"]}).params == expected
    assert NewOverride.model_validate(base | {"params": ["show=province"]}).params == {"show": "province"}
    # The policy of iyzico offers no action with parameters: what is understood is refused for that.
    refused = choose(hub, tenant, "partial", "--params", "last=4", "--json")
    assert json.loads(refused.err)["error"]["code"] == "override_not_allowed"


@pytest.mark.parametrize(
    ("options", "field", "fix"),
    [
        (("--action", "hide"), "action", "keep"),
        (("--legal-basis", "because"), "legal_basis", "legal_obligation"),
        (("--legal-basis", "s_law"), "legal_basis", "legal_obligation"),
        (("--retention", "for ever"), "retention", "P90D"),
        (("--params", "four"), "params", "NAME=VALUE"),
        (("--params", "[4]"), "params", "NAME=VALUE"),
        (("--by", " "), "by", "give it a value"),
    ],
)
def test_bad_input_is_refused_with_the_field_and_the_fix(
    hub: Run, tenant: dict[str, Any], options: tuple[str, str], field: str, fix: str
) -> None:
    refused = choose(hub, tenant, "keep", *options)

    assert refused.status == 1
    line = next(line for line in refused.err.splitlines() if line.strip().startswith(f"{field}:"))
    assert fix in line
    assert hub("kvkk", "overrides", "list", "--tenant", tenant["tenant_id"], "--history", "--json").json() == []


def test_everything_that_is_missing_is_named_at_once(hub: Run, tenant: dict[str, Any]) -> None:
    refused = hub("kvkk", "overrides", "set", *PLACE, "--tenant", tenant["tenant_id"])
    named = [line.strip().split(":")[0] for line in refused.err.splitlines()[1:]]
    assert named == ["action", "legal_basis", "retention", "by"]


@pytest.mark.parametrize(
    ("place", "action", "code"),
    [
        (("iyzico", "subscription_customers", "identity_number"), "keep", "override_not_allowed"),
        (("iyzico", "subscription_customers", "reference_code"), "drop", "override_not_allowed"),
        (("iyzico", "subscription_customers", "nothing"), "keep", "override_column_unknown"),
        (("iyzico", "nothing", "gsm_number"), "keep", "stream_unknown"),
        (("nobody", "subscription_customers", "gsm_number"), "keep", "provider_unknown"),
    ],
)
def test_what_the_policy_does_not_allow_is_refused(
    hub: Run, tenant: dict[str, Any], place: tuple[str, ...], action: str, code: str
) -> None:
    refused = choose(hub, tenant, action, "--json", place=place)
    assert refused.status == (2 if code.endswith("_unknown") and code != "override_column_unknown" else 1)
    assert json.loads(refused.err)["error"]["code"] == code


def test_a_stream_that_comes_with_another_one_is_held_by_that_ones_fence(
    hub: Run, tenant: dict[str, Any], database: Database
) -> None:
    made = choose(hub, tenant, "drop", place=("iyzico", "payment_items", "item_id"))
    assert made.status == 0, made.err
    with database.tenant(tenant["tenant_id"], "app") as connection:
        assert connection.execute("SELECT stream, fence FROM hub.sync_state").fetchall() == [("payment_details", 1)]


def test_a_choice_that_is_not_there_cannot_be_taken_back(hub: Run, tenant: dict[str, Any]) -> None:
    refused = hub("kvkk", "overrides", "remove", *PLACE, "--tenant", tenant["tenant_id"], "--by", "A", "--json")
    assert json.loads(refused.err)["error"]["code"] == "override_missing"
    unnamed = hub("kvkk", "overrides", "remove", *PLACE, "--tenant", tenant["tenant_id"], "--json")
    assert json.loads(unnamed.err)["error"]["code"] == "input_invalid"


def test_it_speaks_turkish(hub: Run, tenant: dict[str, Any], database: Database) -> None:
    def turkish(*arguments: str) -> Outcome:
        return hub("--lang", "tr", "kvkk", "overrides", *arguments, "--tenant", tenant["tenant_id"])

    made = turkish("set", *PLACE, "--action", "keep", *CHOICE)
    assert "subscription_customers.gsm_number bu kiracı için artık keep." in made.out
    assert "Yüklenmiş olan, yeni bir eşitlemeyle değişir: hub sync iyzico" in made.err
    land(database, tenant, PHONE)
    assert "Hukuki sebep" in turkish("list").out
    back = turkish("remove", *PLACE, "--by", "Ayşe")
    assert "gsm_number: yüklü 1 satır yeniden yazıldı" in back.out
    assert "geri alındı" in turkish("list", "--history").out
    refused = turkish("set", "iyzico", "subscription_customers", "identity_number", "--action", "keep", *CHOICE)
    assert "İzin verilen: pseudonymise" in refused.err
