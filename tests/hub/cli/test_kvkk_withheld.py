"""`hub kvkk withheld`: what a person types, in both languages."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

from hub.db.database import Database
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.kvkk.audit import operator
from hub.kvkk.erasure.withheld import SEALED_FOR, identity_of
from hub.settings import Settings
from tests.hub.cli.conftest import Run

STREAM, RECORD = "iyzico.subscription_customers", "9f2c"
STATED = ("--purpose", "authority_request", "--reference", "2026/411")


def test_it_is_listed_and_read_by_whom_the_tenant_permits(
    hub: Run, tenant: dict[str, Any], database: Database, settings: Settings
) -> None:
    whose = ("--tenant", tenant["tenant_id"])
    assert hub("kvkk", "withheld", "list", *whose).out == "Nothing is kept of anybody who was erased.\n"
    keys = Keyring(database, read_master_key(settings.master_key_file)).tenant(tenant["tenant_id"])
    with database.tenant(tenant["tenant_id"], "vault") as connection:
        connection.execute(
            "INSERT INTO vault.withheld (tenant_id, stream, row_key, column_name, erasure_id, article, category,"
            " due_on, ciphertext) VALUES (%s, %s, %s, 'name', %s, 'MSY m. 20', 'KIMLIK', %s, %s)",
            (
                *(tenant["tenant_id"], STREAM, RECORD, uuid4(), date(2029, 5, 6)),
                keys.seal(SEALED_FOR, identity_of(STREAM, RECORD, "name"), "Nazlı".encode()),
            ),
        )

    listed = hub("kvkk", "withheld", "list", *whose)
    assert (listed.status, listed.err) == (0, "")
    assert all(each in listed.out for each in (STREAM, RECORD, "name", "MSY m. 20", "06.05.2029"))
    (one,) = hub("kvkk", "withheld", "list", *whose, "--stream", STREAM, "--json").json()
    assert (one["record"], one["column"], one["due_on"]) == (RECORD, "name", "2029-05-06")
    assert "ciphertext" not in one

    read = ("kvkk", "withheld", "read", STREAM, RECORD, *whose, *STATED)
    refused = hub(*read)
    assert (refused.status, refused.out) == (1, "")
    assert "hub kvkk revealers permit" in refused.err
    hub("kvkk", "revealers", "permit", operator().name, *whose)
    (shown,) = hub(*read, "--json").json()
    assert (shown["column"], shown["value"]) == ("name", "Nazlı")
    assert "Nazlı" in hub("--lang", "tr", *read).out
    unknown = hub("--lang", "tr", "kvkk", "withheld", "read", STREAM, "yok", *whose, *STATED)
    assert (unknown.status, unknown.err.strip().endswith("hub kvkk withheld list gösterir.")) == (1, True), unknown.err
