"""One row a report: whom it is about, its score and its sums. A score belongs to its report and is never replaced."""

from __future__ import annotations

import re
from typing import Any

from connectors.contract import Admission, Stream
from connectors.fields import RecordMap, field, to_int, to_text
from connectors.findeks.formats.turkish import amount, day, moment
from connectors.findeks.settings import PLAN, POLL_EVERY

PURPOSE = "credit_assessment"
"""Purpose under which consents and other legal bases are recorded for a person's report."""
PERSON, COMPANY = "INDIVIDUAL", "COMPANY"

REFERENCE = re.compile(r"(?!\d{10,11}$)[A-Za-z0-9][A-Za-z0-9_.-]{3,63}")
"""What a report's reference looks like. It stands in clear, so a number of ten or eleven digits passes for none."""

_ID = re.compile(r"(?!\d{10,11}$)[A-Za-z0-9_.-]{1,64}")
"""What other ids that stand in clear look like. They name nothing of ours, so one that looks otherwise is left out."""

_BANDS = ((1700, "VERY_GOOD"), (1500, "GOOD"), (1100, "LOW_RISK"), (700, "MEDIUM_RISK"), (1, "VERY_RISKY"))
_HIGHEST = 1900
_SCALE_MODELS = frozenset({None, "BKN"})
"""Models whose scores lie on the documented scale of 1 to 1900; the commercial model's scale is not public."""


def band_of(value: Any, model: Any) -> str | None:
    """The band of a score where the report names none; None where the scale is not known."""
    try:
        score = to_int(value)
    except (ValueError, TypeError):
        return None
    if model not in _SCALE_MODELS or score > _HIGHEST:
        return None
    return next((name for edge, name in _BANDS if score >= edge), None)


def subject_type(told: Any, identity_type: Any, number: Any) -> str:
    """A company, if everything that is told says so. A sole trader is a person, by whichever number he is known."""
    company = identity_type == "VKN" and told in (None, "COMPANY", "CORPORATE", "COMMERCIAL", "LEGAL")
    digits = number.strip() if isinstance(number, str) else ""
    return COMPANY if company and len(digits) == 10 else PERSON


def _id(value: Any) -> str | None:
    text = to_text(value)
    return text if _ID.fullmatch(text) else None


RECORD = RecordMap(
    (
        field(None, "text", "The query's reference at the bureau", name="reference_no", required=True),
        field(None, "text", "Where it is from: gateway or file", name="source", allowed=("gateway", "file")),
        field("reportId", "text", "The gateway's id of the report", convert=_id),
        field("reportType", "text", "What was queried", allowed=("RISK", "CHEQUE", "QR_CHEQUE")),
        field("status", "text", "What came of the query", allowed=("READY", "NO_RECORD", "REJECTED")),
        field("queriedAt", "timestamp", "When the bureau was asked: a score is of that time", convert=moment),
        field("updatedAt", "timestamp", "When the gateway last changed it", convert=moment),
        field("consentId", "text", "The gateway's own consent; the hub's legal basis is another record", convert=_id),
        field("customerRef", "text", "The tenant's reference of the customer; people type what they like"),
        field(None, "text", "A person or a company", name="subject_type", allowed=(PERSON, COMPANY)),
        field("subject.identityType", "text", "TCKN or VKN", name="identity_type", allowed=("TCKN", "VKN")),
        field("subject.identityNumber", "text", "Identity number or tax number", name="identity_number"),
        field("subject.fullName", "text", "Name of the person or company", name="full_name"),
        field("subject.birthDate", "date", "Day of birth", name="birth_date", convert=day),
        field("score.value", "int", "Score; none for a thin file", name="score"),
        field(
            "score.band",
            "text",
            "Band of the score",
            name="score_band",
            allowed=tuple(name for _, name in _BANDS),
        ),
        field("score.min", "int", "Lowest score of the model", name="score_min"),
        field("score.max", "int", "Highest score of the model", name="score_max"),
        field("score.model", "text", "Model of the score: scores of two models do not compare", name="score_model"),
        field("score.noScoreReason", "text", "The bureau's code where there is no score", name="no_score_reason"),
        field("score.reasonCodes", "text", "Up to four codes of what lowered it", name="score_reason_codes"),
        field("score.trend", "text", "Direction of the score", name="score_trend"),
        *(
            field(f"summary.{wire}", "decimal", text, convert=amount, name=name)
            for wire, name, text in (
                ("totalLimit", "total_limit", "Sum of limits, in lira"),
                ("totalDebt", "total_debt", "Sum of debts, in lira"),
                ("availableLimit", "available_limit", "Limits not yet used, in lira"),
                ("debtToLimitPct", "debt_to_limit_pct", "Debt in per cent of the limit"),
                ("delinquentBalance", "delinquent_balance", "Debt of accounts in arrears, in lira"),
                ("legalFollowUpBalance", "legal_follow_up_balance", "Debt under legal follow-up, in lira"),
            )
        ),
        *(
            field(f"summary.{wire}", "int", text, name=name)
            for wire, name, text in (
                ("accountCount", "account_count", "Accounts"),
                ("openAccountCount", "open_account_count", "Open accounts"),
                ("institutionCount", "institution_count", "Institutions that report"),
                ("delinquentAccountCount", "delinquent_account_count", "Accounts in arrears"),
                ("legalFollowUpCount", "legal_follow_up_count", "Accounts under legal follow-up"),
                ("currentLongestDelayMonths", "longest_delay_months", "Longest present delay, in months"),
            )
        ),
        field("summary.worstPaymentStatusEver", "text", "Worst status character ever", name="worst_status_ever"),
        field("summary.lastCreditDate", "date", "Day of the last credit", name="last_credit_date", convert=day),
        *(
            field(f"enquiries.{wire}", "int", f"Enquiries {text}", name=name)
            for wire, name, text in (
                ("last1Month", "enquiries_last_month", "of the last month"),
                ("months2to3", "enquiries_months_2_to_3", "two to three months ago"),
                ("months4to6", "enquiries_months_4_to_6", "four to six months ago"),
                ("older", "enquiries_older", "before that"),
            )
        ),
        field("cheques.chequeIndex", "int", "Index of the drawer's cheques", name="cheque_index"),
        field("cheques.windowMonths", "int", "Months that the index looks back", name="cheque_window_months"),
        field("cheques.futureDated.count", "int", "Cheques with a later date", name="future_cheque_count"),
        field(
            "cheques.futureDated.amount", "decimal", "Their sum, in lira", name="future_cheque_amount", convert=amount
        ),
        field("cheques.unusedLeaves", "int", "Blank leaves", name="unused_cheque_leaves"),
        field("cheques.banks", "text", "Banks of the drawer", name="cheque_banks"),
        field("cheques.minAmount", "decimal", "Smallest cheque", name="smallest_cheque", convert=amount),
        field("cheques.maxAmount", "decimal", "Largest cheque", name="largest_cheque", convert=amount),
        field("cheques.flags.chequeBan", "bool", "Banned from drawing cheques", name="cheque_ban"),
        field("cheques.flags.injunction", "bool", "An injunction stands", name="injunction"),
        field("cheques.flags.bankruptcy", "bool", "Bankrupt", name="bankruptcy"),
        field("cheques.chequeNo", "text", "Number of the cheque that was asked about", name="cheque_no"),
        field("cheques.iban", "text", "Account of that cheque", name="cheque_iban"),
        field("cheques.leafValid", "bool", "Whether that leaf is genuine", name="cheque_leaf_valid"),
        field("cheques.drawerIdentityMatch", "bool", "Whether the drawer is its owner", name="drawer_identity_match"),
    )
)

STREAM = Stream(
    name="reports",
    title="Findeks reports",
    description="Credit and cheque reports, one row a query. A person's loads on a recorded legal basis only.",
    columns=RECORD.columns,
    key=("reference_no",),
    plan=PLAN,
    every=POLL_EVERY,
    admission=Admission(
        subject="identity_number",
        kind="tax_number",
        purpose=PURPOSE,
        categories=("FINANS",),
        record="reference_no",
        type="subject_type",
        exempt=(COMPANY,),
    ),
)
