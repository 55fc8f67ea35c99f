"""Who may see what: every role, every crossing and every grant of the hub, in one table.

`hub migrate` makes the database agree with this file, and the catalogue gate (catalogue_gate.py) goes red where it
does not. Three kinds of role touch tenant data:

- *scoped* roles see the tenant of the transaction's setting; our own code sets it with a bound parameter;
- *analysts* may run any SQL, so no setting can bind them: the tenant comes from their login (`session_user`);
- *crossings* look across tenants, at the columns named here and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass

TENANT_SETTING = "hub.tenant_id"

OWNER = "owner"
ANALYST = "analyst"
LOGINS = ("app", "loader", "vault", "transform", "dagster", "provisioner")
"""Login roles of the data cluster. `provisioner` may create roles and serves hub/control/analysts.py alone."""
KEYS_LOGINS = ("keys",)
CROSSINGS = {
    "scheduler": "app",
    "dispatcher": "app",
    "resolver": "app",
    "janitor": "app",
    "platform": "app",
    "transformer": "transform",
}
"""Each crossing and the login that may step into it (WITH INHERIT FALSE: only by an explicit SET ROLE)."""
SCOPED = frozenset({"app", "loader", "vault", "provisioner", "keys"})
TEMPORARY = frozenset({"loader", "vault", "transform", "transformer", "keys"})
"""Roles that may make temporary tables (COPY into a table with row-level security is refused by Postgres)."""

ALL = ("*",)
Columns = tuple[str, ...]


@dataclass(frozen=True)
class Grant:
    """What one role may do with one table. `ALL` is the whole table; otherwise the columns are named."""

    role: str
    select: Columns = ()
    insert: Columns = ()
    update: Columns = ()
    delete: bool = False

    @property
    def writes(self) -> bool:
        """Whether the role may change anything."""
        return bool(self.insert or self.update or self.delete)

    def by_privilege(self) -> dict[str, Columns]:
        """Columns by SQL privilege; privileges that are not given are absent."""
        every = {"SELECT": self.select, "INSERT": self.insert, "UPDATE": self.update}
        given = {privilege: columns for privilege, columns in every.items() if columns}
        return given | ({"DELETE": ALL} if self.delete else {})


_SYNC_KEY = ("tenant_id", "provider", "stream")
_SYNC_STATUS = (
    "state",
    "last_attempt_at",
    "last_success_at",
    "last_failure_at",
    "failure_kind",
    "failure_code",
    "failure_status",
    "failure_provider_code",
    "failure_field",
    "consecutive_failures",
    "retry_at",
    "undeclared",
    "texts_dropped",
    "modelled_at",
    "policy_version",
)
_SYNC_CURSOR = ("synced_until", "rows_changed", "changed_at")
"""Written with the rows, in the loader's transaction, and by nobody else."""
_SYNC_CLAIM = ("fence", "claimed_by")
_TENANT_DIRECTORY = (
    "tenant_id",
    "name",
    "subdomain",
    "plan",
    "active",
    "language",
    "time_zone",
    "currency",
    "created_at",
    "suspended_at",
)
_INTEGRATION_STATUS = (
    "tenant_id",
    "provider",
    "environment",
    "state",
    "paused_reason",
    "consecutive_permanent_failures",
    "tested_at",
    "last_attempt_at",
    "next_due_at",
    "interval_seconds",
)
_FAILURE = ("failure_kind", "failure_code", "failure_status", "failure_provider_code", "failure_field")

TABLES: dict[str, tuple[Grant, ...]] = {
    "hub.tenants": (
        # No UPDATE of `subdomain`: a unique name across tenants answers whether another tenant has it.
        Grant(
            "app",
            select=ALL,
            insert=ALL,
            update=(
                "name",
                "tax_number_kind",
                "tax_number_cipher",
                "tax_number_hash",
                "tax_office",
                "kvkk_consent_date",
                "verbis_registration",
                "plan",
                "limits",
                "settings",
                "features",
                "active",
                "language",
                "time_zone",
                "currency",
                "suspended_at",
            ),
        ),
        Grant("platform", select=_TENANT_DIRECTORY),
        Grant("scheduler", select=("tenant_id", "active", "plan", "created_at")),
    ),
    "hub.integrations": (
        Grant("app", select=ALL, insert=ALL, update=ALL, delete=True),
        Grant("platform", select=_INTEGRATION_STATUS),
        Grant("scheduler", select=("tenant_id", "provider", "state", "next_due_at", "interval_seconds")),
    ),
    "hub.sync_state": (
        Grant(
            "app",
            select=ALL,
            insert=_SYNC_KEY + _SYNC_STATUS + _SYNC_CLAIM,
            update=_SYNC_STATUS + _SYNC_CLAIM,
            delete=True,
        ),
        Grant("loader", select=ALL, update=_SYNC_CURSOR),
        Grant("platform", select=_SYNC_KEY + _SYNC_STATUS + _SYNC_CURSOR),
        Grant("scheduler", select=_SYNC_KEY + _SYNC_STATUS + _SYNC_CURSOR + _SYNC_CLAIM),
        Grant("transformer", select=(*_SYNC_KEY, "changed_at", "modelled_at"), update=("modelled_at",)),
    ),
    "hub.sync_history": (
        Grant("app", select=ALL, insert=ALL, delete=True),
        Grant(
            "platform",
            select=(
                *_SYNC_KEY,
                "sync_id",
                "run_id",
                "started_at",
                "finished_at",
                "outcome",
                "rows_seen",
                "rows_changed",
                *_FAILURE,
            ),
        ),
        Grant("janitor", select=(*_SYNC_KEY, "sync_id", "finished_at")),
    ),
    "hub.consents": (
        Grant("app", select=ALL, insert=ALL, update=("withdrawn_at", "withdrawal_channel", "withdrawal_reason")),
        Grant("janitor", select=("tenant_id", "id", "expires_at", "withdrawn_at")),
    ),
    "hub.legal_bases": (
        Grant("app", select=ALL, insert=ALL, update=("ended_at", "ended_by", "end_reason")),
        Grant("janitor", select=("tenant_id", "id", "valid_until", "ended_at")),
    ),
    "hub.refusals": (
        Grant(
            "app",
            select=ALL,
            insert=ALL,
            update=(
                "data_subject",
                "code",
                "purpose",
                "last_refused_at",
                "window_start",
                "window_end",
                "settled_at",
                "settled_as",
            ),
            delete=True,
        ),
        Grant("platform", select=("tenant_id", "provider", "stream", "code", "settled_at")),
        Grant("janitor", select=("tenant_id", "refusal_id", "settled_at")),
    ),
    "hub.policy_overrides": (Grant("app", select=ALL, insert=ALL, update=ALL, delete=True),),
    # No UPDATE and no DELETE: who decided what, and when, stays.
    "hub.policy_decisions": (Grant("app", select=ALL, insert=ALL),),
    "hub.policy_rewrites": (
        Grant("app", select=ALL, insert=ALL, update=("rewritten_as_of",), delete=True),
        Grant("platform", select=("tenant_id", "provider", "stream", "column_name", "owed_since")),
    ),
    "hub.analyst_logins": (
        Grant("app", select=ALL),
        Grant("provisioner", select=ALL, insert=ALL, update=("label", "rotated_at", "revoked_at"), delete=True),
        Grant(ANALYST, select=("tenant_id", "role_name", "revoked_at")),
    ),
    "vault.subjects": (Grant("vault", select=ALL, insert=ALL, update=ALL, delete=True),),
    "vault.identifiers": (Grant("vault", select=ALL, insert=ALL, update=ALL, delete=True),),
    "vault.originals": (Grant("vault", select=ALL, insert=ALL, update=ALL, delete=True),),
    "vault.texts": (Grant("vault", select=ALL, insert=ALL, update=ALL, delete=True),),
    "vault.mentions": (Grant("vault", select=ALL, insert=ALL, update=ALL, delete=True),),
    "keys.tenant_keys": (Grant("keys", select=ALL, insert=ALL, update=ALL),),
    "keys.subject_keys": (Grant("keys", select=ALL, insert=ALL, update=ALL),),
}
"""Every table with tenant data that Alembic makes. `landing` and `marts` are generated: see `GENERATED`."""

GENERATED: dict[str, tuple[Grant, ...]] = {
    "landing": (
        Grant("loader", select=ALL, insert=ALL, update=ALL),
        Grant("transformer", select=ALL),
        Grant(ANALYST, select=ALL),
    ),
    "marts": (
        Grant("transformer", select=ALL, insert=ALL, update=ALL, delete=True),
        Grant(ANALYST, select=ALL),
    ),
}
"""Grants of every table in a generated schema."""

WITHOUT_TENANT: dict[str, tuple[Grant, ...]] = {
    "hub.alembic_version": (Grant("app", select=ALL),),
    "hub.applied_policies": (Grant("app", select=ALL),),
    # Whoever empties values out of a table says so here: the next migration writes its file anew.
    "hub.generated_tables": (Grant("app", select=ALL, update=("rewrite_due",)),),
    "keys.alembic_version": (Grant("keys", select=ALL),),
    "keys.master": (Grant("keys", select=ALL, insert=ALL),),
}
"""The only tables that belong to no tenant. They hold versions, policies and a key's fingerprint."""

UNIQUE_ACROSS_TENANTS = frozenset({"hub.tenants.subdomain", "hub.analyst_logins.role_name"})
"""The only unique columns without the tenant; no scoped role may write them for a tenant that exists."""

SCHEMA_USAGE: dict[str, tuple[str, ...]] = {
    "hub": ("app", "loader", "provisioner", "scheduler", "platform", "janitor", "transformer"),
    "vault": ("vault",),
    "landing": ("loader", "transformer", ANALYST),
    "marts": ("transformer", ANALYST),
    "keys": ("keys",),
}

# The texts below are spelt as Postgres prints them back, so that migration and gate can compare them.
SETTING_EXPRESSION = f"(tenant_id = NULLIF(current_setting('{TENANT_SETTING}'::text, true), ''::text))"
LOGIN_EXPRESSION = (
    "(tenant_id = ( SELECT l.tenant_id FROM hub.analyst_logins l "
    "WHERE ((l.role_name = (SESSION_USER)::text) AND (l.revoked_at IS NULL))))"
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
    schema = table.partition(".")[0]
    if schema in GENERATED:
        return GENERATED[schema]
    return TABLES[table] if table in TABLES else WITHOUT_TENANT[table]


def policies_of(table: str) -> tuple[Policy, ...]:
    """The policies that follow from a table's grants; none for a table without tenants."""
    return () if table in WITHOUT_TENANT else tuple(_policy(table, grant) for grant in grants_of(table))


def _policy(table: str, grant: Grant) -> Policy:
    if grant.role in SCOPED:
        return Policy(f"tenant_{grant.role}", grant.role, "ALL", SETTING_EXPRESSION, SETTING_EXPRESSION)
    if grant.role == ANALYST:
        own = table == "hub.analyst_logins"
        return Policy("login_analyst", ANALYST, "SELECT", OWN_LOGIN_EXPRESSION if own else LOGIN_EXPRESSION, None)
    if grant.role in CROSSINGS:
        command, check = ("ALL", CROSSING_EXPRESSION) if grant.writes else ("SELECT", None)
        return Policy(f"crossing_{grant.role}", grant.role, command, CROSSING_EXPRESSION, check)
    raise KeyError(grant.role)
