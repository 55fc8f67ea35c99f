"""The profile of docs/issuing.md can be set as it stands, and its states are those there are."""

from __future__ import annotations

import json
import re
from pathlib import Path

from hub.db.database import Database
from hub.einvoice.issue.profile import IssuerProfile, set_profile
from hub.kvkk.audit import SYSTEM
from tests.conftest import MakeTenant

TEXT = (Path(__file__).parents[4] / "docs" / "issuing.md").read_text(encoding="utf-8")


def test_the_profile_of_the_page_can_be_set(database: Database, make_tenant: MakeTenant) -> None:
    found = re.search(r"```json\n(.*?)```", TEXT, re.DOTALL)
    assert found is not None
    set_profile(database, make_tenant(), IssuerProfile.model_validate(json.loads(found[1])), actor=SYSTEM)


def test_the_states_of_the_page_are_those_that_a_document_has(database: Database, make_tenant: MakeTenant) -> None:
    with database.tenant(make_tenant(), "app") as connection:
        row = connection.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'hub.documents'::regclass"
            " AND conname = 'documents_state_check'"
        ).fetchone()
    assert row is not None
    section = TEXT.partition("## Where a document stands")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `([a-z]+)` \|", section, re.MULTILINE) == re.findall(r"'([a-z]+)'", row[0])
