"""docs/permissions.md: who may call what, written from the served routes and the table of roles.

`python -m tests.hub.api.permission_table` writes it anew after a route or a role has changed.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from hub.identity.permissions import ROLES, SHOWS_ORIGINALS, Permission, Role

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.hub.api.operations import Operation

PAGE = Path(__file__).parents[3] / "docs" / "permissions.md"
_COLUMNS = (
    Role.OWNER,
    Role.ENGINEER,
    Role.ANALYST,
    Role.DPO,
    Role.MACHINE,
    Role.PLATFORM_ADMIN,
    Role.PLATFORM_ANALYST,
)
_INTRODUCTION = """# Who may call what

Made from the routes and from [`hub/identity/permissions.py`](../hub/identity/permissions.py);
`tests/hub/api/test_permissions.py` holds it to both, and calls every route as everybody.

`yes`: within the caller's own tenant, which its credential names; the operator's staff (`platform_*`) name the tenant
with `Hub-Tenant`. `scope`: the most that a machine's key may be given. `2nd`: with a second factor only. `all`: nobody
need sign in. `Key`: the call must bring an `Idempotency-Key`.

"""


def page(found: Iterable[Operation]) -> str:
    """The whole page."""
    head = ["call", "permission", "about", *(role.value for role in _COLUMNS)]
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    for operation in sorted(found, key=lambda each: (each.path, each.method)):
        need = operation.need
        key = " (Key)" if need.key_required else ""
        permission = f"`{need.permission.value}`" if need.permission else "open to all"
        about = "a tenant" if need.of_tenant else "-"
        cells = [f"`{operation.name}`{key}", permission, about, *(_cell(operation, role) for role in _COLUMNS)]
        lines.append("| " + " | ".join(cells) + " |")
    return _INTRODUCTION + "\n".join(lines) + "\n"


def _cell(operation: Operation, role: Role) -> str:
    permission = operation.need.permission
    if permission is None:
        return "all"
    if permission not in ROLES[role]:
        return ""
    if role is Role.MACHINE and permission is not Permission.SELF_READ:
        return "scope"
    return "2nd" if permission in SHOWS_ORIGINALS else "yes"


def main() -> None:
    """Write the page. Nothing is served for it, so nothing need be there to serve from."""
    from types import SimpleNamespace

    from hub.api.app import the_api
    from hub.settings import Settings
    from tests.hub.api.operations import operations

    parts: Any = SimpleNamespace(
        settings=Settings.apart(Path("/nonexistent")), database=None, keyring=None, daily_keys=None
    )
    PAGE.write_text(page(operations(the_api(parts))), encoding="utf-8")


if __name__ == "__main__":
    main()
