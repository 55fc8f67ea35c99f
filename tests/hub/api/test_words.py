"""What a caller reads: the field that is wrong, the call that mends it, no command of the operator's machine."""

from __future__ import annotations

from string import Formatter

import pytest

from hub.call_texts import CALL_TEXTS
from hub.i18n import LANGUAGES, catalogue
from hub.identity.permissions import Role
from hub.message_texts import TEXTS
from hub.messages import text_of
from tests.hub.api.conftest import Door


def test_a_missing_account_is_not_found_and_names_the_call_that_adds_it(door: Door) -> None:
    with door.client(Role.OWNER, **{"Accept-Language": "tr"}) as client:
        answer = client.get("/api/v1/integrations/bulutfon")

    assert (answer.status_code, answer.json()["code"]) == (404, "integration_missing")
    assert answer.json()["detail"] == "Kiracının bulutfon hesabı yok. Ekleyin: PUT /integrations/bulutfon"
    assert "hub integrations set" in text_of("integration_missing", tenant="t", provider="bulutfon")  # for commands


@pytest.mark.parametrize(
    ("path", "body", "field", "code"),
    [
        ("webhooks", {"address": "https://127.0.0.1/x"}, "address", "webhook_address_internal"),
        ("webhooks", {"address": "https://ornek.com.tr:22/x"}, "address", "webhook_port_refused"),
        ("webhooks", {"address": "https://ornek.com.tr/", "contact": "zz"}, "contact", "mail_address_malformed"),
        ("integrations/iyzico", {"environment": "staging", "credentials": {}}, "environment", "environment_unknown"),
        (
            "integrations/iyzico",
            {"environment": "live", "base_url": "https://ornek.com.tr", "credentials": {}},
            "base_url",
            "base_url_fixed",
        ),
        (
            "integrations/arvento",
            {"environment": "live", "credentials": {"pin1": "x", "pin2": "y"}},
            "credentials.username",
            "field_missing",
        ),
    ],
)
def test_a_wrong_address_or_environment_names_its_field(
    door: Door, path: str, body: dict[str, object], field: str, code: str
) -> None:
    with door.client(Role.OWNER) as client:
        answer = client.request("POST" if path == "webhooks" else "PUT", f"/api/v1/{path}", json=body)

    assert answer.status_code == 422
    assert [(each["field"], each["code"]) for each in answer.json()["errors"]] == [(field, code)]


def test_texts_for_callers_stand_for_known_codes_name_no_command_and_are_in_both_languages() -> None:
    for code, text in CALL_TEXTS.items():
        fields = {name for _, name, _, _ in Formatter().parse(text) if name}
        assert fields <= {name for _, name, _, _ in Formatter().parse(TEXTS[code]) if name}, code
        for language in LANGUAGES:
            assert "hub " not in catalogue(language).gettext(text), code
        assert catalogue("tr").gettext(text) != text, code
