"""Invoices for property tests: right ones with many lines, and right ones of which somebody changed something."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

from hub.einvoice.codes import withholding
from hub.einvoice.invoice.pairs import PAIRS, TYPES, InvoiceType, Profile
from tests.hub.einvoice.samples import ALL_PAIRS, values

Pair = tuple[Profile, InvoiceType]
_RATES = st.sampled_from(["1", "8", "10", "18", "20", "7.5"])
_WITHHELD = [(code, percent) for code, percents in withholding.percentages().items() for percent in sorted(percents)]
_OTHER_TAXES = st.sampled_from(["0071", "0059", "0073", "4080", "8004", "9077", "1047"])


def decimals(low: str, high: str, places: int) -> st.SearchStrategy[str]:
    return st.decimals(low, high, places=places).map(lambda value: f"{value:f}")


def adjustments() -> st.SearchStrategy[list[dict[str, str]]]:
    by_percent = decimals("0", "20", 2).map(lambda percent: {"percent": percent})
    by_amount = decimals("0", "1", 2).map(lambda amount: {"amount": amount, "reason": "Anlaşma"})
    return st.lists(by_percent | by_amount, max_size=2)


@st.composite
def invoices(draw: st.DrawFn) -> dict[str, Any]:
    """A right invoice of any pair: lines, rates, discounts, surcharges, taxes, currencies and withholdings vary."""
    found = values(*draw(st.sampled_from(ALL_PAIRS)))
    first = found["lines"][0]
    found["lines"] = [draw(lines(first)) for _ in range(draw(st.integers(1, 6)))]
    if "special_base" not in first:
        found |= {"discounts": draw(adjustments()), "surcharges": draw(adjustments())}
    if draw(st.booleans()):
        found |= {
            "currency": draw(st.sampled_from(["USD", "EUR", "JPY"])),
            "exchange_rate": draw(decimals("0.01", "99", 6)),
        }
    if draw(st.booleans()):
        found["rounding"] = draw(decimals("-0.99", "0.99", 2))
    found["tax_total_net"] = draw(st.booleans())
    found["special_base_in_price"] = draw(st.booleans())
    return found


@st.composite
def lines(draw: st.DrawFn, first: dict[str, Any]) -> dict[str, Any]:
    line = deepcopy(first)
    line |= {"quantity": draw(decimals("0.5", "999", 3)), "price": draw(decimals("9", "9999", 5))}
    line |= {"discounts": draw(adjustments()), "surcharges": draw(adjustments())}
    if line["vat_rate"] != "0":
        line["vat_rate"] = draw(_RATES)
    if "special_base" in line:
        return line | {"special_base": draw(decimals("5", "999", 2))}
    if "withholding" in line:
        code, percent = draw(st.sampled_from(_WITHHELD))
        line["withholding"] = {"code": code, "percent": percent}
    if draw(st.booleans()):
        tax = {"code": draw(_OTHER_TAXES)} | draw(
            st.one_of(
                decimals("0", "50", 2).map(lambda rate: {"rate": rate}),
                decimals("0", "50", 2).map(lambda a: {"amount": a}),
            )
        )
        line["taxes"] = [*line.get("taxes", ()), tax]
    return line


_POOL: list[Any] = [
    "",
    " ",
    "0",
    "0.00",
    "0.004",
    "1",
    "-1",
    "100",
    "ABC",
    "351",
    "301",
    "308",
    "501",
    "555",
    "702",
    "806",
    "001",
    "601",
    "90",
    "01",
    "03",
    "TRY",
    "USD",
    "C62",
    "1460415308",
    "11111111111",
    "2222222222",
    "9205121120",
    "10000000146",
    "PLAKA",
    "VKN",
    "MERSISNO",
    "2004-12-31",
    "2019-05-05",
    "ABC2019000000001",
    "a\u00a0b",
    "a  b",
    "x" * 19,
    "\u200b",
    True,
    None,
    [],
    {},
    {"percent": "100"},
    {"amount": "299.97"},
    {"code": "601", "percent": 40},
    {"number": "123456", "issue_date": "2020-01-01"},
    {"code": "0071", "rate": "0"},
    {"address": {"district": "Mitte", "city": "Berlin"}},
]
_OPTIONAL = [
    "exchange_rate",
    "currency",
    "buyer",
    "certificate",
    "accounting_cost",
    "delivery",
    "rounding",
    "discounts",
    "returned",
    "period",
    "lines.0.exemption",
    "lines.0.exemption_reason",
    "lines.0.withholding",
    "lines.0.special_base",
    "lines.0.spending",
    "lines.0.machine",
    "lines.0.customs_code",
    "lines.0.permit_line",
    "lines.0.discounts",
    "lines.0.taxes",
    "lines.0.item_numbers",
    "lines.0.delivery",
    "lines.0.origin",
    "customer.name",
    "customer.first_name",
    "customer.identifiers",
    "supplier.identifiers",
]

_CHANGES: list[tuple[str, Any]] = [
    *(("profile", profile) for profile in PAIRS),
    *(("type", kind) for kind in TYPES),
    *(("lines.0.exemption", code) for code in ("001", "105", "151", "351", "301", "308", "339", "350", "501", "555")),
    *(("lines.0.exemption", code) for code in ("701", "702", "801", "812", None)),
    *(("lines.0.vat_rate", rate) for rate in ("0", "1", "20", "0.0001", "100")),
    *(("lines.1.vat_rate", rate) for rate in ("0", "10")),
    *(("lines.0.spending", kind) for kind in ("01", "02", "03", "04", None)),
    *(("lines.0.withholding", {"code": code, "percent": percent}) for code, percent in (("601", 40), ("825", 100))),
    ("lines.0.withholding", None),
    ("lines.1.withholding", None),
    ("lines.1.exemption", None),
    ("lines.0.exemption_reason", "Bir madde"),
    ("lines.0.special_base", "10.00"),
    ("lines.0.special_base", "0.00"),
    ("lines.0.special_base", None),
    ("lines.1.special_base", None),
    ("lines.0.price", "0"),
    ("lines.0.price", "0.001"),
    ("lines.0.quantity", "0.00000001"),
    ("lines.0.quantity", "999999999999"),
    ("lines.0.price", "999999999999999.99999999"),
    ("lines.0.discounts", [{"percent": "100"}]),
    ("lines.0.discounts", [{"amount": "299.97"}, {"percent": "1"}]),
    ("lines.0.surcharges", [{"percent": "100"}]),
    ("lines.0.taxes", [{"code": "0059", "rate": "2"}, {"code": "0071", "amount": "0.01"}]),
    ("lines.0.machine", {"serial_number": "1"}),
    ("lines.0.delivery", {"terms": "EXW", "transport_mode": "4", "package": {"kind": "BX", "quantity": "2"}}),
    ("lines.0.delivery", {"address": {"district": "Mitte", "city": "Berlin"}}),
    ("lines.0.customs_code", "123456789012"),
    ("lines.0.permit_line", "12345678901"),
    ("lines.0.permit_line", None),
    ("lines.1.permit_line", None),
    ("lines.0.item_numbers", [{"scheme": "DIGER", "value": "1"}]),
    ("lines.0.item_numbers", [{"scheme": "TABLET_PC", "value": "1"}]),
    ("lines.0.item_numbers", [{"scheme": "KUNYENO", "value": "x" * 19}, {"scheme": "ETIKETNO", "value": "CV0152457"}]),
    ("lines.0.note", "Not"),
    ("discounts", [{"percent": "100"}]),
    ("discounts", [{"amount": "599.94"}]),
    ("surcharges", [{"amount": "0.01"}]),
    ("rounding", "-0.99"),
    ("currency", "USD"),
    ("exchange_rate", "34.123456"),
    ("exchange_rate", "0.000001"),
    ("accounting_cost", "DIGER"),
    ("expenses", [{"kind": "HKSRUSUM", "amount": "1.00"}]),
    ("expenses", [{"kind": "HKSRUSUM", "amount": "9999999.00"}]),
    ("certificate", {"number": "123456", "issue_date": "2020-01-01"}),
    ("certificate", {"number": "123456", "issue_date": "2003-01-01"}),
    ("order", {"number": "S-1", "issue_date": "2020-01-01"}),
    ("despatches", [{"number": "I-1", "issue_date": "2020-01-01"}, {"number": "I-2", "issue_date": "2030-01-01"}]),
    ("returned", [{"number": "ABC2020000000001", "issue_date": "2020-01-01"}]),
    ("period", {"start_date": "2020-01-01", "end_date": "2020-01-31"}),
    ("period", {"start_date": "2003-01-01", "start_time": "00:00", "end_date": "2020-01-31", "end_time": "23:59:59.5"}),
    ("documents", []),
    ("documents", [{"scheme": "ESURaporID", "number": "X", "issue_date": "2020-01-01"}]),
    ("payments", [{"code": "ZZZ"}, {"code": "1", "iban": "TR33 0006 1005 1978 6457 8413 26", "bank": "B"}]),
    ("payments", [{"code": "1", "iban": "DE89370400440532013000"}]),
    ("payments", [{"code": "1", "iban": "TR330006100519786457841326"}] * 2),
    ("payment_terms", {"penalty_percent": "3"}),
    ("customer.identity", "1460415308"),
    ("customer.identity", "10000000146"),
    ("customer.identity", "11111111111"),
    ("customer.identity", "2222222222"),
    ("customer.first_name", "Ali"),
    ("customer.family_name", "Deneme"),
    ("customer.identifiers", [{"scheme": "PLAKA", "value": "06 AB 1"}]),
    ("customer.identifiers", [{"scheme": "PLAKA", "value": "A"}, {"scheme": "PLAKA", "value": "B"}]),
    ("supplier.identifiers", [{"scheme": "SEVKIYATNO", "value": "ES-1345840"}]),
    ("supplier.tax_office", None),
    ("supplier.website", "https://deneme.example"),
    ("supplier.email", "a@deneme.example"),
    ("buyer", {"identity": "9205121120", "name": "X", "address": {"district": "A", "city": "B"}}),
    ("buyer", {"name": "X", "address": {"district": "A", "city": "B"}}),
    ("buyer", None),
    ("notes", ["Bir", "İki"]),
    ("issue_time", "23:59:59.999"),
    ("amount_in_words", False),
    ("tax_total_net", False),
    ("special_base_in_price", False),
    ("delivery", {"on": "2020-01-01"}),
    ("delivery", {"terms": "FOB", "package": {"kind": "PX"}}),
    ("delivery", None),
]


@st.composite
def tampered(draw: st.DrawFn) -> dict[str, Any]:
    """A right invoice of any pair in which up to three things are taken away, replaced or added."""
    found = values(*draw(st.sampled_from(ALL_PAIRS)))
    if draw(st.booleans()):
        found["lines"].append(deepcopy(found["lines"][0]))
    for _ in range(draw(st.integers(1, 3))):
        if draw(st.integers(0, 3)):
            place, value = draw(st.sampled_from(_CHANGES))
            _set(found, place, deepcopy(value))
        else:
            places = [*_places(found, ()), *(_split(path) for path in _OPTIONAL)]
            _put(found, draw(st.sampled_from(places)), draw(st.sampled_from(["pool", "remove"])), draw)
    return found


def _set(found: dict[str, Any], path: str, value: object) -> None:
    *parents, last = _split(path)
    place: Any = found
    for part in parents:
        try:
            place = place[part]
        except (KeyError, IndexError, TypeError):
            return
    if isinstance(place, dict):
        place[last] = value


def _put(found: dict[str, Any], place: tuple[str | int, ...], how: str, draw: st.DrawFn) -> None:
    parent: Any = found
    for part in place[:-1]:
        try:
            parent = parent[part]
        except (KeyError, IndexError, TypeError):
            return
    last = place[-1]
    if isinstance(parent, dict) and how == "remove":
        parent.pop(last, None)
    elif isinstance(parent, dict) or (isinstance(parent, list) and isinstance(last, int) and last < len(parent)):
        value = deepcopy(draw(st.sampled_from(_POOL)))
        parent[last] = value if draw(st.booleans()) else [value]


def _places(value: Any, place: tuple[str | int, ...]) -> list[tuple[str | int, ...]]:
    if isinstance(value, dict):
        inner = [(*place, key) for key in value]
        return inner + [found for key, one in value.items() for found in _places(one, (*place, key))]
    if isinstance(value, list):
        return [found for index, one in enumerate(value) for found in _places(one, (*place, index))]
    return []


def _split(path: str) -> tuple[str | int, ...]:
    return tuple(int(part) if part.isdigit() else part for part in path.split("."))
