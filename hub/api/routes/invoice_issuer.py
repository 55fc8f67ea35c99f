"""How a tenant issues: who it is on its invoices and through whom they go, its series of numbers, who signs.

The key of a seal never comes in or goes out here: it is stored on the hub's machine (`hub einvoice seal set`).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import Path, Response
from pydantic import Field

from hub.api.asked import Asked, Call
from hub.api.headers import tells
from hub.api.models import Answer, Body
from hub.api.naming import naming_fields
from hub.api.need import needs
from hub.api.route import router as make_router
from hub.api.versions import IfMatch, etag_of, require_seen
from hub.einvoice.invoice.fields import PartyScheme, ShortText
from hub.einvoice.issue import profile, seal_state, seals
from hub.einvoice.issue import series as numbers
from hub.errors import HubError
from hub.identity.permissions import Permission
from hub.validation import checked

if TYPE_CHECKING:
    from collections.abc import Mapping

router = make_router("invoices", "/invoices")

_SERIES = Field(pattern="^[A-Z0-9]{3}$", max_length=3)
SeriesName = Annotated[str, Path(pattern="^[A-Z0-9]{3}$", max_length=3, examples=["FTR"])]
Year = Annotated[int, Path(ge=2005, le=2099, examples=[2026])]
_NUMBER = Field(ge=1, le=numbers.LAST)


class IssuersAddress(Body):
    """The tenant's address as it stands on its invoices."""

    district: ShortText = Field(examples=["Kadıköy"])
    city: ShortText = Field(examples=["İstanbul"])
    country: ShortText = "Türkiye"
    street: ShortText | None = None
    building_number: ShortText | None = None
    postal_zone: ShortText | None = None


class FurtherNumber(Body):
    """One more number of the tenant's, by GİB's name for it."""

    scheme: PartyScheme = Field(max_length=40, examples=["MERSISNO"])
    value: ShortText = Field(examples=["0123456789012345"])


class ProfileToSet(Body):
    """How a tenant issues. One with a TCKN gives its person's names; name and tax number are the directory's."""

    integrator: str = Field(min_length=1, max_length=40, examples=["nilvera"])
    einvoice_series: Annotated[str, _SERIES] = Field(examples=["FTR"])
    earchive_series: Annotated[str, _SERIES] = Field(examples=["ARS"], description="Another than the e-Fatura's.")
    address: IssuersAddress
    first_name: ShortText | None = None
    family_name: ShortText | None = None
    website: ShortText | None = Field(default=None, examples=["https://lale-lojistik.com.tr"])
    telephone: ShortText | None = Field(default=None, examples=["+902165550000"])
    email: ShortText | None = Field(default=None, examples=["muhasebe@lale-lojistik.com.tr"])
    commercial: bool = Field(default=True, description="TICARIFATURA, which a buyer may answer, or TEMELFATURA.")
    identifiers: list[FurtherNumber] = Field(default_factory=list[FurtherNumber], max_length=20)


class IssuingProfile(Answer):
    """How a tenant issues, as it was set."""

    integrator: str = Field(examples=["nilvera"])
    einvoice_series: str = Field(examples=["FTR"])
    earchive_series: str = Field(examples=["ARS"])
    address: dict[str, str | None]
    first_name: str | None
    family_name: str | None
    website: str | None
    telephone: str | None
    email: str | None
    commercial: bool
    identifiers: list[dict[str, str]]


class Series(Answer):
    """A series of one year. `owner`: who gives its numbers."""

    series: str = Field(examples=["FTR"])
    year: int = Field(examples=[2026])
    kind: Literal["einvoice", "earchive"]
    owner: Literal["hub", "integrator"]
    next_number: int = Field(examples=[1])
    last_issue_date: date | None


class SeriesToAdd(Body):
    """A series to open; one that is used for the first time opens by itself."""

    series: Annotated[str, _SERIES] = Field(examples=["FTR"])
    year: int = Field(ge=2005, le=2099, examples=[2026])
    kind: Literal["einvoice", "earchive"]
    first: Annotated[int, _NUMBER] = Field(default=1, description="Behind the numbers of another program.")
    owner: Literal["hub", "integrator"] = Field(default="hub", description="In an integrator's nothing is issued here.")


class NextNumber(Body):
    """Where a series goes on."""

    next_number: Annotated[int, _NUMBER] = Field(examples=[4712])


class SealCertificate(Answer):
    """Who issued the seal's certificate, and until when it holds."""

    issuer: str = Field(examples=["CN=Mali Mühür Elektronik Sertifika Hizmet Sağlayıcısı, C=TR"])
    serial: str
    valid_from: datetime
    valid_until: datetime


class Seal(Answer):
    """Who signs: the integrator, or a key in a file or on a token. Of a token no certificate is known here."""

    signer: Literal["integrator", "file", "token"]
    set_at: datetime | None
    set_by: str | None
    certificate: SealCertificate | None


@router.get("/profile", summary="Show how you issue invoices")
@needs(Permission.INVOICES_MANAGE)
@tells("ETag")
def show_profile(call: Call, response: Response) -> IssuingProfile:
    """As it stands on your invoices. Its `ETag` is for `If-Match`."""
    found = profile.stored(call.database, call.tenant)
    response.headers["ETag"] = etag_of(profile.fields_of(found))
    return IssuingProfile.model_validate(profile.fields_of(found))


@router.put("/profile", summary="Set how you issue invoices")
@needs(Permission.INVOICES_MANAGE)
@tells("ETag")
def set_profile(call: Call, body: ProfileToSet, response: Response, if_match: IfMatch = None) -> IssuingProfile:
    """The whole of it. Invoices that were issued stay as they are; the series go on where they stand."""
    named = {"einvoice_series_same": "earchive_series", "einvoice_integrator_unknown": "integrator"}
    seen = _seen(call, if_match)
    new = checked(profile.IssuerProfile, body.model_dump())
    with naming_fields(named):
        profile.set_profile(call.database, call.tenant, new, actor=call.actor, seen=seen)
    response.headers["ETag"] = etag_of(profile.fields_of(new))
    return IssuingProfile.model_validate(profile.fields_of(new))


@router.get("/series", summary="List the series of numbers")
@needs(Permission.INVOICES_READ)
def list_series(call: Call) -> list[Series]:
    """Newest year first."""
    return [Series.model_validate(each) for each in numbers.listed(call.database, call.tenant)]


@router.post("/series", status_code=201, summary="Open a series")
@needs(Permission.INVOICES_MANAGE)
def add_series(call: Call, body: SeriesToAdd) -> Series:
    """A number that was used is never given again, so a series is neither removed nor set back."""
    added = numbers.add(
        call.database,
        call.tenant,
        body.series,
        body.year,
        body.kind,
        owner=body.owner,
        first=body.first,
        actor=call.actor,
    )
    return Series.model_validate(added)


@router.post("/series/{series}/{year}/confirm", summary="Say where a series goes on")
@needs(Permission.INVOICES_MANAGE)
def confirm_series(call: Call, series: SeriesName, year: Year, body: NextNumber) -> Series:
    """After a restore: behind the last number that the integrator has. A lower one than here is refused."""
    with naming_fields({"einvoice_series_next_": "next_number"}):
        found = numbers.confirm(call.database, call.tenant, series, year, body.next_number, actor=call.actor)
    return Series.model_validate(found)


@router.get("/seal", summary="Who signs your invoices?")
@needs(Permission.INVOICES_READ)
def show_seal(call: Call) -> Seal:
    """Neither key nor PIN, and of the certificate not whose it is."""
    return Seal.model_validate(seal_state.state_of(call.database, call.tenant))


@router.delete("/seal", summary="Leave signing to the integrator")
@needs(Permission.INVOICES_MANAGE)
def remove_seal(call: Call) -> Seal:
    """The seal's key is deleted here; what was signed stays as it is."""
    seals.remove_seal(call.database, call.tenant, actor=call.actor)
    return Seal.model_validate(seal_state.state_of(call.database, call.tenant))


def _seen(call: Asked, if_match: str | None) -> Mapping[str, Any] | None:
    """The profile that the caller says to have seen. HubError `version_differs`, also where none is set yet."""
    if if_match is None or if_match.strip() == "*":
        return None
    found = profile.find(call.database, call.tenant)
    if found is None:
        raise HubError("version_differs")
    return require_seen(if_match, profile.fields_of(found))
