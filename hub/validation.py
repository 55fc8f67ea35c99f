"""What a person typed, checked all at once: every wrong field is named with its fix, and no value is repeated.

Values stay out of the errors because they may be identity numbers or secrets, and errors reach logs.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from hub.errors import HubError

if TYPE_CHECKING:
    from pydantic import BaseModel

    Model = TypeVar("Model", bound=BaseModel)

_CODES = {
    "missing": "field_missing",
    "string_type": "field_not_a_text",
    "list_type": "field_not_a_list",
    "bool_type": "field_not_a_truth",
    "bool_parsing": "field_not_a_truth",
    "model_attributes_type": "field_not_an_object",
    "model_type": "field_not_an_object",
    "dict_type": "field_not_an_object",
    "int_type": "field_not_a_number",
    "extra_forbidden": "field_unknown",
    "string_too_short": "field_too_short",
    "string_too_long": "field_too_long",
    "too_short": "field_too_few_items",
    "too_long": "field_too_many_items",
    "literal_error": "field_not_in_list",
    "enum": "field_not_in_list",
    "greater_than": "field_not_positive",
    "greater_than_equal": "field_not_positive",
    "less_than_equal": "field_too_large",
    "decimal_parsing": "field_not_a_number",
    "int_parsing": "field_not_a_number",
    "ip_any_address": "field_not_an_address",
    "timezone_aware": "field_without_time_zone",
}


@dataclass(frozen=True)
class Problem:
    """One wrong field: `code` selects the text, `params` fill it (names and limits, never the value)."""

    field: str
    code: str
    params: Mapping[str, str | int | float] = dataclasses.field(default_factory=dict[str, str | int | float])


class InvalidInput(HubError):
    """One or more fields are wrong."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("input_invalid", fields=", ".join(dict.fromkeys(problem.field for problem in problems)))


def checked(model: type[Model], values: Mapping[str, Any], *, beside: Sequence[str] = ()) -> Model:
    """The values as a model; `InvalidInput` names every field that is wrong.

    `beside` are fields that whoever typed may give too, and that were taken out of the values: they are known as well.
    """
    from pydantic import ValidationError

    try:
        return model.model_validate(dict(values))
    except ValidationError as error:
        problems = [
            _problem(dict(detail), model, beside) for detail in error.errors(include_url=False, include_input=False)
        ]
    raise InvalidInput(problems)  # outside the handler: pydantic's own error holds the values


def _problem(detail: Mapping[str, Any], model: type[BaseModel], beside: Sequence[str]) -> Problem:
    context: Mapping[str, Any] = detail.get("ctx") or {}
    # A rule about several fields has no place of its own and names the one to mend.
    name = str(detail["loc"][0] if detail["loc"] else context.get("field", "-"))
    return problem_at(name, detail, known=[*beside, *model.model_fields])


def problem_at(field: str, detail: Mapping[str, Any], *, known: Sequence[str]) -> Problem:
    """One of pydantic's errors about a field. `known` are the fields that may stand where an unknown one does."""
    code = str(detail["type"])
    context: Mapping[str, Any] = detail.get("ctx") or {}
    params = {key: value for key, value in context.items() if isinstance(value, str | int | float)}
    if code in {"literal_error", "enum"}:
        # pydantic lists them as "'a', 'b' or 'c'", in English whoever reads it.
        params["expected"] = ", ".join(re.findall("'([^']*)'", str(params["expected"])))
    if code in {"string_too_short", "too_short"} and params.get("min_length") == 1:
        return Problem(field, "field_empty", params)
    if code == "less_than_equal":
        params = {"limit": params["le"]} if "le" in params else {}
    if code == "extra_forbidden":
        params = {"known": ", ".join(known)}
    if code.startswith(("date_", "datetime_", "timezone_naive")):
        code = "field_not_a_date"
    return Problem(field, code if code.startswith("field_") else _CODES.get(code, "field_wrong"), params)
