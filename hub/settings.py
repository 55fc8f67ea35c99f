"""One typed settings class, read from the environment once and passed in; nothing else reads `os.environ`.

Without any variable the hub runs on two embedded Postgres clusters under `HUB_HOME`. Each `HUB_*_DATABASE_URL` moves
one part elsewhere: it names server and database, never a person's login (role passwords live in the secrets file or in
`HUB_PASSWORDS`).
"""

from __future__ import annotations

import re
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AliasChoices, Field, PrivateAttr, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from hub.errors import HubError
from hub.i18n import Language, parse_language

ClusterName = Literal["data", "keys"]

_FIELD_IN_WORDS = re.compile(r'field "(\w+)"')
_ROLE_PREFIX = re.compile(r"[a-z][a-z0-9_]{0,23}")


class Settings(BaseSettings):
    """Everything the hub can be told. `Settings.load()` in programs; `Settings.apart(home)` heeds no variable.

    URLs are libpq URIs (`postgresql://host:port/database?sslmode=...`). The two admin URLs carry a login that may
    create roles and databases; only `hub migrate` uses them.
    """

    model_config = SettingsConfigDict(
        env_prefix="HUB_",
        env_nested_delimiter="__",
        env_ignore_empty=True,  # compose files and charts set what is not wanted to nothing
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        populate_by_name=True,
    )

    home: Path = Field(default_factory=lambda: Path.home() / ".kopru")
    database_url: SecretStr | None = None
    admin_database_url: SecretStr | None = None
    keys_database_url: SecretStr | None = None
    keys_admin_database_url: SecretStr | None = None
    dagster_database_url: SecretStr | None = None
    redis_url: SecretStr | None = None
    """Where API processes share their limits (redis://host:port/0); None keeps them in Postgres."""
    role_prefix: str = "hub"
    passwords: dict[str, SecretStr] = Field(default_factory=dict[str, SecretStr])
    """Role passwords by short role name ("app", "loader", ...); what is missing comes from the secrets file."""
    secrets_file: Path = Path("secrets.json")
    master_key_file: Path = Path("master.key")
    audit_heads_file: Path = Path("audit/heads.jsonl")
    """Where the audit logs' signed heads go; best on a disk that the database's administrator cannot write."""
    audit_signing_key_file: Path = Path("audit/signing.key")
    policies_dir: Path | None = None
    dbt_manifest: Path | None = None
    """dbt's prebuilt manifest; None means `dbt/target/manifest.json` of the checkout or the installed wheel."""
    language: Language | None = None
    """The language commands speak; None leaves it to the terminal's locale (hub/i18n.py reads it before all else)."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "console"] = "json"
    """Of long-lived processes: a JSON object a line, or lines for a person."""
    log_calls: bool = True
    """Whether the front door logs a line for each call: route, method, status and time, no address and no values."""
    metrics_token_file: Path | None = None
    """Holds the bearer token that whoever reads `/metrics` must show; with None there is no such page."""
    metrics_worst_tenants: int = Field(default=20, ge=0, le=200)
    """Of so many tenants with the oldest data is the age shown by id; of all others only how many are how old."""
    traces_endpoint: str | None = Field(
        default=None, validation_alias=AliasChoices("HUB_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
    )
    """Where traces go (OTLP over HTTP, such as http://127.0.0.1:4318); None makes none."""
    traces_share: float = Field(default=1.0, ge=0, le=1)
    """Of so many of the requests a trace is made."""
    sentry_dsn: SecretStr | None = None
    sentry_dsn_file: Path | None = None
    """Where errors are reported, scrubbed; None reports them nowhere."""
    pool_size: int = Field(default=8, ge=1, le=100)
    """Most connections per role and process."""
    pool_wait_seconds: float = Field(default=30.0, gt=0)
    analyst_statement_timeout_seconds: int = Field(default=60, ge=1)
    export_days: int = Field(default=7, ge=1, le=30)
    """How long the package of a data subject, and the link to it, can be had."""
    public_url: str | None = None
    """Where data subjects reach the pages of links, such as https://kvkk.ornek.com.tr; it stands before the path."""
    key_backup_days: int = Field(default=30, ge=1)
    """How long a backup of the key store is kept; a destroyed key may be in one until then, and answers say so."""
    outbox_linger_seconds: float = Field(default=60.0, ge=0, le=600)
    """How long a run that empties the outbox waits for more: starting the next one takes seconds."""
    webhooks_allow_private: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = ()
    """Private networks to which tenants' webhooks and own addresses of integrations may go, such as
    10.20.0.0/16,192.168.7.0/24; to loopback also without TLS."""
    webhooks_ports: Annotated[tuple[int, ...], NoDecode] = (443, 8443)
    """Ports to which webhooks may go, such as 443,8443."""
    smtp_host: str | None = None
    """The mail server; None leaves mails in the queue, where `hub kvkk mails list` shows them."""
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_tls: Literal["starttls", "tls", "none"] = "starttls"
    """`none` is accepted for a server on this machine alone."""
    smtp_ca_file: Path | None = None
    """Certificates to trust instead of the system's, for a mail server with a private authority."""
    smtp_user: str | None = None
    smtp_password_file: Path | None = None
    smtp_from: str | None = None
    """Sender's address, without a display name."""
    api_host: str = "127.0.0.1"
    """Where the API listens; another address than loopback wants TLS or a proxy in front of it."""
    api_port: int = Field(default=8400, ge=0, le=65535)
    api_workers: int = Field(default=1, ge=1, le=64)
    """Processes that serve the API on the one port."""
    api_body_bytes: int = Field(default=1_048_576, ge=1_024)
    """Largest body of a call; webhooks have their providers' own bounds."""
    api_body_seconds: float = Field(default=20.0, gt=0)
    """How long a body may take to arrive."""
    dagster_url: str | None = None
    """Dagster's read-only webserver, which the API serves under /dagster to the operator's staff; `hub up` sets it."""
    dagster_admin_url: str | None = None
    """The webserver for those who may change something there."""
    allowed_hosts: list[str] = Field(default_factory=list[str])
    """Names under which the API answers, beside the subdomains of `public_url`; empty means any."""
    cors_origins: list[str] = Field(default_factory=list[str])
    """Origins whose pages may call the API, such as https://panel.ornek.com.tr."""
    trusted_proxies: list[str] = Field(default_factory=list[str])
    """Addresses or networks whose X-Forwarded-For and X-Forwarded-Proto are believed."""
    tls_cert_file: Path | None = None
    tls_key_file: Path | None = None
    event_log_days: int = Field(default=30, ge=1)
    """How long Dagster's runs and events are kept; the latest of each asset, check and tenant stays for ever."""
    erasure_four_eyes_above: int = Field(default=20, ge=0)
    """Subjects that one person may erase at once; for more another one must approve. A person has several: one for each
    strongest identifier under which their records came."""

    _restores: bool = PrivateAttr(default=False)

    @classmethod
    def load(cls, **overrides: Any) -> Self:
        """Read the environment. Raises HubError 'settings_invalid' naming the variables, never their values."""
        try:
            return cls(**overrides)
        except ValidationError as error:
            names = sorted({str(part["loc"][0]) for part in error.errors() if part["loc"]})
        except SettingsError as error:  # what should be JSON and is not; the field stands only in the words
            names = _FIELD_IN_WORDS.findall(str(error)) or ["*"]
        raise HubError("settings_invalid", names=", ".join("HUB_" + name.upper() for name in names))

    @classmethod
    def apart(cls, home: Path, **values: Any) -> Settings:
        """Settings of a directory of its own, whatever the environment says (`hub demo`, tests)."""
        return _Apart(home=home, **values)

    @property
    def restores(self) -> bool:
        """Whether these are a restore's own: nobody else may open what is not cleaned of the erased yet."""
        return self._restores

    def for_restore(self) -> Self:
        """A copy for `hub restore` alone, which no variable can ask for."""
        copy = self.model_copy()
        copy._restores = True
        return copy

    @field_validator("language", mode="before")
    @classmethod
    def _is_a_language(cls, value: object) -> object:
        return parse_language(value) or value if isinstance(value, str) else value

    @field_validator("webhooks_allow_private", "webhooks_ports", mode="before")
    @classmethod
    def _is_a_list_with_commas(cls, value: object) -> object:
        return [part.strip() for part in value.split(",")] if isinstance(value, str) else value

    @field_validator("role_prefix")
    @classmethod
    def _prefix_is_a_plain_word(cls, value: str) -> str:
        if not _ROLE_PREFIX.fullmatch(value):
            raise ValueError("lower-case letters, digits and underscores, at most 24")
        return value

    def model_post_init(self, context: Any, /) -> None:
        """Relative files live in `home`, which is made absolute so that a changed working directory means nothing."""
        del context
        home = self.home.expanduser().absolute()
        object.__setattr__(self, "home", home)
        object.__setattr__(self, "secrets_file", home / self.secrets_file.expanduser())
        object.__setattr__(self, "master_key_file", home / self.master_key_file.expanduser())
        object.__setattr__(self, "audit_heads_file", home / self.audit_heads_file.expanduser())
        object.__setattr__(self, "audit_signing_key_file", home / self.audit_signing_key_file.expanduser())

    def url_of(self, cluster: ClusterName) -> str | None:
        """The URL of a cluster that is not ours to start, or None where the embedded one serves."""
        secret = self.database_url if cluster == "data" else self.keys_database_url
        return secret.get_secret_value() if secret else None

    def admin_url_of(self, cluster: ClusterName) -> str | None:
        """The URL with a login that may create roles, as configured."""
        secret = self.admin_database_url if cluster == "data" else self.keys_admin_database_url
        return secret.get_secret_value() if secret else None

    def is_embedded(self, cluster: ClusterName) -> bool:
        """Whether that cluster is started by us under `home`."""
        return self.url_of(cluster) is None

    def role(self, name: str) -> str:
        """The database's name of a role: role names are shared by a whole cluster, hence the prefix."""
        return f"{self.role_prefix}_{name}"


class _Apart(Settings):
    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what was passed in."""
        return (init_settings,)


def dagster_storage_url(settings: Settings) -> str:
    """Dagster's storage as a SQLAlchemy URL. It holds a password: it goes into the environment, not into a file.

    `postgresql+psycopg2` is spelt out: a bare `postgresql://` means psycopg 3 to SQLAlchemy 2.1, with which
    dagster-postgres cannot NOTIFY (webserver launches answer 500).
    """
    from hub.db.endpoints import dagster_endpoint

    return dagster_endpoint(settings).sqlalchemy_url("postgresql+psycopg2")
