"""Netgsm's own Python client against the stand-in: if both misread the sheet alike, this is where it shows."""

from __future__ import annotations

from typing import Any

import pytest
from netgsm import Netgsm, NotAcceptableException

from connectors.netgsm import jobs
from connectors.sandbox.netgsm.desk import desk_of
from connectors.sandbox.server import Sandbox
from tests.connectors.netgsm.acting import HEADER, asked, attempted, look_up, spec_of
from tests.connectors.netgsm.acting import act as act_of
from tests.connectors.netgsm.acting import sms as sms_payload
from tests.connectors.stand_still import START

COMPANY = "vendor"
TEXT = "Sayın müşterimiz, siparişiniz kargoda"


@pytest.fixture
def client(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    pair = sandbox.credentials(COMPANY, "netgsm")
    assert ":" in pair["password"]
    return Netgsm(pair["usercode"], pair["password"], api_url=sandbox.url, appname="hub")


def send(client: Any, text: str = TEXT, **fields: Any) -> dict[str, Any]:
    message = {"msg": text, "no": "5051234567", **({"referansID": fields.pop("reference")} if fields else {})}
    return client.sms.send(msgheader=HEADER, messages=[message], encoding="TR", iysfilter="0", **fields)


def test_a_message_is_taken_and_its_job_is_text(client: Any) -> None:
    answer = send(client)
    assert (answer["code"], answer["description"]) == ("00", "queued")
    assert isinstance(answer["jobid"], str)
    assert len(answer["jobid"]) >= 26


def test_a_report_is_read_by_job_and_by_time(client: Any) -> None:
    job = send(client, f"{TEXT} 2")["jobid"]
    span = {"startdate": "18.11.2026 00:00:00", "stopdate": "18.11.2026 23:59:59"}
    by_job = client.sms.get_report(**span, jobids=[job], pagenumber=0, pagesize=100)
    assert [(row["jobid"], row["number"], row["status"]) for row in by_job["jobs"]] == [(job, "905051234567", 0)]
    by_time = client.sms.get_report(**span, pagenumber=0, pagesize=1)
    assert len(by_time["jobs"]) == 1


def test_what_the_vendors_client_sent_is_found_by_ours(sandbox: Sandbox, client: Any) -> None:
    job = send(client, f"{TEXT} 3", reference="v3")["jobid"]
    (found,) = look_up(spec_of(sandbox, COMPANY), [attempted(act_of("v3", sms_payload()))])
    assert getattr(found, "provider_reference", None) == f"{job}/5051234567"


def test_a_refusal_is_one_to_the_client(client: Any) -> None:
    for work, code in (
        (lambda: client.sms.cancel("1"), "60"),
        (lambda: client.sms.send(msgheader="NOBODY", messages=[{"msg": "x", "no": "5051234567"}]), "40"),
        (lambda: client.sms.get_report("18.11.2026 00:00:00", "18.11.2026 23:59:59", jobids=["7"]), "60"),
    ):
        with pytest.raises(NotAcceptableException) as caught:
            work()
        assert caught.value.code == code


def test_a_job_of_the_future_is_taken_back(sandbox: Sandbox, client: Any) -> None:
    job = client.sms.send(msgheader=HEADER, messages=[{"msg": "yarın", "no": "5051234567"}], startdate="191120261200")[
        "jobid"
    ]
    assert client.sms.cancel(job)["code"] == "00"
    assert asked(spec_of(sandbox, COMPANY), lambda ours: jobs.cancel(ours, job)) is False


def test_sender_names_and_incoming_texts_are_listed(sandbox: Sandbox, client: Any) -> None:
    assert HEADER in client.sms.get_headers()["msgheaders"]
    desk_of(sandbox.world).receive(COMPANY, "5321234567", "Teşekkürler", at=START)
    answer = client.sms.get_inbox(startdate="17112026000000", stopdate="18112026235959")
    assert answer["messages"][0] == {
        "message": "Teşekkürler",
        "sender": "905321234567",
        "receiver": sandbox.credentials(COMPANY, "netgsm")["usercode"],
        "datetime": "18.11.2026 12:00:00",
    }


def test_a_wrong_password_is_refused(sandbox: Sandbox, client: Any) -> None:
    stranger = Netgsm(client.username, "wrong", api_url=sandbox.url)
    with pytest.raises(NotAcceptableException) as caught:
        send(stranger)
    assert caught.value.code == "30"
