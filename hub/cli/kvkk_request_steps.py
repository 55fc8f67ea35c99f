"""`hub kvkk requests identify|ask|assign|review|start|answer|refuse|close`."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

import typer

from connectors.secret import Secret
from hub.cli import entering
from hub.cli.opening import opened
from hub.cli.options import JsonOption, TenantOption
from hub.errors import HubError
from hub.i18n import N_, _

if TYPE_CHECKING:
    from hub.kvkk.requests.vocabulary import IdentityMethod
