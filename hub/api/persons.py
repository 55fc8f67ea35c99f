"""A person as a caller names them: an identifier that goes straight into a `Secret`, and comes back as a pseudonym."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from connectors.secret import Secret
from hub.api.models import Body
from hub.api.naming import naming_fields
from hub.control.consent_record import SubjectKind
from hub.control.grounds import subject_pseudonym
from hub.kvkk.identifiers import identified
from hub.validation import InvalidInput, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hub.api.asked import Asked
    from hub.kvkk.person import Pair


class PersonNamed(Body):
    """Whom it is about. The identifier stands in bodies alone: addresses of calls reach the logs of proxies."""

    subject_kind: SubjectKind = Field(examples=["phone"])
    subject: str = Field(min_length=1, max_length=320, examples=["+905320000001"], repr=False)

    @property
    def identifier(self) -> Secret:
        """The value, which no error and no log shows."""
        return Secret(self.subject)

    def pseudonym(self, call: Asked) -> str:
        """As the tenant's data knows the person. `InvalidInput` names the field."""
        with naming_fields({"subject_malformed": "subject"}):
            return subject_pseudonym(call.keyring, call.tenant, self.subject_kind, self.identifier)


class IdentifierNamed(Body):
    """One identifier of an applicant."""

    kind: Literal["tckn", "vkn", "phone", "email", "plate"] = Field(examples=["tckn"])
    value: str = Field(min_length=1, max_length=320, examples=["10000000146"], repr=False)

    @property
    def pair(self) -> tuple[str, Secret]:
        """Kind and value."""
        return self.kind, Secret(self.value)

    def known_as(self, call: Asked, field: str) -> Pair:
        """Kind and pseudonym, as the tenant's data has it. `InvalidInput` names the call's field."""
        with naming_fields({"subject_malformed": f"{field}.value"}):
            return identified(call.keyring, call.tenant, *self.pair)


def all_known_as(call: Asked, identifiers: Sequence[IdentifierNamed]) -> set[Pair]:
    """Those of an applicant as the tenant's data has them. `InvalidInput` names each that is none."""
    known: set[Pair] = set()
    problems: list[Problem] = []
    for at, each in enumerate(identifiers):
        try:
            known.add(each.known_as(call, f"identifiers.{at}"))
        except InvalidInput as error:
            problems += error.problems
    if problems:
        raise InvalidInput(problems)
    return known
