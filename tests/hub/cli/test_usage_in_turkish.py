"""Whatever is typed wrongly, whoever reads Turkish is answered in Turkish: every command, every option, every help."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

import pytest

from hub.cli import run as command_line
from hub.cli.localise import command_in_language
from hub.i18n import adopt, speaking, use
from hub.messages import explain
from hub.validation import InvalidInput, checked

ENGLISH = re.compile(
    r"\b(missing|invalid|value|values|no such|not one|must|is not|one of|unexpected|got|extra|takes|requires?|argument"
    r"|arguments|options?|commands?|usage|error|try|did you|required|default|aborted|str|int|or|and|of|the)\b",
    re.IGNORECASE,
)
"""Words of Typer's and pydantic's own texts. None is a Turkish word, nor what a command or an option is called."""
NAMED = re.compile(r"'[^']*'|\"[a-z]+\":|\bhub( [a-z-]+)*|--[a-z-]+|\b[A-Z.=|]{2,}\b|^  [a-z_]+:")
"""Names and placeholders, which are the same in every language."""

Path = tuple[str, ...]


def tree(node: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    yield path, node
    for name, below in getattr(node, "commands", {}).items():
        yield from tree(below, (*path, name))


def english(text: str) -> list[str]:
    return ENGLISH.findall(NAMED.sub("", text))


@pytest.fixture
def root(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The tree in Turkish, made once: a walk runs it hundreds of times. What is not refused runs nothing."""
    monkeypatch.setenv("LANGUAGE", "tr")
    adopt("tr", os.environ)
    made = command_in_language()
    for _path, command in tree(made):
        monkeypatch.setattr(command, "callback", None)
    monkeypatch.setattr(command_line, "command_in_language", lambda: made)
    yield made
    use("en")


def wrong(path: Path, command: Any) -> Iterator[list[str]]:
    """Everything that a command can be called wrongly by, as far as its arguments alone tell it."""
    yield [*path, "--yok"]
    if getattr(command, "commands", None):
        yield [*path, "yokboyle"]
        yield [*path, next(iter(command.commands))[:-1] + "x"]  # alike, so that a command is proposed
        return
    required = [each for each in command.params if each.required]
    if required:
        yield [*path]
    given = [part for each in required for part in filled(each)]
    if not any(each.nargs == -1 for each in command.params):
        yield [*path, *given, *["fazla"] * 9]
    for each in command.params:
        if getattr(each, "is_flag", False):
            yield [*path, *given, f"{each.opts[0]}=evet"]
            continue
        if each.param_type_name == "option":
            yield [*path, *given, each.opts[0]]
        if not each.type_descriptor.is_file and not fits(each):
            yield [*path, *[part for other in required if other is not each for part in filled(other)], *named(each)]


def filled(parameter: Any) -> list[str]:
    value = "1" if fits(parameter, "1") else "3f0e9a30-0000-4000-8000-000000000000"
    return [value] if parameter.param_type_name == "argument" else [parameter.opts[0], value]


def named(parameter: Any) -> list[str]:
    return ["olmaz"] if parameter.param_type_name == "argument" else [parameter.opts[0], "olmaz"]


def fits(parameter: Any, value: str = "olmaz") -> bool:
    """Whether the value is of the parameter's type; one of which there may be several is tried alone."""
    try:
        parameter.type_cast_value(None, [value] if parameter.multiple or parameter.nargs == -1 else value)
    except Exception:
        return False
    return True


def test_no_wrong_call_of_any_command_is_answered_in_english(root: Any, capsys: pytest.CaptureFixture[str]) -> None:
    answered = 0
    for path, command in tree(root):
        for arguments in wrong(path, command):
            capsys.readouterr()
            status = command_line.run(arguments)
            shown = capsys.readouterr()
            if status == command_line.MISUSED:
                answered += 1
            assert not english(shown.err), (arguments, shown.err)

    assert answered > 400, answered


def test_every_help_and_usage_line_is_turkish_down_to_the_types(root: Any) -> None:
    for path, command in tree(root):
        context = command.context_class(command, info_name=" ".join(("hub", *path)))
        shown = command.get_help(context)
        headings = re.findall(r"^\S.*:|<[^>]*>|\[[^\]]*\]", shown, re.MULTILINE)

        assert headings[0].startswith("Kullanım:"), path
        assert not english(" ".join(headings)), path


def test_a_wrong_choice_is_answered_with_the_choices_and_no_english_between_them() -> None:
    from hub.kvkk.requests.new_request import NewRequest

    with speaking("tr"), pytest.raises(InvalidInput) as refused:
        checked(NewRequest, {"type": "access", "channel": "x", "contact": "a@b.tr"})
    with speaking("tr"):
        shown = explain(refused.value)

    assert "channel: şunlardan biri olmalı: written, kep, secure_e_signature," in shown
    assert not english(shown.split("channel:")[1])


def test_the_words_would_be_noticed() -> None:
    for said in (
        "Invalid value for 'x': 'y' is not one of 'a', 'b'.",
        "Missing option '--x'.",
        "No such command 'x'. Did you mean 'y'?",
        "Usage: hub x [OPTIONS]",
        "'x' diye bir komut yok. Did you mean 'y'?",
        "şunlardan biri olmalı: 'a' or 'b'.",
        "--adet <int>",
    ):
        assert english(said), said
    assert not english("'TENANT' eksik.\nDeneyin: hub tenants suspend --help")
