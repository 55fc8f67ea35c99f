"""How a tenant issues invoices: who it is on them, through whom they go, in which series.

Kept in `hub.tenants.settings` under `einvoice`: the tenant's own business data, which stands on each of its invoices.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from connectors.einvoice.registry import INTEGRATORS
from hub.errors import HubError
from hub.kvkk import audit

if TYPE_CHECKING:
    from hub.db.database import Connection, Database
    from hub.kvkk.audit import Actor

SETTING = "einvoice"


class IssuerAddress(BaseModel):
    """The tenant's address as it stands on its invoices."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    district: str = Field(min_length=1, max_length=200)
    city: str = Field(min_length=1, max_length=200)
    country: str = "Türkiye"
    street: str | None = None
    building_number: str | None = None
    postal_zone: str | None = None


class IssuerProfile(BaseModel):
    """What `hub einvoice profile` sets. A tenant with a TCKN gives its person's names, one with a VKN none."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    integrator: str = Field(min_length=1)
    einvoice_series: str = Field(pattern=r"^[A-Z0-9]{3}$")
    earchive_series: str = Field(pattern=r"^[A-Z0-9]{3}$")
    address: IssuerAddress
    first_name: str | None = None
    family_name: str | None = None
    website: str | None = None
    telephone: str | None = None
    email: str | None = None
    commercial: bool = True
    """Whether registered buyers get TICARIFATURA, which they may answer, or TEMELFATURA."""
    identifiers: tuple[dict[str, str], ...] = ()
    """Further numbers, such as {"scheme": "MERSISNO", "value": "…"}."""

    def series(self, kind: Literal["einvoice", "earchive"]) -> str:
        """The series of a kind."""
        return self.einvoice_series if kind == "einvoice" else self.earchive_series


def set_profile(
    database: Database,
    tenant_id: str,
    profile: IssuerProfile,
    *,
    actor: Actor,
    seen: Mapping[str, Any] | None = None,
) -> None:
    """Store it, as the same tenant's next invoices have it. `seen` is what the caller saw stand there, if it says.

    HubError `einvoice_series_same`, `einvoice_integrator_unknown`, `tenant_unknown`; `version_differs` where another
    profile than the seen one stands there.
    """
    from psycopg.types.json import Jsonb

    if profile.einvoice_series == profile.earchive_series:
        raise HubError("einvoice_series_same", series=profile.einvoice_series)
    if profile.integrator not in INTEGRATORS:
        raise HubError("einvoice_integrator_unknown", known=", ".join(INTEGRATORS))
    with database.tenant(tenant_id, "app") as connection:
        if seen is not None:
            connection.execute("SELECT FROM hub.tenants WHERE tenant_id = %s FOR UPDATE", (tenant_id,))
            if fields_of(profile_of(connection, tenant_id)) != seen:
                raise HubError("version_differs")
        changed = connection.execute(
            "UPDATE hub.tenants SET settings = settings || %s WHERE tenant_id = %s",
            (Jsonb({SETTING: fields_of(profile)}), tenant_id),
        ).rowcount
        if not changed:
            raise HubError("tenant_unknown", tenant=tenant_id)
        details = {"integrator": profile.integrator, "fields": sorted(profile.model_fields_set)}
        audit.append(
            connection, tenant_id, audit.Entry(actor, "einvoice.profile_set", f"tenant:{tenant_id}", details=details)
        )


def profile_of(connection: Connection, tenant_id: str) -> IssuerProfile:
    """The stored one, in the caller's transaction. HubError `einvoice_profile_missing`, `tenant_unknown`."""
    row = connection.execute("SELECT settings FROM hub.tenants WHERE tenant_id = %s", (tenant_id,)).fetchone()
    if row is None:
        raise HubError("tenant_unknown", tenant=tenant_id)
    settings: Mapping[str, Any] = row[0] or {}
    stored: Mapping[str, Any] | None = settings.get(SETTING)
    if stored is None:
        raise HubError("einvoice_profile_missing")
    return IssuerProfile.model_validate(stored)


def stored(database: Database, tenant_id: str) -> IssuerProfile:
    """The stored one. HubError `einvoice_profile_missing`."""
    with database.tenant(tenant_id, "app") as connection:
        return profile_of(connection, tenant_id)


def find(database: Database, tenant_id: str) -> IssuerProfile | None:
    """The same, or None where none is set yet."""
    try:
        return stored(database, tenant_id)
    except HubError as error:
        if error.code != "einvoice_profile_missing":
            raise
        return None


def fields_of(profile: IssuerProfile) -> dict[str, Any]:
    """A profile as it is stored and compared: JSON values by field."""
    return profile.model_dump(mode="json")


def supplier(profile: IssuerProfile, *, name: str, tax_number: str, tax_office: str) -> dict[str, Any]:
    """The supplier's party as the typed invoice reads it."""
    person = len(tax_number) == 11
    party: dict[str, Any] = {
        "identity": tax_number,
        "address": profile.address.model_dump(exclude_none=True),
        "tax_office": tax_office,
        "identifiers": list(profile.identifiers),
        "website": profile.website,
        "telephone": profile.telephone,
        "email": profile.email,
    }
    party |= {"first_name": profile.first_name, "family_name": profile.family_name} if person else {"name": name}
    return {field: value for field, value in party.items() if value is not None}
