"""Names the field of a call in which a wrong value stood, for errors whose own words know no fields."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from hub.errors import HubError
from hub.validation import InvalidInput, Problem

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping


@contextmanager
def naming_fields(codes: Mapping[str, str], names: Mapping[str, str] | None = None) -> Generator[None]:
    """`codes` leads from how an error's code begins to the field; `names` from a domain's field to the call's.

    Raises `InvalidInput` in the place of such errors; others pass as they are.
    """
    try:
        yield
    except InvalidInput as error:
        renamed = names or {}
        found = [Problem(renamed.get(one.field, one.field), one.code, one.params) for one in error.problems]
    except HubError as error:
        field = next((field for start, field in codes.items() if error.code.startswith(start)), None)
        if field is None:
            raise
        found = [Problem(field, error.code, error.params)]
    else:
        return
    raise InvalidInput(found)
