"""From what a person or a program wrote to an invoice; every wrong field is named with its path and its fix."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from hub.einvoice.invoice.customs import with_customs
from hub.einvoice.invoice.invoice import Invoice
from hub.einvoice.invoice.rules.all import problems
from hub.errors import HubError
from hub.validation import InvalidInput, Problem, problem_at

CODES = {
    "decimal_type": "field_not_a_number",
    "decimal_parsing": "field_not_a_number",
    "finite_number": "field_not_a_number",
    "int_parsing": "field_not_a_number",
    "int_type": "field_not_a_number",
    "int_from_float": "field_not_a_number",
    "decimal_max_places": "field_too_precise",
    "decimal_max_digits": "field_too_many_digits",
    "decimal_whole_digits": "field_too_many_digits",
    "greater_than_equal": "field_negative",
    "less_than_equal": "field_above",
    "less_than": "field_above",
    "time_parsing": "field_not_a_time",
    "time_type": "field_not_a_time",
    "model_type": "field_not_a_group",
    "model_attributes_type": "field_not_a_group",
    "tuple_type": "field_not_a_list",
    "string_pattern_mismatch": "field_wrong",
    "string_unicode": "field_holds_control_characters",
}


def read_json(text: str | bytes, *, defaults: Mapping[str, Any] | None = None) -> Invoice:
    """One invoice from a JSON object. `defaults` fill top-level fields it leaves out (a tenant's own `supplier`).

    HubError `einvoice_not_json`; InvalidInput with paths such as `lines[2].quantity`.
    """
    try:
        values = json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, dict):
        raise HubError("einvoice_not_json")
    return read({**(defaults or {}), **values})


def read(values: Mapping[str, Any]) -> Invoice:
    """One invoice from nested mappings. InvalidInput as in `read_json`; the rules of its scenario hold afterwards."""
    invoice, wrong = parsed(values)
    if invoice is None or wrong:
        raise InvalidInput(wrong)
    return invoice


def parsed(values: Mapping[str, Any]) -> tuple[Invoice | None, list[Problem]]:
    """The invoice, and what is wrong with it: of its fields, or of the rules when all fields can be read."""
    try:
        invoice = Invoice.model_validate(with_customs(values))
    except ValidationError as error:
        return None, [_problem(dict(one)) for one in error.errors(include_url=False, include_input=False)]
    return invoice, list(problems(invoice))


def _problem(detail: dict[str, Any]) -> Problem:
    place = [part for part in detail["loc"] if part != "[key]"]
    code = CODES.get(detail["type"])
    if code is not None:
        context: Mapping[str, Any] = detail.get("ctx") or {}
        return Problem(path(place), code, {key: str(value) for key, value in context.items() if key != "error"})
    return problem_at(path(place), detail, known=_fields_at(place))


def path(place: Sequence[str | int]) -> str:
    """`lines[2].quantity` for ("lines", 2, "quantity"); lists count from zero, as in the JSON that was read."""
    shown = ""
    for part in place:
        shown += f"[{part}]" if isinstance(part, int) else f".{part}" if shown else part
    return shown or "-"


def _fields_at(place: Sequence[str | int]) -> list[str]:
    """The fields that the group has in which an unknown one stands."""
    model: type[BaseModel] = Invoice
    for part in place[:-1]:
        if isinstance(part, str) and part in model.model_fields:
            model = _model_in(model.model_fields[part].annotation) or model
    return list(model.model_fields)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for inner in get_args(annotation) if (found := _model_in(inner)) is not None), None)
