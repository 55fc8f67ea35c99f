"""A report's credit accounts, and who asked about the subject before: counts matter, names do not."""

from __future__ import annotations

from connectors.contract import Belonging, Stream
from connectors.fields import RecordMap, field
from connectors.findeks.formats.turkish import amount, day
from connectors.findeks.settings import PLAN
from connectors.findeks.streams import reports

ACCOUNT = RecordMap(
    (
        field(None, "text", "The report", name="reference_no", required=True),
        field("seq", "int", "Place of the account in the report", required=True),
        field("institutionCode", "text", "Letter that stands for the institution within the report"),
        field("institutionName", "text", "The institution"),
        field("creditType", "text", "Kind of credit"),
        field("currency", "text", "Currency of the account"),
        field("openedOn", "date", "Day of opening", convert=day),
        field("closedOn", "date", "Day of closing", convert=day),
        field("limitOrAmount", "decimal", "Limit of a card, amount of a loan", convert=amount),
        field("balance", "decimal", "What is owed", convert=amount),
        field("overdueBalance", "decimal", "What is overdue", convert=amount),
        field("instalment", "decimal", "Instalment", convert=amount),
        field(
            "paymentHistory36",
            "text",
            "36 months' status characters as they came; which end is the newest is stated nowhere",
            name="payment_history_36",
        ),
    )
)

ENQUIRY = RecordMap(
    (
        field(None, "text", "The report", name="reference_no", required=True),
        field("date", "date", "Day of the enquiry", name="enquired_on", required=True, convert=day),
        field(None, "int", "Place of the enquiry in the report", name="seq", required=True),
        field("memberName", "text", "Institution that asked"),
        field("creditType", "text", "Kind of credit that was asked for"),
        field("amount", "decimal", "Amount that was asked for", convert=amount),
        field("result", "text", "What came of it"),
    )
)

ACCOUNTS = Stream(
    name="accounts",
    title="Findeks accounts",
    description="Credit accounts of a report, with limit, balance and payment history.",
    columns=ACCOUNT.columns,
    key=("reference_no", "seq"),
    plan=PLAN,
    parent=reports.STREAM.name,
    belongs_to=(Belonging(reports.STREAM.name, ("reference_no",), ("reference_no",)),),
)
ENQUIRIES = Stream(
    name="enquiries",
    title="Findeks enquiries",
    description="Earlier enquiries that a report tells of, without the institutions.",
    columns=ENQUIRY.columns,
    key=("reference_no", "enquired_on", "seq"),
    plan=PLAN,
    parent=reports.STREAM.name,
    belongs_to=(Belonging(reports.STREAM.name, ("reference_no",), ("reference_no",)),),
)
