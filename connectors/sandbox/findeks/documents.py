"""A query's report as the gateway's JSON. Amounts are kuruş until they are written."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

from connectors.istanbul import day_of
from connectors.sandbox.chance import rng
from connectors.sandbox.findeks.bureau import Query
from connectors.sandbox.findeks.envelope import local_time
from connectors.sandbox.numbers import iban

_BANDS = ((1700, "VERY_GOOD"), (1500, "GOOD"), (1100, "LOW_RISK"), (700, "MEDIUM_RISK"), (1, "VERY_RISKY"))
_CREDITS = ("CREDIT_CARD", "CONSUMER_LOAN", "MORTGAGE", "OVERDRAFT")
_BANKS = ("Örnek Bankası", "Deneme Bank", "Misal Katılım")


def report(query: Query, now: datetime) -> dict[str, Any]:
    """The whole document of a query that is done, the head of one that is not."""
    head: dict[str, Any] = {
        "reportId": query.report_id,
        "referenceNo": query.reference_no,
        "reportType": query.kind,
        "status": query.state(now),
        "queriedAt": local_time(query.at),
        "updatedAt": local_time(query.updated_at(now)),
        "consentId": query.consent_id or (f"cns_{query.number:04x}" if query.subject.person else None),
        "customerRef": query.customer_ref,
        "subject": _subject(query),
    }
    if head["status"] != "READY":
        return head | dict.fromkeys(("score", "summary", "enquiries", "cheques")) | {"accounts": []}
    if query.kind != "RISK":
        return head | {"score": None, "summary": None, "accounts": [], "enquiries": None, "cheques": _cheques(query)}
    accounts = accounts_of(query)
    return head | {
        "score": score_of(query),
        "summary": summary_of(query, accounts),
        "accounts": accounts,
        "enquiries": _enquiries(query),
        "cheques": None,
    }


def score_of(query: Query) -> dict[str, Any]:
    """The score, or why there is none: every ninth person has too thin a file."""
    chance = _chance(query, "score")
    company = query.subject.person is None
    model = "TKN" if company else "BKN"
    steady = _steady(query).randint(450, 1850)
    value = max(1, min(1900, steady + chance.randint(-60, 60)))
    thin = not company and query.subject.index % 9 == 7
    return {
        "value": None if thin else value,
        "min": 1,
        "max": 1900,
        "band": None if thin else next(name for edge, name in _BANDS if value >= edge),
        "model": model,
        "noScoreReason": "02" if thin else None,
        "reasonCodes": [] if thin else ["05", "12", f"{chance.randint(20, 40)}", None],
        "trend": None if thin else chance.choice(("UP", "DOWN", "STABLE")),
    }


def accounts_of(query: Query) -> list[dict[str, Any]]:
    """Credit accounts: the same ones in every report of a subject, with balances of its day."""
    steady, chance = _steady(query), _chance(query, "accounts")
    if score_of(query)["value"] is None:
        return []
    found: list[dict[str, Any]] = []
    for seq in range(1, steady.randint(1, 4) + 1):
        limit = steady.randint(10, 200) * 100_000
        balance = int(limit * chance.random() * 0.9)
        late = chance.random() < 0.2
        credit = steady.choice(_CREDITS)
        found.append(
            {
                "seq": seq,
                "institutionCode": "ABCDEFGH"[seq - 1],
                "institutionName": None,
                "creditType": credit,
                "currency": "TRY",
                "openedOn": (day_of(query.at) - timedelta(days=steady.randint(300, 3000))).isoformat(),
                "closedOn": None,
                "limitOrAmount": money(limit),
                "balance": money(balance),
                "overdueBalance": money(balance // 20 if late else 0),
                "instalment": None if credit == "CREDIT_CARD" else money(limit // 24),
                "paymentHistory36": ("1" if late else "0") + "".join(steady.choice("0000001U") for _ in range(35)),
            }
        )
    return found


def summary_of(query: Query, accounts: list[dict[str, Any]]) -> dict[str, Any]:
    """Sums that agree with the accounts."""
    limit, debt, overdue = (
        sum(_kurus(each[name]) for each in accounts) for name in ("limitOrAmount", "balance", "overdueBalance")
    )
    late = sum(1 for each in accounts if _kurus(each["overdueBalance"]))
    return {
        "totalLimit": money(limit),
        "totalDebt": money(debt),
        "availableLimit": money(limit - debt),
        "debtToLimitPct": f"{100 * debt / limit:.2f}" if limit else None,
        "accountCount": len(accounts),
        "openAccountCount": len(accounts),
        "institutionCount": len(accounts),
        "delinquentAccountCount": late,
        "delinquentBalance": money(overdue),
        "currentLongestDelayMonths": 1 if late else 0,
        "worstPaymentStatusEver": "2" if late else "0",
        "legalFollowUpCount": 0,
        "legalFollowUpBalance": "0.00",
        "lastCreditDate": (day_of(query.at) - timedelta(days=200)).isoformat() if accounts else None,
    }


def money(kurus: int) -> str:
    """Lira with a point before the fraction."""
    return f"{kurus // 100}.{kurus % 100:02d}"


def _subject(query: Query) -> dict[str, Any]:
    person = query.subject.person
    return {
        "type": "INDIVIDUAL" if person else "COMPANY",
        "identityType": query.subject.identity_type,
        "identityNumber": query.subject.number,
        "fullName": query.subject.name,
        "birthDate": person.birth.isoformat() if person else None,
    }


def _enquiries(query: Query) -> dict[str, Any]:
    chance = _chance(query, "enquiries")
    items = [
        {
            "date": (day_of(query.at) - timedelta(days=chance.randint(1, 300))).isoformat(),
            "memberName": None if chance.random() < 0.5 else chance.choice(_BANKS),
            "creditType": chance.choice(_CREDITS),
            "amount": money(chance.randint(5, 100) * 100_000),
            "result": chance.choice(("ACCEPTED", "REJECTED", "PENDING")),
        }
        for _ in range(chance.randint(0, 3))
    ]
    return {"last1Month": 1, "months2to3": 0, "months4to6": 2, "older": chance.randint(0, 9), "items": items}


def _cheques(query: Query) -> dict[str, Any]:
    chance = _chance(query, "cheques")

    def outcome(most: int) -> dict[str, Any]:
        count = chance.randint(0, most)
        return {"count": count, "amount": money(count * 2_500_000)}

    day = day_of(query.at)
    found: dict[str, Any] = {
        "chequeIndex": chance.randint(300, 1000),
        "windowMonths": 36,
        "periods": [
            {
                "period": period,
                "paidOnPresentation": outcome(most),
                "bouncedUnpaid": outcome(1),
                "bouncedPaidLater": outcome(1),
            }
            for period, most in (("1M", 3), ("3M", 9), ("12M", 40), ("5Y", 150))
        ],
        "futureDated": outcome(5),
        "unusedLeaves": chance.randint(0, 25),
        "banks": list(_BANKS[: chance.randint(1, 3)]),
        "minAmount": "1500.00",
        "maxAmount": "250000.00",
        "bouncedList": [
            {
                "bank": _BANKS[0],
                "branch": "Merkez",
                "presentedOn": (day - timedelta(days=90)).isoformat(),
                "amount": "25000.00",
                "paidLaterOn": (day - timedelta(days=60)).isoformat(),
            }
        ],
        "flags": {"chequeBan": False, "injunction": False, "bankruptcy": False},
    }
    if query.kind == "QR_CHEQUE":
        account = iban(chance)
        found |= {"chequeNo": f"{query.number:07d}", "iban": account, "leafValid": True, "drawerIdentityMatch": True}
    return found


def _chance(query: Query, *names: object) -> Random:
    return rng(query.seed, query.company_id, query.reference_no, *names)


def _steady(query: Query) -> Random:
    """What stays the same in every report of a subject."""
    return rng(query.seed, query.company_id, "bureau", query.subject.number)


def _kurus(text: str) -> int:
    return int(text.replace(".", ""))
