"""What Nilvera's refusals mean: HTTP status first, then the code of the first error in the body."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from connectors.classify import NOT_LICENSED
from connectors.decode import decode_json
from connectors.failure import ProviderFailure

if TYPE_CHECKING:
    from connectors.http import Answer

_CODE = re.compile(r"[0-9]{1,6}")


def failure_of(answer: Answer) -> ProviderFailure | None:
    """The failure that an answer is; None for 2xx.

    A body has `Message` and `Errors: [{Code, Description, Detail}]`; only the code is kept, for the words may quote the
    buyer. 3000 receiver's alias, 3001 sender's alias, 3002 alias unknown, 3003 and 3004 not found, 3005 empty, 3009
    series not defined, 3010 to 3012 template.
    """
    failure = answer.failure_of_status()
    if failure is None:
        return None
    if answer.status == 403:
        # The key is good, its scope is not: 401 says that the key is not.
        failure = ProviderFailure(NOT_LICENSED.kind, NOT_LICENSED.code, status=answer.status)
    code = error_code(answer)
    if code is None:
        return failure
    return ProviderFailure(
        failure.kind, failure.code, status=answer.status, provider_code=code, retry_after=failure.retry_after
    )


def error_code(answer: Answer) -> str | None:
    """The code of the first error of a body; None when there is none that is a number."""
    try:
        document: Any = decode_json(answer.content)
    except ProviderFailure:
        return None
    errors: Any = document.get("Errors") if isinstance(document, dict) else None  # pyright: ignore[reportUnknownVariableType]
    first: Any = errors[0] if isinstance(errors, list) and errors else None  # pyright: ignore[reportUnknownVariableType]
    code = str(first.get("Code")) if isinstance(first, dict) else ""  # pyright: ignore[reportUnknownArgumentType]
    return code if _CODE.fullmatch(code) else None
