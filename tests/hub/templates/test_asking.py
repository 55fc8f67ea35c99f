"""A message by a template is worded when it is asked for: what is wrong is said then, and the text stays as it was."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import connectors.action_registry
from hub.control import messaging
from hub.db.database import Database
from hub.errors import HubError
from hub.outbox.enqueue import NewAction
from hub.templates import store
from hub.templates.asking import worded
from hub.templates.new_template import NewTemplate
from hub.validation import InvalidInput
from tests.conftest import MakeTenant
from tests.hub.outbox.far_end import FarEnd, kind

TO = {"to": "+905320000001"}
VARIABLES = {"ad": "Ilgın"}


@pytest.fixture
def tenant(database: Database, make_tenant: MakeTenant, monkeypatch: pytest.MonkeyPatch) -> str:
    far = FarEnd()
    known = {
        "deneme.sms": kind(far, says_commercial=lambda payload: bool(payload.get("commercial"))),
        "deneme.whatsapp": kind(far, "deneme.whatsapp"),
        "deneme.belge": kind(far, "deneme.belge", is_message=False),
    }
    monkeypatch.setattr(connectors.action_registry, "kinds", lambda: known)
    tenant_id = make_tenant()
    store.add(
        database,
        tenant_id,
        NewTemplate("kargo", "sms", "transactional", "Sayın {{ ad|upper }}", variables={"ad": "text"}),
    )
    store.add(database, tenant_id, NewTemplate("indirim", "sms", "commercial", "İndirim!", purpose="marketing"))
    messaging.change(database, tenant_id, {"opt_out_text": "RET yaz", "sender_title": "Deneme"})
    return tenant_id


def asked(database: Database, tenant: str, template: str, variables: Any = None, **changes: Any) -> NewAction:
    new = replace(NewAction("deneme.sms", "k-1", TO), **changes)
    return worded(database, tenant, new, template=template, variables={} if variables is None else variables)


def problems(database: Database, tenant: str, template: str, variables: Any = None, **changes: Any) -> dict[str, str]:
    with pytest.raises(InvalidInput) as refused:
        asked(database, tenant, template, variables, **changes)
    assert "Ilgın" not in str(refused.value)
    return {problem.field: problem.code for problem in refused.value.problems}


def test_text_kind_and_purpose_are_the_templates(database: Database, tenant: str) -> None:
    service = asked(database, tenant, "kargo", VARIABLES)
    assert (dict(service.payload), service.commercial, service.template) == (
        {**TO, "text": "Sayın ILGIN", "commercial": False},
        False,
        "kargo",
    )
    sold = asked(database, tenant, "indirim", commercial=False)
    assert sold.payload["text"] == "İndirim!\nRET yaz Deneme"
    assert (sold.payload["commercial"], sold.commercial, sold.purpose) == (True, True, "marketing")


def test_what_is_missing_is_said_when_it_is_asked_for(database: Database, tenant: str) -> None:
    assert problems(database, tenant, "kargo") == {"variables.ad": "field_missing"}
    assert problems(database, tenant, "kargo", [1]) == {"variables": "field_wrong"}
    with pytest.raises(HubError, match="template_unknown"):
        asked(database, tenant, "yok")
    with pytest.raises(HubError, match="action_kind_unknown"):
        asked(database, tenant, "kargo", VARIABLES, kind="yok.sms")


def test_a_template_goes_by_its_own_channel_and_brings_its_own_text(database: Database, tenant: str) -> None:
    for name in ("deneme.whatsapp", "deneme.belge"):
        assert problems(database, tenant, "kargo", VARIABLES, kind=name) == {"template": "template_channel_differs"}
    assert problems(database, tenant, "kargo", VARIABLES, payload={**TO, "text": "x"}) == {
        "payload.text": "template_text_given"
    }
