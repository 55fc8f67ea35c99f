"""What the repository itself promises: a lock file without hosts, a README whose commands exist, no machine's paths."""

from __future__ import annotations

import re
import shlex
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from hub.cli.app import app

REPOSITORY = Path(__file__).parents[1]
_REQUIREMENT = re.compile(r"(?P<name>[A-Za-z0-9._-]+)(\[[a-z0-9,_-]+\])?==[^\s;\\]+( ; [^\\]+)?( \\)?")
_HASH = re.compile(r" {4}--hash=sha256:[0-9a-f]{64}( \\)?")
_MACHINE_PATH = re.compile(r"(?<![\w.$}])/(?:home|root|Users|work|mnt/data|private)/[\w.-]+")
_TEXTS = {"", ".py", ".md", ".toml", ".yaml", ".yml", ".sql", ".json", ".txt", ".lock", ".po", ".cfg"}


@cache
def tracked() -> tuple[str, ...]:
    """What git knows or would take."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    return tuple(name for name in listed.stdout.split("\0") if name and (REPOSITORY / name).is_file())


def test_every_locked_requirement_has_its_version_and_hashes_and_nothing_else_is_in_the_lock() -> None:
    hashes: dict[str, int] = {}
    name = ""
    for line in (REPOSITORY / "requirements.lock").read_text().splitlines():
        requirement = _REQUIREMENT.fullmatch(line)
        if requirement:
            name = requirement["name"]
            hashes[name] = 0
        else:
            assert _HASH.fullmatch(line), line
            hashes[name] += 1
    assert len(hashes) > 100
    assert [name for name, count in hashes.items() if not count] == []


def test_every_requirement_of_the_project_is_locked() -> None:
    with (REPOSITORY / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    locked = {_plain(found["name"]) for found in _REQUIREMENT.finditer((REPOSITORY / "requirements.lock").read_text())}
    assert {name for each in wanted if (name := _plain(re.split(r"[\[=<>~! ]", each)[0])) not in locked} == set()


def test_every_package_of_the_wheel_has_files() -> None:
    with (REPOSITORY / "pyproject.toml").open("rb") as file:
        wheel = tomllib.load(file)["tool"]["hatch"]["build"]["targets"]["wheel"]
    for name in wheel["packages"]:
        assert f"{name}/__init__.py" in tracked()
    for source in wheel["force-include"]:
        assert any(name.startswith(f"{source}/") for name in tracked())


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    found = {
        f"{name}: {match[0]}"
        for name in tracked()
        if Path(name).suffix in _TEXTS and name != "tests/test_repository.py"
        for match in _MACHINE_PATH.finditer((REPOSITORY / name).read_text(errors="replace"))
    }
    assert found == set()


@pytest.mark.parametrize("path", ["/home/ayse/kopru", "in /work/main/hub", '"/root/.cache"', "/Users/x/y"])
def test_a_path_of_a_machine_is_recognised(path: str) -> None:
    assert _MACHINE_PATH.search(path)


@pytest.mark.parametrize("path", ["docs/work/plan", "$HOME/work/x", "https://example.com/home/page", "/work"])
def test_other_paths_are_not(path: str) -> None:
    assert not _MACHINE_PATH.search(path)


@pytest.mark.parametrize("page", [name for name in tracked() if name.endswith(".md")])
def test_the_commands_of_a_page_exist(page: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE))
    unknown = [
        " ".join(words)
        for words in _commands((REPOSITORY / page).read_text())
        if not (words[1] in targets if words[0] == "make" else _is_command(words[1:]))
    ]
    assert unknown == []


def test_an_unknown_command_is_recognised() -> None:
    assert list(_commands("see `hub sync iyzico`\n\n    make demo   # all of it\n")) == [
        ["hub", "sync", "iyzico"],
        ["make", "demo"],
    ]
    assert _is_command(["tenants", "analyst", "add", "--help"])
    assert _is_command(["sync", "iyzico", "--tenant", "T"])
    assert not _is_command(["synchronise"])
    assert not _is_command(["tenants", "banish"])
    assert not _is_command(["sync", "--everything"])


@cache
def api_paths() -> frozenset[str]:
    """Every address of the API as its description names it, with `{}` for what differs from call to call."""
    from hub.api.route import PREFIX
    from hub.api.routes import ROUTERS

    found = {getattr(route, "path", "") for router in ROUTERS for route in router.routes}
    return frozenset(_with_holes(path) for path in found if path.startswith(PREFIX))


@pytest.mark.parametrize("page", [name for name in tracked() if name.endswith(".md")])
def test_the_addresses_of_the_api_in_a_page_exist(page: str) -> None:
    named = re.findall(r"/api/v1(?:/[a-z0-9{}._-]+)+", (REPOSITORY / page).read_text())
    assert {path for path in named if not _is_address(path)} == set()


def test_an_unknown_address_of_the_api_is_recognised() -> None:
    assert _is_address("/api/v1/data/{dataset}")
    assert _is_address("/api/v1/data/marts.payments")
    assert _is_address("/api/v1/me.")
    assert not _is_address("/api/v1/you")
    assert not _is_address("/api/v1/data/{dataset}/rows")


def _is_address(path: str) -> bool:
    parts = path.rstrip(".").split("/")
    return any(
        len(parts) == len(known) and all(there in ("{}", here) for here, there in zip(parts, known, strict=True))
        for known in (each.split("/") for each in api_paths())
    )


def _with_holes(path: str) -> str:
    return re.sub(r"\{[^}]+\}", "{}", path)


def _commands(text: str) -> Iterator[list[str]]:
    """Every `hub …` and `make …` in code: spans, and lines of indented or fenced blocks."""
    spans = re.findall(r"`([^`\n]+)`", text)
    lines = re.findall(r"^ {4}(.+)$", text, re.MULTILINE)
    lines += [
        line
        for block in re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
        for line in block.splitlines()
    ]
    for code in [*spans, *lines]:
        found = re.match(r"\$? ?(?:[A-Z_]+=\S+ )*((?:hub|make) [a-z].*)", code)
        if found:
            yield shlex.split(found[1], comments=True)


@cache
def _hub() -> Any:
    """The whole tree of commands takes a sixth of a second to build."""
    return get_command(app)


def _is_command(words: list[str]) -> bool:
    """Whether the words lead to a command, and each option is one of its own or of a group on the way."""
    command = _hub()
    options = {"--help"}
    for position, word in enumerate(words):
        options |= {name for parameter in command.params for name in parameter.opts}
        children = getattr(command, "commands", None)
        if word.startswith("-"):
            if word.split("=")[0] not in options:
                return False
        elif children is not None and (position == 0 or not words[position - 1].startswith("-")):
            if word not in children:
                return False
            command = children[word]
    return True


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
