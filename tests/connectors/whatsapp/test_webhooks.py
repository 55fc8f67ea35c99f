from __future__ import annotations

import json

import pytest

from connectors.secret import Secret
from connectors.whatsapp.webhooks import challenge, signature
from tests.connectors.whatsapp.telling import STATUS_BODY

SECRET = Secret("app-secret")
ESCAPED = rb'{"text":"Ay\u015fe \ud83d\ude9a"}'
PLAIN = '{"text":"Ayşe 🚚"}'.encode()
PUBLISHED = [
    (STATUS_BODY, "sha256=eaafa8f40387b73c253a000f7acef2ab53368f83aa1e7d5476e4e79f6b5e7a44"),
    (ESCAPED, "sha256=76f33be5c5d068a55df0ab8513fc4b56c5f8af048a8e91017a33a10a0b27fdb5"),
    (PLAIN, "sha256=89807f62ee8cd86ca5b12dae3efab84641a25c8ee6f2fc0464761b6a00cb6096"),
]


class TestSignature:
    @pytest.mark.parametrize(("body", "header"), PUBLISHED)
    def test_published_vectors_are_right_and_one_changed_byte_is_not(self, body: bytes, header: str) -> None:
        assert signature(SECRET, body, header) == "right"
        assert signature(SECRET, body[:-2] + b" " + body[-1:], header) == "wrong"
        assert signature(SECRET, body, header[:-1] + ("0" if header[-1] != "0" else "1")) == "wrong"
        assert signature(Secret("other"), body, header) == "wrong"

    def test_the_same_text_written_otherwise_does_not_match(self) -> None:
        assert json.loads(ESCAPED) == json.loads(PLAIN)
        assert signature(SECRET, PLAIN, PUBLISHED[1][1]) == "wrong"

    @pytest.mark.parametrize("header", [None, ""])
    def test_no_signature_is_told_apart_from_a_wrong_one(self, header: str | None) -> None:
        assert signature(SECRET, PLAIN, header) == "missing"

    @pytest.mark.parametrize("header", ["sha1=x", "sha256=", "ş", PUBLISHED[2][1].removeprefix("sha256=")])
    def test_another_form_of_header_is_wrong(self, header: str) -> None:
        assert signature(SECRET, PLAIN, header) == "wrong"

    def test_an_account_without_a_secret_takes_nothing(self) -> None:
        import hashlib
        import hmac

        forged = "sha256=" + hmac.new(b"", PLAIN, hashlib.sha256).hexdigest()
        assert signature(Secret(""), PLAIN, forged) == "wrong"


ASKED = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": "vt"}


class TestChallenge:
    def test_the_right_token_gets_its_challenge_back(self) -> None:
        assert challenge(ASKED, Secret("vt")) == "1158201444"

    @pytest.mark.parametrize(
        "change", [{"hub.verify_token": "other"}, {"hub.verify_token": ""}, {"hub.mode": "unsubscribe"}]
    )
    def test_anything_else_gets_nothing(self, change: dict[str, str]) -> None:
        assert challenge({**ASKED, **change}, Secret("vt")) is None
        assert challenge({}, Secret("vt")) is None

    def test_an_empty_token_opens_nothing(self) -> None:
        assert challenge({**ASKED, "hub.verify_token": ""}, Secret("")) is None
