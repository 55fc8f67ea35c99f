"""What each role may do, in one table. Every route names one permission, and nothing else decides who gets in.

A permission is of one level: *tenant* ones hold within the caller's tenant, *platform* ones across tenants and never
for a tenant's own people. A platform role's tenant permissions hold in the tenant to which it narrows a call. What
shows personal data in clear, or decides whether it is (`SHOWS_ORIGINALS`), wants a second factor as well, so a machine
never has it.
"""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Set


class Role(StrEnum):
    """Two roles of the operator's staff, four of a tenant's people, and the machine, which has chosen scopes."""

    PLATFORM_ADMIN = "platform_admin"
    PLATFORM_ANALYST = "platform_analyst"
    OWNER = "owner"
    ENGINEER = "engineer"
    ANALYST = "analyst"
    DPO = "dpo"
    """Data-protection officer (veri koruma görevlisi; the desk that answers data subjects)."""
    MACHINE = "machine"


PLATFORM_ROLES = frozenset({Role.PLATFORM_ADMIN, Role.PLATFORM_ANALYST})
TENANT_ROLES = frozenset({Role.OWNER, Role.ENGINEER, Role.ANALYST, Role.DPO})


class Permission(StrEnum):
    """One thing that may be done. The value is also the scope of a token or key."""

    TENANTS_READ = "tenants.read"
    TENANTS_MANAGE = "tenants.manage"
    STAFF_MANAGE = "staff.manage"
    """The platform's own users."""
    PLATFORM_AUDIT_READ = "platform.audit.read"
    DAGSTER_VIEW = "dagster.view"
    DAGSTER_OPERATE = "dagster.operate"

    SELF_READ = "self.read"
    """Who one is: of every person and every key, whatever its scopes."""
    ACCOUNT = "account"
    """One's own account: password, second factor, sessions."""
    PROFILE_READ = "profile.read"
    PROFILE_MANAGE = "profile.manage"
    USERS_READ = "users.read"
    USERS_MANAGE = "users.manage"
    KEYS_MANAGE = "keys.manage"
    """API keys, which are also the clients of client credentials."""
    INTEGRATIONS_READ = "integrations.read"
    INTEGRATIONS_MANAGE = "integrations.manage"
    SYNCS_START = "syncs.start"
    STATUS_READ = "status.read"
    DATA_READ = "data.read"
    """Landing tables and marts, masked as they are."""
    INBOX_READ = "inbox.read"
    INBOX_REPLAY = "inbox.replay"
    WEBHOOKS_READ = "webhooks.read"
    WEBHOOKS_MANAGE = "webhooks.manage"
    ACTIONS_READ = "actions.read"
    ACTIONS_SEND = "actions.send"
    ACTIONS_DECIDE = "actions.decide"
    TEMPLATES_READ = "templates.read"
    TEMPLATES_MANAGE = "templates.manage"
    INVOICES_READ = "invoices.read"
    INVOICES_ISSUE = "invoices.issue"
    INVOICES_DOWNLOAD = "invoices.download"
    INVOICES_MANAGE = "invoices.manage"
    """Who one is on invoices, their series and seal: the taxpayer's own word, never a machine's or the staff's."""
    CONSENTS_READ = "consents.read"
    CONSENTS_RECORD = "consents.record"
    REQUESTS_READ = "requests.read"
    REQUESTS_OPEN = "requests.open"
    REQUESTS_HANDLE = "requests.handle"
    REQUESTS_DOWNLOAD = "requests.download"
    REQUESTS_APPROVE = "requests.approve"
    """The second pair of eyes for an erasure of many: the owner's too, for an office of one person has no second. And
    the desk's settings, which both decide."""
    DESTRUCTION_READ = "destruction.read"
    DESTRUCTION_DECIDE = "destruction.decide"
    """What is not destroyed (legal holds) or must be (data whose consent ended): the desk's, as erasure is."""
    BREACHES_READ = "breaches.read"
    BREACHES_HANDLE = "breaches.handle"
    BREACHES_DOWNLOAD = "breaches.download"
    """The Board's form, which names the controller's contact person."""
    INVENTORY_READ = "inventory.read"
    POLICIES_MANAGE = "policies.manage"
    """A tenant's own actions for columns: the controller's decision, so never the operator's staff's."""
    USAGE_READ = "usage.read"
    MAILS_READ = "mails.read"
    MAILS_DECIDE = "mails.decide"
    """Mails that failed or of which nobody knows whether they arrived. Neither recipient nor text is shown."""
    AUDIT_READ = "audit.read"


_P = Permission

PLATFORM_LEVEL = frozenset(
    {
        _P.TENANTS_READ,
        _P.TENANTS_MANAGE,
        _P.STAFF_MANAGE,
        _P.PLATFORM_AUDIT_READ,
        _P.DAGSTER_VIEW,
        _P.DAGSTER_OPERATE,
    }
)
"""The rest is of the tenant's level."""

SHOWS_ORIGINALS = frozenset(
    {
        _P.INVOICES_DOWNLOAD,
        _P.REQUESTS_DOWNLOAD,
        _P.BREACHES_DOWNLOAD,
        # A choice, or taking one back, lets a column through in clear to all who read data from then on.
        _P.POLICIES_MANAGE,
    }
)

WHILE_SUSPENDED = frozenset(
    {
        _P.SELF_READ,
        _P.ACCOUNT,
        _P.USERS_MANAGE,
        _P.KEYS_MANAGE,
        _P.WEBHOOKS_MANAGE,
        _P.ACTIONS_DECIDE,
        _P.TEMPLATES_READ,
        _P.CONSENTS_READ,
        _P.CONSENTS_RECORD,
        _P.REQUESTS_OPEN,
        _P.REQUESTS_HANDLE,
        _P.REQUESTS_DOWNLOAD,
        _P.REQUESTS_APPROVE,
        _P.BREACHES_HANDLE,
        _P.BREACHES_DOWNLOAD,
    }
)
"""With what a suspended tenant's people and keys still do more than read: say who comes in and who is told, withdraw
what waits, and whatever the law asks of a controller, whose terms run on. Nothing of it reaches a provider."""

_EVERYBODY = frozenset({_P.SELF_READ, _P.ACCOUNT, _P.PROFILE_READ, _P.STATUS_READ, _P.USAGE_READ})
_OPERATES = frozenset(
    {
        _P.INTEGRATIONS_READ,
        _P.INTEGRATIONS_MANAGE,
        _P.SYNCS_START,
        _P.INBOX_READ,
        _P.INBOX_REPLAY,
        _P.WEBHOOKS_READ,
        _P.WEBHOOKS_MANAGE,
        _P.ACTIONS_READ,
        _P.INVENTORY_READ,
    }
)
_ENGINEERS = _OPERATES | {
    _P.DATA_READ,
    _P.ACTIONS_SEND,
    _P.ACTIONS_DECIDE,
    _P.TEMPLATES_READ,
    _P.TEMPLATES_MANAGE,
    _P.INVOICES_READ,
}
_GOVERNS = frozenset(
    {
        _P.PROFILE_MANAGE,
        _P.USERS_READ,
        _P.USERS_MANAGE,
        _P.KEYS_MANAGE,
        _P.MAILS_READ,
        _P.MAILS_DECIDE,
        _P.AUDIT_READ,
    }
)

ROLES: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        # The operator's staff set a tenant up and see how it does. What it holds is the tenant's business alone.
        Role.PLATFORM_ADMIN: PLATFORM_LEVEL | _EVERYBODY | _OPERATES | _GOVERNS,
        Role.PLATFORM_ANALYST: _EVERYBODY | {_P.TENANTS_READ, _P.DAGSTER_VIEW},
        Role.OWNER: _EVERYBODY
        | _ENGINEERS
        | _GOVERNS
        | {
            _P.INVOICES_ISSUE,
            _P.INVOICES_DOWNLOAD,
            _P.INVOICES_MANAGE,
            _P.CONSENTS_READ,
            _P.CONSENTS_RECORD,
            _P.REQUESTS_READ,
            _P.REQUESTS_OPEN,
            _P.REQUESTS_APPROVE,
            _P.DESTRUCTION_READ,
            _P.BREACHES_READ,
            _P.BREACHES_DOWNLOAD,
            _P.POLICIES_MANAGE,
        },
        Role.ENGINEER: _EVERYBODY | _ENGINEERS,
        Role.ANALYST: _EVERYBODY | {_P.DATA_READ, _P.INVENTORY_READ, _P.ACTIONS_READ, _P.INVOICES_READ},
        Role.DPO: _EVERYBODY
        | {
            _P.DATA_READ,
            _P.INVENTORY_READ,
            _P.ACTIONS_READ,
            _P.CONSENTS_READ,
            _P.CONSENTS_RECORD,
            _P.REQUESTS_READ,
            _P.REQUESTS_OPEN,
            _P.REQUESTS_HANDLE,
            _P.REQUESTS_DOWNLOAD,
            _P.REQUESTS_APPROVE,
            _P.POLICIES_MANAGE,
            _P.DESTRUCTION_READ,
            _P.DESTRUCTION_DECIDE,
            _P.BREACHES_READ,
            _P.BREACHES_HANDLE,
            _P.BREACHES_DOWNLOAD,
            _P.MAILS_READ,
            _P.MAILS_DECIDE,
            _P.AUDIT_READ,
        },
        # The most that a key's scopes may name: nobody's account, no keys, nothing in clear.
        Role.MACHINE: frozenset(
            {
                _P.SELF_READ,
                _P.PROFILE_READ,
                _P.STATUS_READ,
                _P.USAGE_READ,
                _P.INTEGRATIONS_READ,
                _P.SYNCS_START,
                _P.DATA_READ,
                _P.INBOX_READ,
                _P.WEBHOOKS_READ,
                _P.WEBHOOKS_MANAGE,
                _P.ACTIONS_READ,
                _P.ACTIONS_SEND,
                _P.TEMPLATES_READ,
                _P.INVOICES_READ,
                _P.INVOICES_ISSUE,
                _P.CONSENTS_READ,
                _P.CONSENTS_RECORD,
                _P.REQUESTS_OPEN,
                _P.INVENTORY_READ,
            }
        ),
    }
)
"""Every role and all it may do."""


def of_machine(scopes: Set[Permission]) -> frozenset[Permission]:
    """What a key of these scopes, or a token that was got with it, may do."""
    return ROLES[Role.MACHINE] & (scopes | {Permission.SELF_READ})


def wants_second_factor(role: Role) -> bool:
    """Whether somebody of this role can see originals, and so must have a second factor."""
    return bool(ROLES[role] & SHOWS_ORIGINALS) or role is Role.PLATFORM_ADMIN
