from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from connectors.secret import Secret
from hub.identity.scope import PLATFORM_SCOPE
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.mail import queue
from tests.hub.cli.conftest import Run

if TYPE_CHECKING:
    from hub.db.database import Database
    from hub.settings import Settings

TO = "irtibat@kiraci.invalid"


@pytest.fixture
def unknown(settings: Settings, database: Database, tenant: dict[str, Any]) -> str:
    """A mail of which nobody knows whether it arrived."""
    keys = Keyring(database, read_master_key(settings.master_key_file)).tenant(tenant["tenant_id"])
    with database.tenant(keys.tenant_id, "app") as connection:
        queue.enqueue(
            connection,
            keys,
            template_name="breach_overdue",
            language="tr",
            recipient=Secret(TO),
            fields={"breach": "b-1", "due": "01.04.2026 23:30"},
            about="breach:1",
        )
        connection.execute("UPDATE hub.mails SET state = 'unknown', failure_code = 'smtp_reply_lost'")
    return str(queue.listed(database, keys.tenant_id, only_open=True)[0].mail_id)


@pytest.mark.parametrize(("command", "state"), [("retry", "pending"), ("settle", "sent")])
def test_a_person_decides_about_a_mail_of_unknown_fate(
    hub: Run, tenant: dict[str, Any], unknown: str, command: str, state: str
) -> None:
    reference = ("--tenant", tenant["tenant_id"], "--json")
    listed = hub("kvkk", "mails", "list", *reference)
    assert [(each["mail_id"], each["state"]) for each in listed.json()] == [(unknown, "unknown")]
    assert TO not in listed.out

    decided = hub("kvkk", "mails", command, unknown, "--by", "memur", *reference)
    assert decided.json()["state"] == state
    again = hub("kvkk", "mails", command, unknown, *reference)
    assert json.loads(again.err)["error"]["code"] == "mail_not_stuck"
    assert [each["state"] for each in hub("kvkk", "mails", "list", "--all", *reference).json()] == [state]
    assert "smtp" not in hub("--lang", "tr", "kvkk", "mails", "list", "--all", "--tenant", tenant["tenant_id"]).out


def test_mails_to_the_platforms_own_people_are_listed_and_decided_apart(
    hub: Run, tenant: dict[str, Any], unknown: str, settings: Settings, database: Database
) -> None:
    keys = Keyring(database, read_master_key(settings.master_key_file)).tenant(PLATFORM_SCOPE)
    with database.tenant(PLATFORM_SCOPE, "app") as connection:
        fields = {"breach": "b-2", "due": "01.04.2026 23:30"}
        queue.enqueue(
            connection,
            keys,
            template_name="breach_overdue",
            language="tr",
            recipient=Secret(TO),
            fields=fields,
            about=f"breach:{unknown}",
        )
        connection.execute("UPDATE hub.mails SET state = 'failed' WHERE about = %s", (f"breach:{unknown}",))
    listed = hub("kvkk", "mails", "list", "--platform", "--json").json()
    (own,) = [each["mail_id"] for each in listed if each["about"] == f"breach:{unknown}"]
    assert unknown not in {each["mail_id"] for each in listed}
    elsewhere = hub("kvkk", "mails", "settle", own, "--tenant", tenant["tenant_id"], "--json")
    assert json.loads(elsewhere.err)["error"]["code"] == "mail_unknown"
    assert hub("kvkk", "mails", "settle", own, "--platform", "--by", "nöbetçi", "--json").json()["state"] == "sent"
    for whose in ((), ("--platform", "--tenant", tenant["tenant_id"])):
        refused = hub("kvkk", "mails", "list", *whose, "--json")
        assert json.loads(refused.err)["error"]["code"] == "users_of_whom"
