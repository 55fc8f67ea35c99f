"""Where a role finds its database: embedded socket or configured URL, as parameters for libpq, dbt and SQLAlchemy."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from psycopg import pq
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from hub.db.roles import KEYS_LOGINS
from hub.errors import HubError
from hub.secrets_file import role_password

if TYPE_CHECKING:
    from hub.settings import ClusterName, Settings

DATABASES: dict[ClusterName, str] = {"data": "hub", "keys": "keys"}
DAGSTER_DATABASE = "dagster"
DEFAULT_PORT = 5432
_VARIABLES = {
    each.keyword.decode(): each.envvar.decode() for each in pq.Conninfo.get_defaults() if each.envvar is not None
}
"""libpq's own variable of each parameter: `channel_binding` is PGCHANNELBINDING, without an underscore."""

_LONGEST_SOCKET_PATH = 107
"""`sun_path` has 108 bytes on Linux, the last one a NUL."""


@dataclass(frozen=True)
class Endpoint:
    """One role's way to one database. Printing it shows no password."""

    host: str
    port: int
    database: str
    user: str
    password: str = field(repr=False)
    extra: tuple[tuple[str, str], ...] = ()
    """Further libpq parameters of the configured URL (`sslmode`, ...)."""

    def conninfo(self, **more: str) -> str:
        """A libpq connection string. It holds the password."""
        return make_conninfo(
            "",
            host=self.host,
            port=self.port,
            dbname=self.database,
            user=self.user,
            password=self.password,
            **{**dict(self.extra), **more},
        )

    def sqlalchemy_url(self, scheme: str) -> str:
        """The same as a SQLAlchemy URL; host travels as a parameter because it may be a socket directory."""
        query = urlencode({"host": self.host, "port": str(self.port), **dict(self.extra)}, quote_via=quote, safe="")
        return f"{scheme}://{quote(self.user, safe='')}:{quote(self.password, safe='')}@/{quote(self.database)}?{query}"

    def environment(self) -> dict[str, str]:
        """The same as PG* variables, for psql and dbt."""
        return {
            "PGHOST": self.host,
            "PGPORT": str(self.port),
            "PGDATABASE": self.database,
            "PGUSER": self.user,
            "PGPASSWORD": self.password,
            **{_VARIABLES[name]: value for name, value in self.extra if name in _VARIABLES},
        }


def endpoint(settings: Settings, role: str) -> Endpoint:
    """A runtime role's own endpoint, by its short name. Raises HubError 'password_missing'."""
    if role == "dagster":
        return dagster_endpoint(settings)
    cluster: ClusterName = "keys" if role in KEYS_LOGINS else "data"
    return login_endpoint(settings, cluster, user=settings.role(role), password=role_password(settings, role))


def login_endpoint(settings: Settings, cluster: ClusterName, *, user: str, password: str) -> Endpoint:
    """Any login's endpoint on a cluster's own database (an analyst's, for one)."""
    url = settings.url_of(cluster)
    if url is not None:
        return replace(_from_url(url, DATABASES[cluster]), user=user, password=password)
    return Endpoint(
        host=str(socket_directory(settings, cluster)),
        port=embedded_port(settings, cluster),
        database=DATABASES[cluster],
        user=user,
        password=password,
    )


def dagster_endpoint(settings: Settings) -> Endpoint:
    """Dagster's database: beside the hub's own, unless a URL names another. A login in that URL is used as it is."""
    if settings.dagster_database_url is None:
        base = login_endpoint(
            settings, "data", user=settings.role("dagster"), password=role_password(settings, "dagster")
        )
        return replace(base, database=DAGSTER_DATABASE)
    named = _from_url(settings.dagster_database_url.get_secret_value(), DAGSTER_DATABASE)
    if named.user:
        return named
    return replace(named, user=settings.role("dagster"), password=role_password(settings, "dagster"))


def admin_endpoint(settings: Settings, cluster: ClusterName) -> Endpoint:
    """The login that may create roles: the embedded superuser, or the configured one. For migrations only.

    Raises HubError 'admin_url_missing' where the cluster is configured by URL but no admin URL is given.
    """
    if settings.is_embedded(cluster):
        password = role_password(settings, superuser_secret(cluster))
        return replace(login_endpoint(settings, cluster, user="postgres", password=password), database="postgres")
    url = settings.admin_url_of(cluster)
    if url is None:
        name = "HUB_ADMIN_DATABASE_URL" if cluster == "data" else "HUB_KEYS_ADMIN_DATABASE_URL"
        raise HubError("admin_url_missing", name=name)
    return _from_url(url, "postgres")


def database_name(settings: Settings, cluster: ClusterName) -> str:
    """The database's name on its cluster, as configured."""
    url = settings.url_of(cluster)
    return DATABASES[cluster] if url is None else _from_url(url, DATABASES[cluster]).database


def superuser_secret(cluster: ClusterName) -> str:
    """The entry of the secrets file with an embedded cluster's superuser password."""
    return f"superuser_{cluster}"


def data_directory(settings: Settings, cluster: ClusterName) -> Path:
    """An embedded cluster's data directory."""
    return settings.home / "postgres" / cluster / "pgdata"


def socket_directory(settings: Settings, cluster: ClusterName) -> Path:
    """An embedded cluster's socket directory (0700). Under /tmp where the home's path is too long for a unix socket."""
    inside = settings.home / "postgres" / cluster / "socket"
    if len(os.fsencode(inside / ".s.PGSQL.65535.lock")) <= _LONGEST_SOCKET_PATH:
        return inside
    digest = hashlib.sha256(os.fsencode(inside)).hexdigest()[:16]
    return Path("/tmp") / f"kopru-{os.getuid()}-{digest}"  # noqa: S108 - hub.db.postgres refuses it unless ours and 0700


def embedded_port(settings: Settings, cluster: ClusterName) -> int:
    """The port a running embedded cluster has (it is part of the socket's name); the default where none runs."""
    return _postmaster(settings, cluster)[0]


def embedded_tcp_port(settings: Settings, cluster: ClusterName) -> int | None:
    """The port on which a running embedded cluster listens beside its socket; None when it does not."""
    port, listens = _postmaster(settings, cluster)
    return port if listens else None


def _postmaster(settings: Settings, cluster: ClusterName) -> tuple[int, bool]:
    """Port, and whether it listens on an address: lines 4 and 6 of postmaster.pid (PostgreSQL, `pidfile.h`)."""
    try:
        lines = (data_directory(settings, cluster) / "postmaster.pid").read_text().splitlines()
        return int(lines[3]), bool(lines[5].strip())
    except (OSError, ValueError, IndexError):
        return DEFAULT_PORT, False


def _from_url(url: str, default_database: str) -> Endpoint:
    try:
        parts = conninfo_to_dict(url)
        port = int(parts.get("port") or DEFAULT_PORT)  # one server: a list of hosts has a list of ports
    except Exception:  # libpq's message quotes the URL, which may hold a password
        raise HubError("database_url_malformed") from None
    known = {"host", "port", "dbname", "user", "password"}
    return Endpoint(
        host=str(parts.get("host") or "127.0.0.1"),
        port=port,
        database=str(parts.get("dbname") or default_database),
        user=str(parts.get("user") or ""),
        password=str(parts.get("password") or ""),
        extra=tuple((name, str(value)) for name, value in parts.items() if name not in known),
    )
