"""Settings are read once, refuse what they cannot understand without repeating it, and never print a secret."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from hub.db.endpoints import admin_endpoint, dagster_endpoint, endpoint, socket_directory
from hub.errors import HubError
from hub.secrets_file import ensure_passwords, role_password
from hub.settings import Settings, dagster_storage_url

_URL = "postgresql://db.example:6432/warehouse?sslmode=require"


class TestEnvironment:
    def test_without_any_variable_both_clusters_are_embedded(self, tmp_path: Path) -> None:
        settings = Settings.apart(tmp_path)
        assert settings.is_embedded("data")
        assert settings.is_embedded("keys")

    def test_a_directory_of_its_own_heeds_no_variable(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HUB_DATABASE_URL", _URL)
        monkeypatch.setenv("HUB_ROLE_PREFIX", "other")
        assert Settings.apart(tmp_path).is_embedded("data")
        assert Settings.apart(tmp_path).role("app") == "hub_app"
        assert not Settings.load(home=tmp_path).is_embedded("data")
        assert Settings.load(home=tmp_path).role("app") == "other_app"

    @pytest.mark.parametrize("prefix", ["Hub", "hub-1", 'x"; DROP', "1hub", "a" * 25])
    def test_a_prefix_that_is_no_plain_word_is_refused_by_name_and_not_repeated(
        self, monkeypatch: pytest.MonkeyPatch, prefix: str
    ) -> None:
        monkeypatch.setenv("HUB_ROLE_PREFIX", prefix)
        with pytest.raises(HubError) as refused:
            Settings.load()
        assert str(refused.value) == "settings_invalid names=HUB_ROLE_PREFIX"

    def test_what_is_not_json_is_refused_by_name_and_not_repeated(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HUB_PASSWORDS", "gizli")
        with pytest.raises(HubError, match="settings_invalid names=HUB_PASSWORDS") as caught:
            Settings.load(home=tmp_path)
        assert "gizli" not in str(caught.value)

    def test_an_empty_variable_is_none(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HUB_DATABASE_URL", "")
        assert Settings.load(home=tmp_path).is_embedded("data")

    @pytest.mark.parametrize(("text", "language"), [("tr", "tr"), ("tr-TR", "tr"), ("en_US.UTF-8", "en")])
    def test_a_language_may_be_written_as_a_locale(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, language: str
    ) -> None:
        monkeypatch.setenv("HUB_LANGUAGE", text)
        assert Settings.load(home=tmp_path).language == language

    def test_relative_files_live_in_the_home_and_absolute_ones_where_they_say(self, tmp_path: Path) -> None:
        settings = Settings.apart(tmp_path, master_key_file=Path("/run/secrets/master"))
        assert settings.secrets_file == tmp_path / "secrets.json"
        assert settings.master_key_file == Path("/run/secrets/master")

    def test_printing_shows_no_password(self, tmp_path: Path) -> None:
        settings = Settings.apart(
            tmp_path, passwords={"app": "hunter2"}, admin_database_url="postgresql://root:hunter2@db/postgres"
        )
        assert "hunter2" not in repr(settings) + str(settings.model_dump()) + repr(endpoint(settings, "app"))


class TestEndpoints:
    def test_a_url_names_server_and_database_and_the_role_logs_in_as_itself(self, tmp_path: Path) -> None:
        settings = Settings.apart(
            tmp_path,
            database_url="postgresql://someone:else@db.example:6432/warehouse?sslmode=require",
            passwords={"app": "secret"},
        )
        way = endpoint(settings, "app")
        assert (way.host, way.port, way.database, way.user, way.password) == (
            "db.example",
            6432,
            "warehouse",
            "hub_app",
            "secret",
        )
        assert way.environment()["PGSSLMODE"] == "require"

    def test_every_parameter_of_a_url_reaches_psql_under_libpqs_own_name(self, tmp_path: Path) -> None:
        url = "postgresql://db.example/hub?channel_binding=require&application_name=x&keepalives=1"
        way = endpoint(Settings.apart(tmp_path, database_url=url, passwords={"app": "x"}), "app").environment()
        assert (way["PGCHANNELBINDING"], way["PGAPPNAME"]) == ("require", "x")
        assert not [name for name in way if "KEEPALIVES" in name]

    def test_dagster_is_beside_the_hub_unless_a_url_names_another(self, tmp_path: Path) -> None:
        passwords = {"dagster": "s/e:c@r?et"}
        beside = dagster_endpoint(Settings.apart(tmp_path, database_url=_URL, passwords=passwords))
        assert (beside.host, beside.database, beside.user) == ("db.example", "dagster", "hub_dagster")
        own = Settings.apart(tmp_path, dagster_database_url="postgresql://op:pw@other/runs", passwords=passwords)
        assert (dagster_endpoint(own).user, dagster_endpoint(own).database) == ("op", "runs")
        unnamed = Settings.apart(tmp_path, dagster_database_url="postgresql://other/runs", passwords=passwords)
        assert dagster_endpoint(unnamed).user == "hub_dagster"

    def test_dagsters_url_names_its_driver_and_keeps_a_difficult_password(self, tmp_path: Path) -> None:
        from sqlalchemy.engine import make_url

        settings = Settings.apart(tmp_path, passwords={"dagster": "s/e:c@r?et&"})
        url = make_url(dagster_storage_url(settings))
        assert url.drivername == "postgresql+psycopg2"
        assert url.password == "s/e:c@r?et&"
        assert url.query["host"] == str(socket_directory(settings, "data"))

    @pytest.mark.parametrize(
        ("cluster", "name"), [("data", "HUB_ADMIN_DATABASE_URL"), ("keys", "HUB_KEYS_ADMIN_DATABASE_URL")]
    )
    def test_a_cluster_by_url_needs_an_admin_url_to_be_migrated(self, tmp_path: Path, cluster: str, name: str) -> None:
        settings = Settings.apart(tmp_path, database_url=_URL, keys_database_url=_URL)
        with pytest.raises(HubError, match=name):
            admin_endpoint(settings, cluster)  # pyright: ignore[reportArgumentType]

    @pytest.mark.parametrize("rest", ["[", "db.example:port/hub", "one:1,two:2/hub"])
    def test_a_malformed_url_is_refused_without_being_repeated(self, tmp_path: Path, rest: str) -> None:
        settings = Settings.apart(tmp_path, database_url=f"postgresql://hunter2:x@{rest}", passwords={"app": "x"})
        with pytest.raises(HubError) as refused:
            endpoint(settings, "app")
        assert "hunter2" not in str(refused.value)
        assert refused.value.__cause__ is None

    def test_a_long_home_gets_a_short_socket_path(self, tmp_path: Path) -> None:
        deep = Settings.apart(tmp_path / ("d" * 90))
        assert len(str(socket_directory(deep, "data") / ".s.PGSQL.65535.lock")) <= 107
        assert socket_directory(deep, "data") != socket_directory(deep, "keys")


class TestSecretsFile:
    def test_passwords_are_made_once_in_a_private_file(self, tmp_path: Path) -> None:
        settings = Settings.apart(tmp_path)
        ensure_passwords(settings, ["app"])
        first = role_password(settings, "app")
        ensure_passwords(settings, ["app", "loader"])
        assert role_password(settings, "app") == first != role_password(settings, "loader")
        assert stat.S_IMODE(settings.secrets_file.stat().st_mode) == 0o600

    def test_the_environment_goes_before_the_file(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        ensure_passwords(Settings.apart(tmp_path), ["app"])
        monkeypatch.setenv("HUB_PASSWORDS", '{"app": "from-outside"}')
        settings = Settings.load(home=tmp_path)
        assert role_password(settings, "app") == "from-outside"
        ensure_passwords(settings, ["loader"])
        assert "from-outside" not in settings.secrets_file.read_text()

    def test_a_file_that_others_may_read_is_refused(self, tmp_path: Path) -> None:
        settings = Settings.apart(tmp_path)
        ensure_passwords(settings, ["app"])
        settings.secrets_file.chmod(0o640)
        with pytest.raises(HubError, match="secrets_exposed"):
            role_password(settings, "app")

    @pytest.mark.parametrize("content", ["", "[]", "{"])
    def test_a_broken_file_is_named(self, tmp_path: Path, content: str) -> None:
        settings = Settings.apart(tmp_path)
        settings.secrets_file.write_text(content)
        settings.secrets_file.chmod(0o600)
        with pytest.raises(HubError, match="secrets_malformed"):
            role_password(settings, "app")

    def test_a_missing_password_names_its_role(self, tmp_path: Path) -> None:
        with pytest.raises(HubError, match="password_missing role=app"):
            role_password(Settings.apart(tmp_path), "app")
