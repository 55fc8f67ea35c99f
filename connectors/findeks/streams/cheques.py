"""What a cheque report tells beside its sums: cheques by period, and those that bounced."""

from __future__ import annotations

from connectors.contract import Belonging, Stream
from connectors.fields import RecordMap, field
from connectors.findeks.formats.turkish import amount, day
from connectors.findeks.settings import PLAN
from connectors.findeks.streams import reports

_OUTCOMES = (
    ("paidOnPresentation", "paid", "paid when presented"),
    ("bouncedUnpaid", "unpaid", "bounced and not paid"),
    ("bouncedPaidLater", "paid_later", "bounced and paid later"),
)

PERIOD = RecordMap(
    (
        field(None, "text", "The report", name="reference_no", required=True),
        field("period", "text", "Months looked back: 1M, 3M, 12M or 5Y", required=True),
        *(
            field(f"{wire}.count", "int", f"Cheques {text}", name=f"{name}_count", minimum=0)
            for wire, name, text in _OUTCOMES
        ),
        *(
            field(f"{wire}.amount", "decimal", f"Sum of cheques {text}", name=f"{name}_amount", convert=amount)
            for wire, name, text in _OUTCOMES
        ),
    )
)

BOUNCED_CHEQUE = RecordMap(
    (
        field(None, "text", "The report", name="reference_no", required=True),
        field(None, "int", "Place of the cheque in the report", name="seq", required=True),
        field("bank", "text", "Bank of the cheque"),
        field("branch", "text", "Branch of the cheque"),
        field("presentedOn", "date", "Day on which it was presented", convert=day),
        field("amount", "decimal", "Amount", convert=amount),
        field("paidLaterOn", "date", "Day on which it was paid after all", convert=day),
    )
)

PERIODS = Stream(
    name="cheque_periods",
    title="Findeks cheques by period",
    description="Cheques paid, unpaid and paid later in the months before a cheque report.",
    columns=PERIOD.columns,
    key=("reference_no", "period"),
    plan=PLAN,
    parent=reports.STREAM.name,
    belongs_to=(Belonging(reports.STREAM.name, ("reference_no",), ("reference_no",)),),
)
BOUNCED = Stream(
    name="bounced_cheques",
    title="Findeks bounced cheques",
    description="Cheques that bounced, as a cheque report lists them (fifty at most).",
    columns=BOUNCED_CHEQUE.columns,
    key=("reference_no", "seq"),
    plan=PLAN,
    parent=reports.STREAM.name,
    belongs_to=(Belonging(reports.STREAM.name, ("reference_no",), ("reference_no",)),),
)
