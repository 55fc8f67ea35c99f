"""Holds the database's catalogue against hub/db/roles.py: every table, view, function, grant and membership.

The gate does not know tables by heart. Whatever stands in the database and is not declared, or is declared otherwise,
is a finding; so is whatever would show rows past row-level security. Any login may run it: catalogues are readable.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hub.db import roles
from hub.migrations.security import read_policies

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hub.db.database import Connection
    from hub.settings import Settings

_OURS = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
_KINDS = {
    "m": "materialised_view",
    "f": "foreign_table",
    "S": "sequence",
}
"""Relations that carry no policy at all. (A sequence counts what every tenant did.)"""

Privileges = frozenset[tuple[str, str, str]]
"""(role, privilege, column or "*")."""


@dataclass(frozen=True)
class Finding:
    """One disagreement: a code, the object in question, and what about it."""

    code: str
    name: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.code}: {self.name} {self.detail}".strip()


def findings(connection: Connection, settings: Settings) -> list[Finding]:
    """Everything in the connection's database that is not as declared; empty when all is well."""
    return [
        *_relations(connection, settings),
        *_keys(connection),
        *_functions(connection),
        *_schemas(connection, settings),
        *_memberships(connection, settings),
        *_powers(connection, settings),
    ]


def _relations(connection: Connection, settings: Settings) -> Iterator[Finding]:
    rows = connection.execute(
        f"""
        SELECT n.nspname || '.' || c.relname, c.relkind::text, c.relrowsecurity AND c.relforcerowsecurity,
               'security_invoker=true' = ANY(coalesce(c.reloptions, '{{}}')), pg_get_userbyid(c.relowner), c.relhasrules
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE {_OURS} AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') ORDER BY 1
        """.encode()  # noqa: S608 - our own words
    ).fetchall()
    for name, kind, forced, invoker, owner, rules in rows:
        if kind in _KINDS:
            yield Finding(_KINDS[kind], name)
        elif kind == "v":
            if not invoker:
                yield Finding("view_of_its_owner", name)
        elif not roles.is_declared(name):
            yield Finding("table_undeclared", name)
        else:
            if owner != settings.role(roles.OWNER):
                yield Finding("table_owner", name, owner)
            if rules:
                yield Finding("table_with_rule", name)
            yield from _table(connection, settings, name, forced=forced)


def _table(connection: Connection, settings: Settings, name: str, *, forced: bool) -> Iterator[Finding]:
    if name not in roles.WITHOUT_TENANT:
        if not forced:
            yield Finding("security_not_forced", name)
        wanted = {
            policy.name: (policy.command, (settings.role(policy.role),), policy.using, policy.check)
            for policy in roles.policies_of(name)
        }
        standing = read_policies(connection, name)
        for policy in sorted(wanted.keys() | standing.keys()):
            if wanted.get(policy) != standing.get(policy):
                yield Finding("policy_differs", name, policy)
    difference = _declared_privileges(settings, name) ^ _standing_privileges(connection, settings, name)
    for role, privilege, column in sorted(difference):
        yield Finding("grant_differs", name, f"{role} {privilege} {column}")


def _declared_privileges(settings: Settings, name: str) -> Privileges:
    return frozenset(
        (settings.role(grant.role), privilege, column)
        for grant in roles.grants_of(name)
        for privilege, columns in grant.by_privilege().items()
        for column in columns
    )


def _standing_privileges(connection: Connection, settings: Settings, name: str) -> Privileges:
    rows = connection.execute(
        """
        SELECT coalesce(r.rolname, 'PUBLIC'), g.privilege || CASE WHEN g.grantable THEN ' GRANTABLE' ELSE '' END, g.part
        FROM (
            SELECT c.oid, a.grantee, a.privilege_type AS privilege, a.is_grantable AS grantable, '*' AS part
            FROM pg_catalog.pg_class c CROSS JOIN aclexplode(c.relacl) a
            UNION ALL
            SELECT t.attrelid, a.grantee, a.privilege_type, a.is_grantable, t.attname
            FROM pg_catalog.pg_attribute t CROSS JOIN aclexplode(t.attacl) a
        ) g
        JOIN pg_catalog.pg_class c ON c.oid = g.oid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_catalog.pg_roles r ON r.oid = g.grantee
        WHERE n.nspname || '.' || c.relname = %s
        """,
        (name,),
    )
    return frozenset(row for row in rows if row[0] != settings.role(roles.OWNER))


def _keys(connection: Connection) -> Iterator[Finding]:
    """Unique and foreign keys must begin with the tenant, or they answer whether another tenant has a value."""
    indexes = connection.execute(
        f"""
        SELECT n.nspname || '.' || c.relname, i.indisprimary, array_agg(coalesce(a.attname, '?') ORDER BY k.position)
        FROM pg_catalog.pg_index i
        JOIN pg_catalog.pg_class c ON c.oid = i.indrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        CROSS JOIN LATERAL unnest(i.indkey::int[]) WITH ORDINALITY AS k(attnum, position)
        LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
        WHERE {_OURS} AND (i.indisunique OR i.indisexclusion) AND k.position <= i.indnkeyatts
        GROUP BY 1, 2, i.indexrelid ORDER BY 1
        """.encode()  # noqa: S608 - our own words
    ).fetchall()
    primary = {name for name, is_primary, columns in indexes if is_primary and columns[0] == "tenant_id"}
    for name in _tenant_tables(connection):
        if name not in primary:
            yield Finding("primary_key_without_tenant", name)
    for name, is_primary, columns in indexes:
        allowed = len(columns) == 1 and f"{name}.{columns[0]}" in roles.UNIQUE_ACROSS_TENANTS
        if name not in roles.WITHOUT_TENANT and not is_primary and columns[0] != "tenant_id" and not allowed:
            yield Finding("unique_without_tenant", name, ", ".join(columns))
    references = connection.execute(
        """
        SELECT x.conrelid::regclass::text, x.conname FROM pg_catalog.pg_constraint x
        JOIN pg_catalog.pg_attribute a ON a.attrelid = x.conrelid AND a.attnum = x.conkey[1]
        JOIN pg_catalog.pg_attribute f ON f.attrelid = x.confrelid AND f.attnum = x.confkey[1]
        WHERE x.contype = 'f' AND (a.attname <> 'tenant_id' OR f.attname <> 'tenant_id')
        """
    )
    yield from (Finding("reference_without_tenant", name, constraint) for name, constraint in references)


def _tenant_tables(connection: Connection) -> list[str]:
    rows = connection.execute(
        f"""
        SELECT n.nspname || '.' || c.relname
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE {_OURS} AND c.relkind IN ('r', 'p') ORDER BY 1
        """.encode()  # noqa: S608 - our own words
    )
    return [row[0] for row in rows if row[0] not in roles.WITHOUT_TENANT]


def _functions(connection: Connection) -> Iterator[Finding]:
    """A function that runs as its owner, or that the planner may call before the policy has judged a row."""
    rows = connection.execute(
        f"""
        SELECT p.oid::regprocedure::text, p.prosecdef FROM pg_catalog.pg_proc p
        JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE {_OURS} AND (p.prosecdef OR p.proleakproof)
        """.encode()  # noqa: S608 - our own words
    )
    for name, definer in rows:
        yield Finding("function_security_definer" if definer else "function_leakproof", name)


def _schemas(connection: Connection, settings: Settings) -> Iterator[Finding]:
    rows = connection.execute(
        f"""
        SELECT n.nspname, coalesce(r.rolname, 'PUBLIC'), a.privilege_type
        FROM pg_catalog.pg_namespace n CROSS JOIN aclexplode(n.nspacl) a
        LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.grantee WHERE {_OURS} AND a.grantee <> n.nspowner
        """.encode()  # noqa: S608 - our own words
    ).fetchall()
    present = {row[0] for row in connection.execute("SELECT nspname FROM pg_catalog.pg_namespace").fetchall()}
    declared = {
        (schema, settings.role(role), "USAGE")
        for schema, users in roles.SCHEMA_USAGE.items()
        if schema in present
        for role in users
    }
    standing = {(schema, role, privilege) for schema, role, privilege in rows if role != "pg_database_owner"}
    for schema, role, privilege in sorted(declared ^ standing):
        yield Finding("schema_grant_differs", schema, f"{role} {privilege}")


def _memberships(connection: Connection, settings: Settings) -> Iterator[Finding]:
    """Who may become whom. (group, member) must be declared, with no more than the declared options."""
    ours = _our_roles(settings)
    analyst, provisioner = settings.role(roles.ANALYST), settings.role("provisioner")
    rows = connection.execute(
        """
        SELECT g.rolname, m.rolname, a.admin_option, a.inherit_option, a.set_option, m.rolsuper OR m.rolcreaterole
        FROM pg_catalog.pg_auth_members a
        JOIN pg_catalog.pg_roles g ON g.oid = a.roleid JOIN pg_catalog.pg_roles m ON m.oid = a.member
        WHERE g.rolname = ANY(%(ours)s) OR m.rolname = ANY(%(ours)s)
           OR starts_with(g.rolname, %(prefix)s) OR starts_with(m.rolname, %(prefix)s)
        """,
        {"ours": [*ours, analyst], "prefix": settings.role("an_")},
    ).fetchall()
    declared = {
        (settings.role(group), settings.role(login)): (False, False, True)
        for group, login in (roles.CROSSINGS | roles.KEYS_CROSSINGS).items()
    }
    declared[(analyst, provisioner)] = (True, False, False)
    for group, member, admin, inherit, may_set, administers in rows:
        wanted = declared.get((group, member))
        if group == analyst and member.startswith(settings.role("an_")):
            wanted = (False, True, False)
        elif group.startswith(settings.role("an_")) and member == provisioner:
            wanted = (True, False, False)
        elif member not in ours and administers:
            continue  # the administrator who made the role
        if wanted != (admin, inherit, may_set):
            yield Finding("membership_undeclared", group, member)


def _our_roles(settings: Settings) -> list[str]:
    logins = (*roles.LOGINS, *roles.KEYS_LOGINS)
    return [settings.role(name) for name in (roles.OWNER, *logins, *roles.CROSSINGS, *roles.KEYS_CROSSINGS)]


def _powers(connection: Connection, settings: Settings) -> Iterator[Finding]:
    ours = _our_roles(settings)
    rows = connection.execute(
        """
        SELECT rolname, rolsuper, rolbypassrls, rolcreatedb, rolreplication, rolcreaterole
        FROM pg_catalog.pg_roles WHERE rolname = ANY(%s) OR starts_with(rolname, %s) ORDER BY 1
        """,
        ([*ours, settings.role(roles.ANALYST)], settings.role("an_")),
    )
    names = ("SUPERUSER", "BYPASSRLS", "CREATEDB", "REPLICATION", "CREATEROLE")
    for role, *powers in rows:
        allowed = {"CREATEROLE"} if role == settings.role("provisioner") else set[str]()
        found = [name for name, given in zip(names, powers, strict=True) if given and name not in allowed]
        if found:
            yield Finding("role_too_powerful", role, " ".join(found))
