"""What a caller reads: the field that is wrong, the call that mends it, no command of the operator's machine."""

from __future__ import annotations

import json
from contextvars import copy_context
from string import Formatter

import pytest

from hub.api import problems
from hub.api.app import the_api
from hub.call_texts import CALL_TEXTS, COMMANDS, NAMES_A_COMMAND, OPTION, speak_of_calls
from hub.cli.app import app
from hub.errors import HubError
from hub.i18n import LANGUAGES, Language, catalogue, speaking
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


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_that_a_caller_may_read_names_a_command_or_an_option(language: Language) -> None:
    assert {command.name for command in [*app.registered_commands, *app.registered_groups]} == set(COMMANDS)
    said: dict[str, str] = {}

    def all_said() -> None:
        speak_of_calls()
        with speaking(language):
            said.update({code: text_of(code) for code in TEXTS})

    copy_context().run(all_said)

    assert [code for code, text in said.items() if not text.strip() or text.endswith("Bkz.")] == []
    assert [code for code, text in said.items() if NAMES_A_COMMAND.search(text) or OPTION.search(text)] == []
    with speaking(language):  # whoever types commands reads them
        assert sum(1 for code in TEXTS if NAMES_A_COMMAND.search(text_of(code))) > 50


def test_what_a_command_says_and_a_caller_cannot_do_is_left_out_and_an_option_is_a_field() -> None:
    def said(code: str) -> str:
        speak_of_calls()
        return text_of(code)

    assert copy_context().run(said, "template_refused") == "The provider refuses the template or what fills it."
    assert "Check the server and the role; it goes on" in copy_context().run(said, "vault_down")
    assert "have `stage` follow_up" in copy_context().run(said, "breach_told_already")
    assert "--stage follow_up" in text_of("breach_told_already")


def test_a_sentence_about_wrong_fields_ends_and_codes_in_a_sentence_are_words() -> None:
    def said(code: str, **params: object) -> str:
        speak_of_calls()
        with speaking("tr"):
            return text_of(code, **params)

    assert copy_context().run(said, "input_invalid").endswith(".")
    assert "tekrar" in copy_context().run(said, "spend_cap_count")
    refused = copy_context().run(said, "request_act_not_allowed", act="start", state="closed", allowed="in_progress")
    stuck = copy_context().run(said, "action_not_stuck", action="7", state="delivered")
    ordered = copy_context().run(said, "report_already_ordered", action="7", state="accepted")
    for sentence, code in ((refused, "in_progress"), (refused, "start"), (stuck, "delivered"), (ordered, "accepted")):
        assert code not in sentence


def test_the_description_of_the_api_names_no_command(door: Door) -> None:
    assert NAMES_A_COMMAND.findall(json.dumps(the_api(door.services).openapi(), ensure_ascii=False)) == []


def test_texts_for_callers_stand_for_known_codes_name_no_command_and_are_in_both_languages() -> None:
    for code, text in CALL_TEXTS.items():
        fields = {name for _, name, _, _ in Formatter().parse(text) if name}
        assert fields <= {name for _, name, _, _ in Formatter().parse(TEXTS[code]) if name}, code
        for language in LANGUAGES:
            assert "hub " not in catalogue(language).gettext(text), code
        assert catalogue("tr").gettext(text) != text, code


def test_a_used_up_day_says_whose_limit_it_is_in_words_and_when_to_come_again() -> None:
    error = HubError("plan_used_up_today", limit="actions_per_day", allowed=13, plan="professional", retry_seconds=7200)
    with speaking("tr"):
        answer = problems.answer(error)

    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7200")
    detail = json.loads(bytes(answer.body))["detail"]
    assert detail.startswith("Kiracının günlük sınırı doldu: 13 işlem.")
    assert "actions_per_day" not in detail
