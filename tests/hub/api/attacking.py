"""What the attack suite has in common: a door with other settings, and what the audit log says of an attempt."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hub.api.app import front_door
from hub.api.serve import listen, server_of
from hub.migrations.connections import outside_transaction

if TYPE_CHECKING:
    from collections.abc import Generator

    from tests.hub.api.conftest import Door


@contextmanager
def served_with(door: Door, **changed: Any) -> Generator[str]:
    """The same hub on another port with other settings; its address."""
    settings = door.services.settings.model_copy(update=changed)
    listening = listen("127.0.0.1", 0)
    server = server_of(settings, front_door(replace(door.services, settings=settings, extra={})))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join()


def entries(door: Door, tenant_id: str | None, action: str) -> list[tuple[str, str, str | None, dict[str, Any]]]:
    """Actor, object, address and details of all entries of an action: a tenant's, or the platform's for None."""
    columns = "actor, object, ip, details"
    with outside_transaction(door.services.settings, "data") as admin:
        if tenant_id is None:
            asked = admin.execute(
                f"SELECT {columns} FROM hub.platform_audit_log WHERE action = %s ORDER BY seq".encode(),  # noqa: S608 - our own names
                (action,),
            )
        else:
            asked = admin.execute(
                f"SELECT {columns} FROM hub.audit_log WHERE tenant_id = %s AND action = %s ORDER BY seq".encode(),  # noqa: S608 - our own names
                (tenant_id, action),
            )
        return [(actor, named, str(ip) if ip else None, details) for actor, named, ip, details in asked.fetchall()]
