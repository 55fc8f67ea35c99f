"""Options that several commands share, under one name and one text."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from hub.i18n import N_

TenantOption = Annotated[str, typer.Option("--tenant", metavar="TENANT", help=N_("Tenant: its id or its subdomain."))]
JsonOption = Annotated[bool, typer.Option("--json", help=N_("Answer in JSON, for machines."))]
ProviderArgument = Annotated[str, typer.Argument(metavar="PROVIDER", help=N_("Provider, such as iyzico."))]
FromFile = Annotated[
    Path | None,
    typer.Option("--from-file", metavar="FILE", help=N_("JSON object with the fields; - reads standard input.")),
]
ActionArgument = Annotated[UUID, typer.Argument(metavar="ACTION", help=N_("The action's id."))]
