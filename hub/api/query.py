"""A query parameter that a call does not know is refused: passed over, a mistyped filter would answer with everything.

What a call knows is what its function takes, so this and the description of the API cannot differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args, get_origin

from fastapi import params
from fastapi.dependencies.utils import get_flat_params

from hub.api.problems import MOST_NAME_CHARACTERS
from hub.validation import InvalidInput, Problem

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from fastapi.dependencies.models import Dependant
    from starlette.requests import Request

_MOST_NAMED = 20


@dataclass(frozen=True)
class Parameters:
    """The query parameters of one route by name, and whether each may stand more than once."""

    repeatable: Mapping[str, bool]

    @classmethod
    def of(cls, dependant: Dependant) -> Parameters:
        """Those that the route's function takes, and what it depends on."""
        fields = [field for field in get_flat_params(dependant) if isinstance(field.field_info, params.Query)]
        return cls({field.alias: _is_list(field.field_info.annotation) for field in fields})

    def require(self, request: Request) -> None:
        """InvalidInput for a name that is none of these, and for one that is given twice but stands for one value."""
        given = request.query_params
        problems: list[Problem] = []
        for name in given:
            if name not in self.repeatable:
                problems.append(self._unknown(name))
            elif not self.repeatable[name] and len(given.getlist(name)) > 1:
                problems.append(Problem(name, "parameter_repeated"))
        if problems:
            raise InvalidInput(problems[:_MOST_NAMED])

    def _unknown(self, name: str) -> Problem:
        shown = name[:MOST_NAME_CHARACTERS]
        if not self.repeatable:
            return Problem(shown, "parameter_of_none")
        return Problem(shown, "parameter_unknown", {"known": ", ".join(self.repeatable)})


def _is_list(annotation: Any) -> bool:
    return get_origin(annotation) is list or any(map(_is_list, get_args(annotation)))


def one_of(field: str, value: str | None, known: Collection[str]) -> str | None:
    """A filter's word, if it is one: InvalidInput for another, which would find nothing without saying why."""
    if value is not None and value not in known:
        raise InvalidInput([Problem(field, "field_not_in_list", {"expected": ", ".join(sorted(known))})])
    return value
