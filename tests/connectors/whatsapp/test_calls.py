"""Meta's calls as the inbox takes them: whose they are, cut into events, and what follows from each."""

from __future__ import annotations

import hashlib
import hmac
import json
from decimal import Decimal
from typing import Any

import pytest

from connectors.actions import Recipient
from connectors.sandbox.meta import keys, people
from connectors.sandbox.server import Sandbox
from connectors.secret import Secret
from connectors.webhook_registry import source_named
from connectors.webhooks import (
    Account,
    Call,
    CallMalformed,
    Meaning,
    MessageHeard,
    ReadAgain,
    RefusalHeard,
    Standing,
    StateHeard,
    WebhookEvent,
)
from connectors.whatsapp.calls import WEBHOOKS
from tests.connectors.stand_still import START
from tests.connectors.whatsapp.sending import REFERENCE, TEMPLATE, act, done, phone_of, spec_of
from tests.connectors.whatsapp.telling import CONTACT, MESSAGE, STATUS, envelope

NUMBER = "106540352242922"
SECRET = "app-secret"


def signed(body: bytes, secret: str = SECRET) -> Call:
    return Call(body, {"x-hub-signature-256": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()})


def account(**settings: Any) -> Account:
    credentials = {"app_secret": Secret(SECRET), "verify_token": Secret("vt")}
    return Account(credentials, {"phone_number_id": int(NUMBER), **settings})


def heard(body: bytes, **settings: Any) -> list[Meaning]:
    standing = Standing(True, START, account(**settings).settings)
    return [meaning for event in WEBHOOKS.events(Call(body)) for meaning in WEBHOOKS.meanings(event, standing)]


BODY = envelope({"contacts": [CONTACT], "statuses": [STATUS], "messages": [MESSAGE]})


class TestWhoseItIs:
    def test_a_signed_call_about_the_account_is_verified(self) -> None:
        assert WEBHOOKS.verify(signed(BODY), account()) == "verified"

    def test_a_call_without_signature_and_one_of_another_key_are_told_apart(self) -> None:
        assert WEBHOOKS.verify(Call(BODY), account()) == "missing"
        assert WEBHOOKS.verify(signed(BODY, "other"), account()) == "wrong"
        assert WEBHOOKS.verify(signed(BODY, ""), Account({})) == "wrong"

    def test_the_handshake_is_answered_with_the_accounts_own_token(self) -> None:
        asked = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": "vt"}
        assert WEBHOOKS.challenge(asked, account()) == "1158201444"
        assert WEBHOOKS.challenge({**asked, "hub.verify_token": ""}, Account({})) is None


class TestWhatFollows:
    def test_a_status_settles_the_action_that_it_names(self) -> None:
        (state,) = heard(envelope({"contacts": [CONTACT], "statuses": [STATUS]}))
        assert isinstance(state, StateHeard)
        assert (state.found.state, state.reference) == ("delivered", REFERENCE)
        assert state.found.provider_reference == "wamid.HBgM"
        assert not state.opted_out

    def test_what_the_message_cost_follows_from_the_accounts_prices(self) -> None:
        body = envelope({"contacts": [CONTACT], "statuses": [STATUS]})
        costs = [
            meaning.found.cost
            for settings in ({"price_utility": "0.25"}, {})
            for meaning in heard(body, **settings)
            if isinstance(meaning, StateHeard)
        ]
        assert costs == [Decimal("0.25"), 0]

    def test_a_failure_for_marketing_nobody_wants_is_an_opt_out(self) -> None:
        failed = {**STATUS, "status": "failed", "errors": [{"code": 131050}]}
        (state,) = heard(envelope({"contacts": [CONTACT], "statuses": [failed]}))
        assert isinstance(state, StateHeard)
        assert (state.found.state, state.found.code, state.opted_out) == ("failed", "131050", True)

    def test_a_message_names_its_writer_in_every_way_that_is_known(self) -> None:
        again, message = heard(envelope({"contacts": [CONTACT], "messages": [MESSAGE]}))
        assert again == ReadAgain()
        assert isinstance(message, MessageHeard)
        assert list(message.contacts) == [
            Recipient("phone", "+905551112233"),
            Recipient("whatsapp_user", "TR.1348912086553027"),
        ]
        assert (message.channel, message.text) == ("whatsapp", "Kargom nerede?")

    def test_nothing_follows_from_what_is_of_another_number_of_the_same_app(self) -> None:
        assert heard(BODY, phone_number_id="9" * 15) == []

    def test_what_whatsapp_itself_tells_opens_no_window(self) -> None:
        system = {"id": "wamid.S", "timestamp": "1749416383", "type": "system", "system": {"body": "x"}}
        assert heard(envelope({"messages": [{**system, "from": "905551112233"}]})) == [ReadAgain()]

    def test_what_cannot_be_made_out_is_set_aside_alone(self) -> None:
        events = WEBHOOKS.events(Call(envelope({"statuses": [{"id": "wamid.X", "status": "flown"}, STATUS]})))
        standing = Standing(True, START, account().settings)
        with pytest.raises(CallMalformed):
            WEBHOOKS.meanings(events[0], standing)
        assert len(WEBHOOKS.meanings(events[1], standing)) == 1

    @pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"\xff", json.dumps({"object": "page"}).encode()])
    def test_another_body_is_malformed(self, body: bytes) -> None:
        with pytest.raises(CallMalformed):
            WEBHOOKS.events(Call(body))

    def test_no_event_shows_what_it_holds(self) -> None:
        shown = repr(WEBHOOKS.events(Call(BODY)))
        for personal in ("905551112233", "wamid", "Ayşe", "Kargom"):
            assert personal not in shown


def test_everything_that_the_stand_in_sends_is_understood(sandbox: Sandbox) -> None:
    company, world = "calls", sandbox.world
    phone = phone_of(sandbox, company)
    people.writes(world, company, phone)
    people.wants_marketing(world, company, phone, wants=False)
    people.wants_marketing(world, company, phone, wants=True)
    people.template_becomes(world, company, "kampanya", "PAUSED")
    done(spec_of(sandbox, company), "whatsapp.template", act({"to": phone, **TEMPLATE}))
    credentials = {name: Secret(value) for name, value in sandbox.credentials(company, "whatsapp").items()}
    ours = Account(credentials, keys.ids(world.seed, company))
    source = source_named("whatsapp")
    assert source is not None
    found: list[Meaning] = []
    for hook in world.hooks.waiting(provider="whatsapp", company=company):
        call = Call(hook.body, hook.headers)
        assert source.verify(call, ours) == "verified"
        events: list[WebhookEvent] = list(source.events(call))
        assert events
        found += [
            meaning for event in events for meaning in source.meanings(event, Standing(True, START, ours.settings))
        ]
    kinds = [type(each) for each in found]
    assert (kinds.count(MessageHeard), kinds.count(RefusalHeard)) == (1, 1)
    assert {each.reference for each in found if isinstance(each, StateHeard)} == {REFERENCE}
