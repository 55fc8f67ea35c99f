"""Writes the vault in a thread of its own: while Postgres takes in the pages just masked, the next ones are masked.

Nothing may land before its originals are committed, so whoever takes a page further waits for what `store` gives back.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from typing import TYPE_CHECKING

from hub.keys.vault import Known
from hub.sync.stages import StageHook, no_hook

if TYPE_CHECKING:
    from hub.db.database import Database
    from hub.keys.vault import Vault
    from hub.kvkk.suppression import Suppressions
    from kvkk_policies.gated import Gated


class VaultThread:
    """Stores pages in the order in which they come, on connections of its own.

    Leaving the context waits for the page under way and drops the rest: whoever has not waited for them has failed.
    """

    def __init__(self, database: Database, vault: Vault, suppressions: Suppressions, hook: StageHook = no_hook) -> None:
        self._database = database
        self._suppressions = suppressions
        self._vault = vault
        self._hook = hook
        self._known = Known()
        self._over = False
        self._connections = ExitStack()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="vault")

    def __enter__(self) -> VaultThread:
        # A block that keeps connections is a thread's own, so it begins and ends there.
        self._thread.submit(self._connections.enter_context, self._database.holding()).result()
        return self

    def __exit__(self, *exception: object) -> None:
        self._over = True
        self._thread.submit(self._connections.close).result()
        self._thread.shutdown()

    def store(self, tenant_id: str, pages: Sequence[tuple[str, Gated]]) -> Future[None]:
        """Begin to store gated pages of one tenant, each with its `<provider>.<stream>`. The result is the commit."""
        return self._thread.submit(self._store, tenant_id, pages)

    def _store(self, tenant_id: str, pages: Sequence[tuple[str, Gated]]) -> None:
        if self._over or not pages:
            return
        with self._suppressions.standing(tenant_id):
            for table, gated in pages:
                self._vault.store(tenant_id, table, gated, self._known)
                self._hook("vaulted", tenant_id)
