"""Who may see what: every role, every crossing and every grant of the hub, in one table.

`hub migrate` makes the database agree with this file, and the catalogue gate (catalogue_gate.py) goes red where it
does not. Three kinds of role touch tenant data:

- *scoped* roles see the tenant of the transaction's setting; our own code sets it with a bound parameter;
- *analysts* may run any SQL, so no setting can bind them: the tenant comes from their login (`session_user`);
- *crossings* look across tenants, at the columns named here and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass

from hub.db.grant import ALL, ANALYST, Grant
from hub.db.grants import TABLES

TENANT_SETTING = "hub.tenant_id"
RESTORING_SCHEMA = "hub_restoring"
RESTORED_SCHEMA = "hub_restored"
"""While `hub restore` works on a database, an empty schema of the first name stands in it, and of the second one when
nothing is left but to let people in; until neither does nobody else gets in (hub/db/database.py). A schema and not a
setting of the database: only a superuser may give a database a setting of ours."""
RESTORE_MARKS = (RESTORING_SCHEMA, RESTORED_SCHEMA)

OWNER = "owner"
LOGINS = ("app", "loader", "reader", "eraser", "forgetter", "vault", "transform", "dagster", "provisioner")
"""Login roles of the data cluster. `provisioner` may create roles and serves hub/control/analysts.py alone, `forgetter`
deletes a forgotten tenant's rows and serves hub/kvkk/forget alone, `reader` reads landing and marts for the API."""
KEYS_LOGINS = ("keys", "keys_forgetter")
"""Login roles of the key cluster; the second one is the forgetter there."""
FORGETTERS = dict.fromkeys(("hub", "vault", "landing", "marts"), "forgetter") | {"keys": "keys_forgetter"}
"""Who may delete a tenant's rows in every table of a schema, one tenant's at a time, and read nothing but the id."""
CROSSINGS = {
    "scheduler": "app",
    "dispatcher": "app",
    "resolver": "app",
    "janitor": "app",
    "platform": "app",
    "transformer": "transform",
}
"""Each crossing and the login that may step into it (WITH INHERIT FALSE: only by an explicit SET ROLE)."""
KEYS_CROSSINGS = {"custodian": "keys"}
"""The same on the key cluster. `custodian` sees which master key wrapped whose rows, and no key: whether a rotation is
over cannot be asked tenant by tenant (a tenant that is being added has keys before it is listed)."""
SCOPED = frozenset({"app", "loader", "reader", "eraser", "vault", "provisioner", "keys", *FORGETTERS.values()})
TEMPORARY = frozenset({"loader", "eraser", "vault", "transform", "transformer", "keys"})
"""Roles that may make temporary tables (COPY into a table with row-level security is refused by Postgres)."""

GENERATED: dict[str, tuple[Grant, ...]] = {
    "landing": (
        Grant("loader", select=ALL, insert=ALL, update=ALL),
        Grant("reader", select=ALL),
        # Who brings rows in cannot take them away, and who takes them away (erasure, retention) brings none in.
        Grant("eraser", select=ALL, update=ALL, delete=True),
        Grant("transformer", select=ALL),
        Grant(ANALYST, select=ALL),
    ),
    "marts": (
        Grant("transformer", select=ALL, insert=ALL, update=ALL, delete=True),
        Grant("reader", select=ALL),
        Grant(ANALYST, select=ALL),
    ),
}
"""Grants of every table in a generated schema."""

WITHOUT_TENANT: dict[str, tuple[Grant, ...]] = {
    "hub.alembic_version": (Grant("app", select=ALL),),
    "hub.applied_policies": (Grant("app", select=ALL),),
    # No UPDATE and no DELETE, as for a tenant's log; what no tenant may see is written here.
    "hub.platform_audit_log": (Grant("app", select=ALL, insert=ALL),),
    # Whoever empties values out of a table says so here: the next migration writes its file anew.
    "hub.generated_tables": (Grant("app", select=ALL, update=("rewrite_due",)),),
    "keys.alembic_version": (Grant("keys", select=ALL),),
    "keys.master": (Grant("keys", select=ALL, insert=ALL, update=("retired_at",)),),
    # Hashes of ids that no tenant has any more; a restore asks it.
    "keys.forgotten_tenants": (Grant("keys", select=ALL, insert=ALL),),
}
"""The only tables that belong to no tenant: versions, policies, a key's fingerprint, the platform's own audit log."""

UNIQUE_ACROSS_TENANTS = frozenset({"hub.tenants.subdomain", "hub.analyst_logins.role_name"})
"""The only unique columns without the tenant; no scoped role may write them for a tenant that exists."""

SCHEMA_USAGE: dict[str, tuple[str, ...]] = {
    "hub": (
        "app",
        "loader",
        "eraser",
        "provisioner",
        "scheduler",
        "platform",
        "janitor",
        "transformer",
        "dispatcher",
        "resolver",
        "forgetter",
    ),
    "vault": ("vault", "forgetter"),
    "landing": ("loader", "reader", "eraser", "forgetter", "transformer", ANALYST),
    "marts": ("transformer", "reader", "forgetter", ANALYST),
    "keys": ("keys", "keys_forgetter", "custodian"),
}

# The texts below are spelt as Postgres prints them back, so that migration and gate can compare them.
SETTING_EXPRESSION = f"(tenant_id = NULLIF(current_setting('{TENANT_SETTING}'::text, true), ''::text))"
_OF_LOGIN = "FROM hub.analyst_logins l WHERE ((l.role_name = (SESSION_USER)::text) AND (l.revoked_at IS NULL))"
# Said twice. The equation is for indexes. But Postgres lets a leakproof condition go in front of a policy that costs
# more, and a null test, a boolean column or a subscript costs nothing: an analyst who puts a side effect behind one
# could try any tenant's values. The policy's own subscript costs nothing either, and of equals the policy's is first.
LOGIN_EXPRESSION = (
    f"((tenant_id = ( SELECT l.tenant_id {_OF_LOGIN})) AND "
    f"((( SELECT jsonb_build_object(l.tenant_id, true) AS jsonb_build_object {_OF_LOGIN}))[tenant_id] IS NOT NULL))"
)
OWN_LOGIN_EXPRESSION = "(role_name = (SESSION_USER)::text)"
CROSSING_EXPRESSION = "true"


@dataclass(frozen=True)
class Policy:
    """One row-level security policy, as it must stand in the catalogue."""

    name: str
    role: str
    command: str
    using: str
    check: str | None


def is_declared(table: str) -> bool:
    """Whether this file says who may see `schema.table`."""
    return table.partition(".")[0] in GENERATED or table in TABLES or table in WITHOUT_TENANT


def grants_of(table: str) -> tuple[Grant, ...]:
    """The grants of `schema.table`; KeyError for a table that nobody declared."""
    if table in WITHOUT_TENANT:
        return WITHOUT_TENANT[table]
    schema = table.partition(".")[0]
    forgetter = Grant(FORGETTERS[schema], select=("tenant_id",), delete=True)
    return (*(GENERATED[schema] if schema in GENERATED else TABLES[table]), forgetter)


def policies_of(table: str) -> tuple[Policy, ...]:
    """The policies that follow from a table's grants; none for a table without tenants."""
    return () if table in WITHOUT_TENANT else tuple(_policy(table, grant) for grant in grants_of(table))


def _policy(table: str, grant: Grant) -> Policy:
    if grant.role in SCOPED:
        return Policy(f"tenant_{grant.role}", grant.role, "ALL", SETTING_EXPRESSION, SETTING_EXPRESSION)
    if grant.role == ANALYST:
        own = table == "hub.analyst_logins"
        return Policy("login_analyst", ANALYST, "SELECT", OWN_LOGIN_EXPRESSION if own else LOGIN_EXPRESSION, None)
    if grant.role in CROSSINGS or grant.role in KEYS_CROSSINGS:
        command, check = ("ALL", CROSSING_EXPRESSION) if grant.writes else ("SELECT", None)
        return Policy(f"crossing_{grant.role}", grant.role, command, CROSSING_EXPRESSION, check)
    raise KeyError(grant.role)
