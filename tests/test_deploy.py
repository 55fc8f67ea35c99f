"""What `deploy/` promises: nobody's default password, no root, no host of a registry, every setting told.

No container engine is at hand where this runs: the image is not built and the compose file not started here. Linters
that are not locked are used where they are found (`hadolint`, `caddy`, `systemd-analyze`).
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme
import yaml

from hub.db import endpoints
from hub.orchestration.ports import free_port
from hub.secrets_file import role_password
from hub.settings import Settings
from tests.support.proxies import NAME, NGINX, Site, nginx_configuration, proxy

REPOSITORY = Path(__file__).parents[1]
DEPLOY = REPOSITORY / "deploy"
ADDRESSES = re.compile(
    r"https?://(?!127\.0\.0\.1|\$domain|[\w.]*example\.com)"  # but for our own and made-up ones
    r"|-{2}(extra-)?index|^\s*(FROM|image:)\s+\S*\.\S*/",
    re.MULTILINE,
)
"""Where packages and images come from is the machine's business."""


def tool(name: str) -> str:
    found = shutil.which(name, path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if found is None:
        pytest.skip(f"no {name} here")
    return found


def compose() -> dict[str, Any]:
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text())


def settings_told() -> dict[str, str]:
    found = re.findall(r"^#?(HUB_[A-Z_]+)=(.*)$", (DEPLOY / "hub.env.example").read_text(), re.MULTILINE)
    assert len({name for name, _ in found}) == len(found)
    return dict(found)


class TestImage:
    text = (DEPLOY / "Containerfile").read_text()

    def test_it_passes_hadolint(self) -> None:
        done = subprocess.run([tool("hadolint"), DEPLOY / "Containerfile"], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (0, "")

    def test_what_runs_comes_from_a_stage_before_by_version_and_hash_and_is_not_root(self) -> None:
        build, run = self.text.split(" AS run")
        assert "pip install --require-hashes --no-deps" in build
        assert "COPY --from=build" in run
        assert "pip install" not in run
        assert re.findall(r"^USER (.*)$", run, re.MULTILINE) == ["10001:10001"]
        assert re.search(r"^HEALTHCHECK [^#]*?/healthz", run, re.MULTILINE | re.DOTALL)

    def test_the_manifest_is_made_for_what_is_installed_and_not_for_the_copy_beside_it(self) -> None:
        """Without -P python takes the hub in its own directory, and the image would have no manifest."""
        for file in (DEPLOY / "Containerfile", REPOSITORY / "docs" / "deploy.md"):
            assert re.findall(r"python(.*) -m hub\.models\.dbt_process", file.read_text()) == [" -P"], file

    def test_it_names_no_registry_and_takes_no_secret(self) -> None:
        for file in ("Containerfile", "compose.yaml", "prepare.sh", "hub.env.example"):
            assert not ADDRESSES.search((DEPLOY / file).read_text()), file
        assert not re.search(r"^(ARG|ENV).*(PASSWORD|TOKEN|SECRET|KEY)(?!_FILE)", self.text, re.MULTILINE)
        assert "--mount=type=secret" not in self.text

    def test_only_what_the_hub_needs_is_sent_to_the_build(self) -> None:
        ignored = (REPOSITORY / ".dockerignore").read_text().split()
        assert "*" in ignored
        allowed = {line[1:] for line in ignored if line.startswith("!")}
        assert {"tests", ".git", "deploy", "docs"}.isdisjoint(allowed)
        needed = re.search(r"packages = \[(.*)\]", (REPOSITORY / "pyproject.toml").read_text())
        assert needed is not None
        assert set(re.findall(r'"(\w+)"', needed[1])) <= allowed

    def test_what_only_developers_need_is_told_from_what_the_hub_needs(self) -> None:
        done = subprocess.run(
            [sys.executable, DEPLOY / "tools" / "development_only.py"], capture_output=True, text=True, check=True
        )
        taken_out = set(done.stdout.split())
        assert {"pytest", "pyright", "ruff", "hypothesis", "playwright", "pip-audit", "hatchling"} <= taken_out
        hub_needs = {"dagster", "fastapi", "psycopg-binary", "psycopg-pool", "uvloop", "redis", "cryptography", "kopru"}
        assert hub_needs.isdisjoint(taken_out)


class TestCompose:
    def test_every_container_is_read_only_without_capabilities_and_cannot_gain_any(self) -> None:
        for name, service in compose()["services"].items():
            assert service["read_only"] is True, name
            assert service["cap_drop"] == ["ALL"], name
            assert service["security_opt"] == ["no-new-privileges:true"], name
            assert not service.get("privileged"), name
            assert {"network_mode", "pid", "ipc", "devices"}.isdisjoint(service), name

    def test_the_proxy_alone_is_reached_from_outside(self) -> None:
        services = compose()["services"]
        assert [name for name, service in services.items() if "ports" in service] == ["caddy"]
        assert services["caddy"]["networks"] == ["front"]

    def test_data_and_keys_share_neither_a_network_nor_a_volume_nor_a_password(self) -> None:
        whole = compose()
        data, keys = whole["services"]["data"], whole["services"]["keys"]
        for part in ("networks", "volumes", "secrets"):
            assert not set(data[part]) & set(keys[part])
        assert all(whole["networks"][name]["internal"] for name in (*data["networks"], *keys["networks"]))
        paths = [each["file"] for each in whole["secrets"].values()]
        assert len(set(paths)) == len(paths)

    def test_no_password_stands_in_it(self) -> None:
        for name, service in compose()["services"].items():
            for variable, value in (service.get("environment") or {}).items():
                assert not re.search(r"//[^/@]*:[^/@]*@", str(value)), name
                assert not re.search(r"(PASSWORD|SECRET|TOKEN)$", variable), name
        environment = compose()["services"]["data"]["environment"]
        assert environment["POSTGRES_PASSWORD_FILE"] == "/run/secrets/data_password"
        assert environment["POSTGRES_HOST_AUTH_METHOD"] == "scram-sha-256"

    def test_it_sets_what_there_is_and_the_hub_reads_it(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        environment = compose()["services"]["hub"]["environment"]
        assert set(environment) <= set(settings_told())
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        loaded = Settings.load(home=tmp_path)
        admin = endpoints.admin_endpoint(loaded, "data")
        assert (admin.host, admin.user, admin.password) == ("data", "postgres", "")
        assert ("passfile", "/run/secrets/data_pgpass") in admin.extra

    def test_servers_log_as_little_as_the_hubs_own(self) -> None:
        from hub.db.postgres import _CONFIGURATION

        given = {part for part in compose()["services"]["data"]["command"] if "=" in part}
        own = {line.replace(" ", "") for line in _CONFIGURATION.splitlines() if line.startswith(("log_", "password_"))}
        assert {line for line in own if not line.startswith(("log_checkpoints", "log_lock_waits"))} <= given


def test_a_password_file_opens_the_database(settings: Settings, tmp_path: Path) -> None:
    """As compose.yaml gives the administrator's login: an address without a password, which libpq reads from a file."""
    embedded = endpoints.admin_endpoint(settings, "data")
    file = tmp_path / "data.pgpass"
    file.write_text(f"*:*:*:postgres:{role_password(settings, endpoints.superuser_secret('data'))}\n")
    file.chmod(0o600)
    url = f"postgresql://postgres@/postgres?host={embedded.host}&port={embedded.port}&passfile={file}"
    apart = Settings.apart(tmp_path, database_url="postgresql://elsewhere/hub", admin_database_url=url)

    from hub.migrations.connections import maintenance

    with maintenance(apart, "data") as admin:
        assert admin.execute("SELECT current_user").fetchone() == ("postgres",)
    file.write_text("*:*:*:postgres:wrong\n")
    with pytest.raises(Exception, match="database_down"), maintenance(apart, "data"):
        pass


class TestPreparing:
    def prepared(self, directory: Path, domain: str = "kopru.example.com") -> subprocess.CompletedProcess[str]:
        for name in ("prepare.sh", "hub.env.example"):
            shutil.copy(DEPLOY / name, directory)
        environment = os.environ | {"PREPARE_WITHOUT_ROOT": "yes"}
        command = ["bash", str(directory / "prepare.sh"), domain]
        return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)

    def test_passwords_are_made_once_and_are_their_readers_alone(self, tmp_path: Path) -> None:
        assert self.prepared(tmp_path).returncode == 0
        made = {file.name: file.read_text() for file in (tmp_path / "secrets").iterdir()}
        assert self.prepared(tmp_path).returncode == 0

        assert {file.name: file.read_text() for file in (tmp_path / "secrets").iterdir()} == made
        assert {f"secrets/{name}" for name in made} == {each["file"] for each in compose()["secrets"].values()}
        assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in (tmp_path / "secrets").iterdir())
        assert made["data.pgpass"] == f"data:5432:*:postgres:{made['data.password']}\n"
        assert re.fullmatch("[0-9a-f]{64}", made["keys.password"])
        assert made["data.password"] != made["keys.password"]
        assert (tmp_path / ".env").read_text() == "KOPRU_DOMAIN=kopru.example.com\n"
        told = [line for line in (tmp_path / "hub.env").read_text().splitlines() if line and not line.startswith("#")]
        assert told == [
            "HUB_PUBLIC_URL=https://kopru.example.com",
            'HUB_ALLOWED_HOSTS=["kopru.example.com","127.0.0.1"]',
        ]

    def test_a_name_that_is_none_is_refused(self, tmp_path: Path) -> None:
        assert self.prepared(tmp_path, "x|evil").returncode == 2
        assert not (tmp_path / "secrets").exists()

    def test_none_of_it_can_be_committed(self) -> None:
        kept = (DEPLOY / ".gitignore").read_text().split()
        assert kept == ["secrets/", ".env", "hub.env"]


def test_every_setting_is_told_and_no_other() -> None:
    fields = {f"HUB_{name.upper()}" for name in Settings.model_fields}
    told = set(settings_told())
    assert fields - told == set()
    assert told - fields == set()


def test_the_defaults_that_are_told_are_the_ones_that_hold() -> None:
    defaults = Settings.apart(Path("/var/lib/kopru"))
    for name, value in settings_told().items():
        field = name.removeprefix("HUB_").lower()
        default = Settings.model_fields[field].default if field in Settings.model_fields else None
        if isinstance(default, int | float) and not isinstance(default, bool):
            assert float(value) == float(default), name
        elif isinstance(default, str):
            assert value == default, name
        elif isinstance(default, Path):
            assert getattr(defaults, field) == Path("/var/lib/kopru") / value, name


class TestUnits:
    units = sorted((DEPLOY / "systemd").iterdir())

    def copied(self, directory: Path) -> list[str]:
        """With a program that exists, since the hub is not installed there."""
        for unit in self.units:
            (directory / unit.name).write_text(unit.read_text().replace("/opt/kopru/bin/hub", "/bin/true"))
        return [str(directory / unit.name) for unit in self.units]

    def test_systemd_understands_them(self, tmp_path: Path) -> None:
        command = [tool("systemd-analyze"), "verify", *self.copied(tmp_path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout + done.stderr) == (0, "")

    @pytest.mark.parametrize("unit", ["kopru.service", "kopru-backup@.service"])
    def test_what_they_may_do_is_little(self, tmp_path: Path, unit: str) -> None:
        self.copied(tmp_path)
        command = [tool("systemd-analyze"), "security", "--offline=true", "--threshold=15", str(tmp_path / unit)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout

    def test_their_commands_are_the_hubs(self) -> None:
        from typer.main import get_command

        from hub.cli.app import app

        for unit in self.units:
            for line in re.findall(r"^ExecStart=/opt/kopru/bin/hub (.*)$", unit.read_text(), re.MULTILINE):
                command: Any = get_command(app)
                for word in line.replace("%i", "data").split():
                    if word.startswith("-"):
                        assert any(word in parameter.opts for parameter in command.params), line
                    elif hasattr(command, "commands"):
                        command = command.commands[word]


def test_caddy_understands_its_file() -> None:
    command = [tool("caddy"), "validate", "--adapter", "caddyfile", "--config", str(DEPLOY / "Caddyfile")]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(NGINX is None, reason="no nginx here (Debian: nginx-light)")
def test_nginx_understands_its_file_and_writes_no_secret_address(tmp_path: Path) -> None:
    site = Site(tmp_path, free_port(), free_port(), f"127.0.0.1:{free_port()}", trustme.CA())
    command = [str(NGINX), "-t", "-q", "-p", str(tmp_path), "-c", str(nginx_configuration(site))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    # Nobody is behind it, and the authority is the test's own.
    with proxy("nginx", site), httpx.Client(verify=False) as client:  # noqa: S501
        answer = client.post(
            f"https://127.0.0.1:{site.port}/hooks/secret-of-an-address",
            content=b"{}",
            headers={"Host": NAME},
            extensions={"sni_hostname": NAME},
        )
    assert answer.status_code == 502
    written = {file.name: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    assert "access.log" in written
    assert [name for name, text in written.items() if b"secret-of-an-address" in text] == []


def test_the_proxy_logs_no_path_and_compresses_nothing() -> None:
    directives = {line.split()[0] for line in (DEPLOY / "Caddyfile").read_text().splitlines() if line.split()}
    assert {"log", "encode", "trusted_proxies"}.isdisjoint(directives)
