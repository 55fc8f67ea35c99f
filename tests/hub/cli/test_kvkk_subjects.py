"""`hub kvkk subjects` as a person types it: identifiers come in on standard input and never go out."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from hub.db.database import Database
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.settings import Settings
from tests.hub.cli.conftest import Run

PHONE, SAME_PHONE, EMAIL, PLATE = "0532 123 45 67", "+90 (532) 1234567", "ayse@ornek.com.tr", "34 ABC 123"


@pytest.fixture
def known(hub: Run, tenant: dict[str, Any], settings: Settings, database: Database) -> dict[str, str]:
    """A customer with a phone, a correspondent with an address, a vehicle: subject ids by kind."""
    tenant_id = tenant["tenant_id"]
    keys = Keyring(database, read_master_key(settings.master_key_file)).tenant(tenant_id)
    forms = {"phone": "+905321234567", "email": EMAIL, "plate": "34ABC123"}
    found: dict[str, str] = {}
    with database.tenant(tenant_id, "vault") as connection:
        for kind, form in forms.items():
            pseudonym = keys.pseudonymiser().one(kind, form)
            found[kind] = keys.subject_id(kind, pseudonym)
            connection.execute(
                "INSERT INTO vault.identifiers (tenant_id, kind, pseudonym, subject_id, strength, source)"
                " VALUES (%s, %s, %s, %s, 'strong', 'test')",
                (tenant_id, kind, pseudonym, UUID(found[kind])),
            )
    return found


def subjects(hub: Run, tenant: dict[str, Any], kind: str, value: str) -> dict[str, str]:
    shown = hub(
        "kvkk", "subjects", "show", "--tenant", tenant["subdomain"], "--subject-kind", kind, "--json", stdin=value
    )
    assert shown.status == 0, shown.err
    return shown.json()["subjects"]


def test_a_person_is_found_however_the_number_is_spelled(
    hub: Run, tenant: dict[str, Any], known: dict[str, str]
) -> None:
    assert subjects(hub, tenant, "phone", PHONE) == {known["phone"]: "strong"}
    assert subjects(hub, tenant, "phone", SAME_PHONE) == {known["phone"]: "strong"}
    assert subjects(hub, tenant, "plate", PLATE) == {known["plate"]: "strong"}


def test_a_link_is_made_and_undone(hub: Run, tenant: dict[str, Any], known: dict[str, str]) -> None:
    where = ("--tenant", tenant["subdomain"])
    made = hub(
        *("kvkk", "subjects", "link", *where, "--subject-kind", "phone", "--other-kind", "email"),
        *("--reason", "same_person", "--json"),
        stdin=f"{PHONE}\n{EMAIL}\n",
    )
    assert made.status == 0, made.err
    assert subjects(hub, tenant, "phone", PHONE).keys() == {known["phone"], known["email"]}

    (link,) = made.json()
    assert hub("kvkk", "subjects", "unlink", *where, "--id", link["link_id"]).status == 0
    assert subjects(hub, tenant, "phone", PHONE).keys() == {known["phone"]}
    assert hub("kvkk", "subjects", "unlink", *where, "--id", link["link_id"]).status == 1


def test_a_pool_vehicle_is_shared_and_given_to_a_driver_for_some_days(
    hub: Run, tenant: dict[str, Any], known: dict[str, str]
) -> None:
    where = ("--tenant", tenant["subdomain"])
    shared = hub(
        *("kvkk", "subjects", "share", *where, "--subject-kind", "plate", "--reason", "pool_vehicle"), stdin=PLATE
    )
    assert shared.status == 0, shared.err
    assert subjects(hub, tenant, "plate", PLATE) == {}
    held = hub(
        *("kvkk", "subjects", "assign", *where, "--subject-kind", "plate", "--holder-kind", "phone"),
        *("--reason", "driver_change", "--from", "2026-03-01", "--until", "2026-04-01", "--json"),
        stdin=f"{PLATE}\n{PHONE}\n",
    )
    assert held.status == 0, held.err
    shown = hub("kvkk", "subjects", "show", *where, "--subject-kind", "phone", "--json", stdin=PHONE).json()
    assert [(each["since"], each["until"]) for each in shown["periods"]] == [("2026-03-01", "2026-04-01")]
    assert shown["uncertain"] == [known["plate"]]

    listed = hub("kvkk", "subjects", "shared", *where)
    assert "pool_vehicle" in listed.out
    assert "driver_change" in listed.out
    assert hub("kvkk", "subjects", "unassign", *where, "--id", held.json()["period_id"]).status == 0
    assert hub("kvkk", "subjects", "unshare", *where, "--subject-kind", "plate", stdin=PLATE).status == 0
    assert subjects(hub, tenant, "plate", PLATE).keys() == {known["plate"]}


def test_nothing_that_is_shown_holds_an_identifier(hub: Run, tenant: dict[str, Any], known: dict[str, str]) -> None:
    where = ("--tenant", tenant["subdomain"])
    hub("kvkk", "subjects", "share", *where, "--subject-kind", "phone", "--reason", "family", stdin=PHONE)
    said = [
        hub("kvkk", "subjects", "show", *where, "--subject-kind", "phone", stdin=PHONE),
        hub("kvkk", "subjects", "shared", *where),
        hub("kvkk", "subjects", "review", *where),
    ]
    for each in said:
        assert each.status == 0, each.err
        assert "5321234567" not in (each.out + each.err).replace(" ", "")


@pytest.mark.parametrize(
    ("arguments", "stdin", "status", "reason"),
    [
        (("show", "--subject-kind", "shoe"), "1", 1, "tckn, vkn, phone, email, plate"),
        (("show", "--subject-kind", "phone"), "12", 1, "phone"),
        (("share", "--subject-kind", "phone", "--reason", "Ayşe's phone"), PHONE, 1, "pool_vehicle"),
        (
            ("assign", "--subject-kind", "phone", "--holder-kind", "email", "--reason", "x1", "--from", "yesterday"),
            f"{PHONE}\n{EMAIL}\n",
            2,
            "--from",
        ),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    hub: Run, tenant: dict[str, Any], arguments: tuple[str, ...], stdin: str, status: int, reason: str
) -> None:
    refused = hub("kvkk", "subjects", arguments[0], "--tenant", tenant["subdomain"], *arguments[1:], stdin=stdin)

    assert refused.status == status
    assert reason in refused.err
