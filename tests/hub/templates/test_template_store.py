from __future__ import annotations

import pytest

from hub.db.database import Database
from hub.errors import HubError
from hub.kvkk.audit_listing import entries
from hub.templates import store
from hub.templates.new_template import NewTemplate
from tests.conftest import MakeTenant


def new(text: str = "Merhaba", **changes: object) -> NewTemplate:
    return NewTemplate(**{"name": "selam", "channel": "sms", "kind": "transactional", "text": text, **changes})  # type: ignore[arg-type]


def test_a_new_text_is_a_new_version_and_the_old_one_stays_as_it_was(
    database: Database, make_tenant: MakeTenant
) -> None:
    tenant = make_tenant()
    first, second = (store.add(database, tenant, new(text)) for text in ("Merhaba", "Selam"))
    english = store.add(database, tenant, new("Hello", language="en"))
    assert [each.version for each in (first, second, english)] == [1, 2, 1]
    assert store.find(database, tenant, "selam").text == "Selam"
    assert store.find(database, tenant, "selam", version=1) == first
    assert store.find(database, tenant, "selam", language="en").text == "Hello"
    assert [(each.language, each.version) for each in store.listed(database, tenant)] == [("en", 1), ("tr", 2)]
    assert len(store.listed(database, tenant, everything=True)) == 3
    assert "template.added" in {entry.action for entry in entries(database, tenant)}


def test_what_is_retired_is_named_so_and_the_version_before_it_is_not_taken_instead_of_one_asked_for(
    database: Database, make_tenant: MakeTenant
) -> None:
    tenant = make_tenant()
    for text in ("bir", "iki"):
        store.add(database, tenant, new(text))
    store.retire(database, tenant, "selam", version=2)
    assert store.find(database, tenant, "selam").text == "bir"
    with pytest.raises(HubError, match="template_retired"):
        store.find(database, tenant, "selam", version=2)
    assert store.find(database, tenant, "selam", version=2, retired=True).retired_at is not None
    assert store.find(database, tenant, "selam", retired=True).text == "bir"
    assert store.retire(database, tenant, "selam") == 1
    with pytest.raises(HubError, match="template_unknown"):
        store.retire(database, tenant, "selam")
    with pytest.raises(HubError, match="template_unknown"):
        store.find(database, tenant, "yok")


def test_a_template_is_commercial_while_any_version_in_use_is(database: Database, make_tenant: MakeTenant) -> None:
    tenant, other = make_tenant(), make_tenant()
    store.add(database, tenant, new(kind="commercial", purpose="marketing"))
    store.add(database, tenant, new())
    with database.tenant(tenant, "app") as connection:
        assert store.natures(connection, tenant, ["selam", "yok"]) == {"selam": store.Nature(True, "marketing")}
    store.retire(database, tenant, "selam", version=1)
    with database.tenant(tenant, "app") as connection:
        assert store.natures(connection, tenant, ["selam"]) == {"selam": store.Nature(False, None)}
    store.retire(database, tenant, "selam")
    with database.tenant(tenant, "app") as connection:
        # What waits was made from one of them, and nobody knows from which.
        assert store.natures(connection, tenant, ["selam"]) == {"selam": store.Nature(True, "marketing")}
    assert store.listed(database, other) == []
