"""Opens the limiter of a process: buckets in Redis where `HUB_REDIS_URL` is set, in Postgres otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.limits.bucket import Limiter
from hub.limits.postgres_store import PostgresStore
from hub.limits.redis_store import RedisStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from hub.db.database import Database


def open_limiter(database: Database, *, on_store_down: Callable[[], None] = lambda: None) -> Limiter:
    """The limiter of this installation; every process that opens one shares its buckets with the others."""
    settings = database.settings
    if settings.redis_url is None:
        return Limiter(PostgresStore(database), on_store_down=on_store_down)
    store = RedisStore(settings.redis_url.get_secret_value(), prefix=settings.role_prefix)
    return Limiter(store, on_store_down=on_store_down)
