"""Many made-up calls of every operation by somebody of each role: no 5xx, and no answer that is not described.

As tests/hub/api/test_schemathesis.py, with more of everything. Each run makes up other calls, so a failure prints the
call with which schemathesis can be asked again.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
import requests

from hub.api.app import the_api
from hub.identity.permissions import Role
from tests.hub.api import fuzzing
from tests.hub.api.conftest import crowd, door, served  # noqa: F401 - fixtures

if TYPE_CHECKING:
    from tests.hub.api.conftest import Door

pytestmark = [pytest.mark.prove, pytest.mark.usefixtures("crowd")]

_EXAMPLES = int(os.environ.get("HUB_PROVE_EXAMPLES", "40"))


@pytest.mark.parametrize("role", [None, *Role])
def test_nothing_that_is_made_up_breaks_the_api(door: Door, role: Role | None) -> None:  # noqa: F811 - the fixture
    schema = fuzzing.described(the_api(door.services).openapi())
    failures: list[str] = []
    if role not in {None, Role.MACHINE}:
        door.renew()
    with requests.Session() as session:
        for operation in fuzzing.operations(schema):
            # Those who are sent away are sent away by the gate: a few calls of theirs show it.
            examples = _EXAMPLES if role is not None and fuzzing.may(operation, role) else 5
            try:
                fuzzing.fuzz(operation, door=door, role=role, session=session, examples=examples, fixed=False)
            except (Exception, BaseExceptionGroup) as error:  # schemathesis' groups are no Exception
                causes = getattr(error, "exceptions", (error,))
                failures.append(f"{operation.label}: " + "; ".join(str(cause) for cause in causes))
    assert failures == []
