"""The platform's own keys are rotated as a tenant's are, and entered in the platform's log."""

from __future__ import annotations

from connectors.secret import Secret
from hub.identity import signing_keys, users
from hub.identity.permissions import Role
from hub.identity.record import NewUser
from hub.identity.scope import PLATFORM_SCOPE
from hub.identity.sign_in import SignIn
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.keys.tenant_rotation import TenantRotation
from hub.kvkk.audit import Actor
from hub.sync.batch import Engine

ACTOR = Actor("test", "operator")
PASSWORD = "kırk yıllık hatır, bir fincan"


def test_the_platforms_people_and_signing_keys_open_under_the_new_key(engine: Engine) -> None:
    database = engine.database
    new = NewUser(email="yonetici@ornek.com.tr", name="Yönetici", role=Role.PLATFORM_ANALYST)
    user = users.add(database, engine.keyring, PLATFORM_SCOPE, new, actor=ACTOR, password=Secret(PASSWORD)).user
    before = SignIn(database, engine.keyring).password(new.email, PASSWORD)

    (rotated,) = TenantRotation(database, engine.keyring, actor=ACTOR, settled_seconds=0).rotate([PLATFORM_SCOPE])

    fresh = Keyring(database, read_master_key(database.settings.master_key_file))
    assert rotated.finished
    assert rotated.destroyed == 1
    assert rotated.resealed.keys() >= {
        "hub.users.login_cipher",
        "hub.users.name_cipher",
        "hub.sessions.origin_cipher",
        "hub.signing_keys.private_cipher",
    }
    assert users.get(database, fresh, PLATFORM_SCOPE, user.user_id).email == new.email
    after = SignIn(database, fresh).password(new.email, PASSWORD)
    for tokens in (before, after):
        assert SignIn(database, fresh).authenticate(tokens.access_token).subject == user.user_id
    assert signing_keys.jwks(database)["keys"]
    with database.without_tenant() as connection:
        row = connection.execute(
            "SELECT count(*) FROM hub.platform_audit_log WHERE action IN ('key_rotation_began', 'key_rotated')"
        ).fetchone()
    assert row == (2,)
