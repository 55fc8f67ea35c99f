"""Whether the master keys that lie here are those of the key store: asked before anything starts to work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.errors import HubError
from hub.keys.master_files import available
from hub.keys.master_key import read_master_key

if TYPE_CHECKING:
    from hub.db.database import Connection
    from hub.settings import Settings


def require_fit_master_key(settings: Settings, connection: Connection) -> None:
    """Refuse a key that is missing, not random, readable by others or not the key store's.

    `connection` sees `keys.master`. Raises HubError `master_key_missing`, `master_key_default`, `master_key_length`,
    `master_key_not_base64`, `master_key_readable_by_others`, `master_key_foreign` or `master_key_part_missing`.
    """
    current = read_master_key(settings.master_key_file).fingerprint
    known = connection.execute("SELECT fingerprint, retired_at IS NULL FROM keys.master").fetchall()
    in_force = {fingerprint for fingerprint, living in known if living}
    if not in_force:
        return  # until the first tenant's keys are made
    if current not in in_force:
        raise HubError("master_key_foreign")
    missing = in_force - available(settings.master_key_file).keys()
    if missing:
        raise HubError(
            "master_key_part_missing", path=str(settings.master_key_file), fingerprint=", ".join(sorted(missing))
        )
