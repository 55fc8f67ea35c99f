"""The wheel, built and put into an empty directory: it holds what the hub needs, and hides nobody else's package."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).parents[1]
OURS = "kopru"
NOT_SHIPPED = {"tests", "benchmarks"}


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as pip would unpack it, without what it depends on."""
    built, target = tmp_path_factory.mktemp("built"), tmp_path_factory.mktemp("target")
    _python("-m", "hatchling", "build", "-t", "wheel", "-d", str(built), cwd=REPOSITORY)
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target)
    return target


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    with (REPOSITORY / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)


def test_no_top_level_name_is_anybody_elses(target: Path) -> None:
    names = {path.stem for path in target.iterdir() if path.suffix != ".dist-info"}
    others = {name: owners for name, owners in packages_distributions().items() if set(owners) != {OURS}}
    assert names
    assert names & others.keys() == set()
    assert names & sys.stdlib_module_names == set()


def test_dbt_remains_dbt_cores(target: Path) -> None:
    assert "dbt-core" in packages_distributions()["dbt"]
    assert not (target / "dbt").exists()
    for project_directory in (REPOSITORY / "dbt", target / "hub" / "_dbt"):
        assert [path for path in project_directory.rglob("*.py*") if "target" not in path.parts] == []
    found = _python("-c", "import dbt.version; print(dbt.version.__file__)", cwd=REPOSITORY, path=target)
    assert "site-packages" in found


def test_every_package_is_listed_and_every_listed_one_is_there(target: Path, project: dict[str, Any]) -> None:
    listed = set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])
    assert {path.parent.name for path in REPOSITORY.glob("*/__init__.py")} - NOT_SHIPPED == listed
    assert {path.name for path in target.iterdir() if path.suffix != ".dist-info"} == listed
    for name in listed:
        ours = {path.relative_to(REPOSITORY) for path in _sources(REPOSITORY / name)}
        assert ours <= {path.relative_to(target) for path in _sources(target / name)}


def test_what_is_not_python_comes_along(target: Path) -> None:
    from connectors.registry import PROVIDERS

    policies = {f"kvkk_policies/{name}.yaml" for name in PROVIDERS}
    dbt = {path.relative_to(REPOSITORY / "dbt").as_posix() for path in _models(REPOSITORY / "dbt")}
    needed = {
        *policies,
        *("kvkk_policies/schema.json", "hub/locale/tr/LC_MESSAGES/hub.mo"),
        *(path.relative_to(REPOSITORY).as_posix() for path in (REPOSITORY / "kvkk_policies").rglob("*.txt")),
        *(f"hub/_dbt/{name}" for name in dbt),
    }
    assert "profiles.yml" in dbt
    assert {name for name in needed if not (target / name).is_file()} == set()


def test_the_command_works_from_the_wheel(target: Path) -> None:
    script = "import hub, sys; from hub.cli import main; print(hub.__file__); sys.exit(main(['--help']))"
    shown = _python("-c", script, cwd=target, path=target)
    assert shown.startswith(str(target))
    assert "integrations" in shown
    entry = (next(target.glob("*.dist-info")) / "entry_points.txt").read_text()
    assert "hub = hub.cli:main" in entry


def test_the_definitions_of_the_wheel_name_a_manifest_that_is_missing(target: Path, tmp_path: Path) -> None:
    manifest = target / "hub" / "_dbt" / "target" / "manifest.json"
    aside = manifest.with_suffix(".aside")
    if manifest.exists():
        manifest.rename(aside)
    script = (
        "from pathlib import Path; from hub.settings import Settings\n"
        "from hub.models.dbt_process import load_manifest\n"
        f"try: load_manifest(Settings.apart(Path({str(tmp_path)!r})))\nexcept Exception as error: print(error)"
    )
    shown = _python("-c", script, cwd=target, path=target)
    if aside.exists():
        aside.rename(manifest)
    assert shown.startswith("dbt_manifest_missing")
    assert str(manifest) in shown


def _sources(package: Path) -> list[Path]:
    return [path for path in package.rglob("*.py") if "target" not in path.parts]


def _models(project: Path) -> list[Path]:
    return [path for path in project.rglob("*") if path.suffix in {".sql", ".yml"} and "target" not in path.parts]


def _python(*arguments: str, cwd: Path, path: Path | None = None) -> str:
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "HUB_LANGUAGE": "en"}
    if path is not None:
        environment["PYTHONPATH"] = str(path)
    done = subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
