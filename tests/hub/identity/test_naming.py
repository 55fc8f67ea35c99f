"""Names that are stated on the hub's machine, and whose they are."""

from __future__ import annotations

from uuid import uuid4

import pytest

from hub.db.database import Database
from hub.identity import users
from hub.identity.naming import is_user, known_as
from hub.identity.permissions import Role
from hub.identity.record import NewUser
from hub.keys.keyring import Keyring
from hub.kvkk.audit import Actor
from tests.conftest import MakeTenant


@pytest.mark.parametrize("stated", ["{email}", "{EMAIL}", "{name}", "user:{id}"])
def test_a_user_is_known_by_address_name_and_id(
    database: Database, keyring: Keyring, make_tenant: MakeTenant, stated: str
) -> None:
    tenant_id = make_tenant()
    new = NewUser(email=f"d-{uuid4().hex[:8]}@ornek.com.tr", name="Hatice Kaya", role=Role.DPO)
    user = users.add(database, keyring, tenant_id, new, actor=Actor("test", "operator")).user
    name = stated.format(email=new.email, EMAIL=f" {new.email.upper()} ", name="hatice kaya", id=user.user_id)

    known = known_as(database, keyring, tenant_id, name)

    assert known == f"user:{user.user_id}"
    assert is_user(known)


def test_a_name_of_nobody_or_of_several_stays_as_it_was_stated(
    database: Database, keyring: Keyring, make_tenant: MakeTenant
) -> None:
    tenant_id = make_tenant()
    for _ in range(2):
        new = NewUser(email=f"d-{uuid4().hex[:8]}@ornek.com.tr", name="Hatice Kaya", role=Role.DPO)
        users.add(database, keyring, tenant_id, new, actor=Actor("test", "operator"))

    assert known_as(database, keyring, tenant_id, "memur") == "memur"
    assert known_as(database, keyring, tenant_id, "Hatice Kaya") == "Hatice Kaya"
    assert not is_user("user:memur")
