"""A client that knows nothing of ours, zeep, against the stand-in: from the service's description alone."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree
from zeep import Client, Settings
from zeep.exceptions import Fault
from zeep.wsse.username import UsernameToken

from connectors.sandbox.gib.office import office_of
from connectors.sandbox.server import Sandbox
from tests.connectors.invoicing import COMPANY, buyer, invoice, mailbox
from tests.connectors.stand_still import START
from tests.connectors.uyumsoft.calls import PATH


@pytest.fixture
def service(sandbox: Sandbox) -> Any:
    keys = sandbox.credentials(COMPANY, "uyumsoft")
    token = UsernameToken(keys["username"], keys["password"])
    return Client(f"{sandbox.url}{PATH}?wsdl", wsse=token, settings=Settings(strict=True)).service


def sent(service: Any, sandbox: Sandbox, customer: str) -> tuple[str, Any]:
    ettn, _number, ubl = invoice(sandbox, customer)
    info = {
        "LocalDocumentId": ettn,
        "Invoice": {"_value_1": list(etree.fromstring(ubl))[1:]},
        "TargetCustomer": {"VknTckn": customer, "Alias": mailbox(sandbox, customer)},
        "Scenario": "eInvoice",
        "CreateDateUtc": START,
    }
    return ettn, service.SendInvoice(invoices={"InvoiceInfo": [info]})


def test_a_connection_is_tested(service: Any) -> None:
    result = service.TestConnection()
    assert (result.IsSucceded, result.Value) == (True, True)


def test_a_taxpayer_is_looked_up(service: Any, sandbox: Sandbox) -> None:
    number = buyer(sandbox, "several")
    assert service.IsEInvoiceUser(vknTckn=number, alias="").Value is True
    assert service.IsEInvoiceUser(vknTckn=number, alias="urn:mail:nobody@x").Value is False
    found = service.GetUserAliasses(vknTckn=number)
    assert found.Value.ReceiverboxAliases[0].Alias == mailbox(sandbox, number)


def test_an_invoice_is_sent_and_asked_after(service: Any, sandbox: Sandbox) -> None:
    ettn, result = sent(service, sandbox, buyer(sandbox))
    assert (result.IsSucceded, result.Value[0].Id) == (True, ettn)
    (status,) = service.GetOutboxInvoiceStatusWithLogs(invoiceIds={"string": [ettn]}).Value
    assert (status.InvoiceId, status.Status, status.StatusCode) == (ettn, "Queued", 100)
    assert service.GetOutboxInvoiceData(invoiceId=ettn).Value.Data.startswith(b"<?xml")


def test_a_refusal_is_a_flag_and_a_message(service: Any, sandbox: Sandbox) -> None:
    _ettn, result = sent(service, sandbox, buyer(sandbox, "dead"))
    assert result.IsSucceded is False
    assert result.Message


def test_the_inbox_is_listed(service: Any, sandbox: Sandbox) -> None:
    found = service.GetInboxInvoiceList(query={"PageIndex": 0, "PageSize": 5, "OnlyNewestInvoices": False})
    assert len(found.Value.Items) == 5
    numbers = {each["_value_1"][0].text for each in found.Value.Items}
    assert numbers <= {each.number for each in office_of(sandbox.world).incoming(COMPANY)}


def test_a_wrong_password_is_a_fault(sandbox: Sandbox) -> None:
    token = UsernameToken(sandbox.credentials(COMPANY, "uyumsoft")["username"], "wrong")
    with pytest.raises(Fault):
        Client(f"{sandbox.url}{PATH}?wsdl", wsse=token).service.TestConnection()
