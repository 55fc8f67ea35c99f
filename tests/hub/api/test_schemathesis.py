"""The description of the API is true: made-up calls of each operation get the answers that it declares, and no 5xx.

A few calls of each operation by somebody who may make them; tests/proofs/test_api_fuzz.py makes many as everybody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests

from hub.identity.permissions import Role
from tests.hub.api import fuzzing
from tests.hub.api.operations import api_of

if TYPE_CHECKING:
    from tests.hub.api.conftest import Door

pytestmark = pytest.mark.usefixtures("crowd")

_WHO = (Role.OWNER, Role.DPO, Role.PLATFORM_ADMIN)
_EXAMPLES = 2


def test_made_up_calls_get_answers_that_are_described(door: Door) -> None:
    schema = fuzzing.described(api_of(door.services).openapi())
    failures: list[str] = []
    called: set[Role] = set()
    with requests.Session() as session:
        for operation in fuzzing.operations(schema):
            role = next(role for role in _WHO if fuzzing.may(operation, role))
            called.add(role)
            try:
                fuzzing.fuzz(operation, door=door, role=role, session=session, examples=_EXAMPLES, fixed=True)
            except Exception as error:
                failures.append(f"{operation.label} as {role}: {error!r} {getattr(error, 'exceptions', '')}")
    assert failures == []
    assert called >= {Role.OWNER, Role.PLATFORM_ADMIN}
