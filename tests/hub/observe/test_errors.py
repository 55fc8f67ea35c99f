"""What is reported of an error: where it broke and how, and nothing of whom it was about."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sentry_sdk
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from hub.errors import HubError
from hub.observe.errors import configure_error_reports
from hub.observe.logs import bound
from hub.settings import Settings

DSN = "https://public@sentry.example/1"
PHONE, TCKN, EMAIL = "+90 532 123 45 67", "10000000146", "ayse.yilmaz@ornek.com.tr"


class Kept(Transport):
    """Keeps what would be sent."""

    sent: list[dict[str, Any]] = []  # noqa: RUF012 - emptied by the fixture

    def capture_envelope(self, envelope: Envelope) -> None:
        for item in envelope.items:
            assert item.type == "event"
            Kept.sent.append(json.loads(item.payload.get_bytes()))


@pytest.fixture
def sent() -> Iterator[list[dict[str, Any]]]:
    Kept.sent = []
    assert configure_error_reports(Settings.apart(Path("/nowhere"), sentry_dsn=DSN), process="api", transport=Kept)
    yield Kept.sent
    sentry_sdk.get_client().close()
    sentry_sdk.init()


def fail() -> None:
    phone, secret = PHONE, f"password {EMAIL}"
    try:
        {}[TCKN]
    except KeyError as error:
        raise ValueError(f"row of {EMAIL}\ncall {phone} {len(secret)}") from error


def test_an_exception_is_reported_with_its_place_and_nobodys_data(sent: list[dict[str, Any]]) -> None:
    sentry_sdk.add_breadcrumb(message=EMAIL)
    sentry_sdk.set_user({"email": EMAIL})
    sentry_sdk.set_extra("phone", PHONE)
    sentry_sdk.set_context("request", {"body": TCKN})
    sentry_sdk.set_tag("who", EMAIL)
    with bound(tenant_id="tabcdefghijk", request_id="r1"):
        try:
            fail()
        except ValueError:
            sentry_sdk.capture_exception()

    (event,) = sent
    text = json.dumps(event, ensure_ascii=False)
    for value in (PHONE, TCKN, EMAIL, "532 123", "ayse", "password", "phone ="):
        assert value not in text
    last = event["exception"]["values"][-1]
    assert last["type"] == "ValueError"
    assert "<EMAIL>" in last["value"]
    assert last["stacktrace"]["frames"][-1]["function"] == "fail"
    assert set(last["stacktrace"]["frames"][-1]) <= {"filename", "function", "module", "lineno", "in_app"}
    assert event["tags"] == {"process": "api", "tenant_id": "tabcdefghijk", "request_id": "r1"}
    assert not {"user", "extra", "breadcrumbs", "request", "contexts", "server_name", "modules"} & set(event)


def test_an_error_in_the_log_is_reported_masked(sent: list[dict[str, Any]]) -> None:
    logging.getLogger("hub.deneme").error("no answer for %s", EMAIL)
    logging.getLogger("hub.deneme").warning("not an error %s", EMAIL)

    assert [event["message"] for event in sent] == ["no answer for <EMAIL>"]
    assert EMAIL not in json.dumps(sent)


def test_without_a_dsn_nothing_is_reported() -> None:
    assert not configure_error_reports(Settings.apart(Path("/nowhere")), process="api", transport=Kept)


def test_a_dsn_may_stand_in_a_file_and_must_be_one(tmp_path: Path) -> None:
    file = tmp_path / "dsn"
    settings = Settings.apart(tmp_path, sentry_dsn_file=file)

    with pytest.raises(HubError, match="sentry_dsn_unfit"):
        configure_error_reports(settings, process="api", transport=Kept)
    file.write_text("no address\n")
    with pytest.raises(HubError, match="sentry_dsn_unfit"):
        configure_error_reports(settings, process="api", transport=Kept)
    file.write_text(DSN + "\n")
    assert configure_error_reports(settings, process="api", transport=Kept)
    sentry_sdk.init()
