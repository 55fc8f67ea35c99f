"""The fields of an override as a person gives them, and what makes each of them right."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, cast

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError

from hub.validation import checked
from kvkk_policies.override import Override
from kvkk_policies.vocabulary import ORDINARY_BASES, RETENTION, ActionName

Decider = Annotated[str, Field(min_length=1, max_length=200)]


class NewOverride(BaseModel):
    """What a tenant decided for one column. Whether the policy allows it is another question."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, str_strip_whitespace=True)

    action: ActionName
    legal_basis: str
    retention: str
    params: dict[str, Any] = Field(default_factory=dict[str, Any])
    by: Decider

    @field_validator("legal_basis")
    @classmethod
    def _is_ordinary(cls, value: str) -> str:
        if value not in ORDINARY_BASES:
            raise PydanticCustomError("field_not_in_list", "", {"expected": ", ".join(sorted(ORDINARY_BASES))})
        return value

    @field_validator("retention")
    @classmethod
    def _is_a_period(cls, value: str) -> str:
        if re.fullmatch(RETENTION, value) is None:
            raise PydanticCustomError("field_not_a_retention", "")
        return value

    @field_validator("params", mode="before")
    @classmethod
    def _are_params(cls, value: object) -> object:
        if isinstance(value, Sequence) and not isinstance(value, str):
            read = _read(cast("Sequence[object]", value))
            if read is None:
                raise PydanticCustomError("field_not_params", "")
            return read
        return value

    @property
    def override(self) -> Override:
        """The choice without the person who made it."""
        return Override(self.action, self.legal_basis, self.retention, self.params)


def _read(given: Sequence[object]) -> dict[str, Any] | None:
    """Parameters out of `NAME=VALUE` and JSON objects; None for anything else."""
    params: dict[str, Any] = {}
    for each in map(str, given):
        name, equals, value = each.partition("=")
        if each.lstrip().startswith("{"):
            said = _json(each)
            if not isinstance(said, Mapping):
                return None
            params |= cast("Mapping[str, Any]", said)
        elif equals and name.strip():
            params[name.strip()] = _json(value)
        else:
            return None
    return params


def _json(text: str) -> Any:
    """A value as JSON where it is JSON (4, true, [1, 2]), else the text itself."""
    try:
        return json.loads(text)
    except ValueError:
        return text


class _Decider(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, str_strip_whitespace=True)

    by: Decider


def named(by: str | None) -> str:
    """Who takes a choice back. `InvalidInput` when nobody is named."""
    return checked(_Decider, {} if by is None else {"by": by}).by
