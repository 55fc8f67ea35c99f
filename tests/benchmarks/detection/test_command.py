"""The command: it shows no wrong texts of the test set, and writes that set's figures into a page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks.detection import __main__ as command
from benchmarks.detection.report import BEGIN, END, SPEED, write
from benchmarks.detection.texts import LabelledText
from benchmarks.detection_speed import MIXES, Outcome, table
from kvkk_policies.detect.span import Span

SECRET = LabelledText("trade-001", "trade", "normal", "Ali Can aradı", (Span(0, 7, "PERSON"),))


def nothing_found(texts: Sequence[str]) -> list[list[Span]]:
    return [[] for _ in texts]


@pytest.fixture(autouse=True)
def small_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "read", lambda name: [SECRET])
    monkeypatch.setattr(command, "detect_many", nothing_found)


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr("sys.argv", ["detection", *arguments])
    command.main()


@pytest.mark.parametrize("name", ["dev", "third", "fourth"])
def test_misses_of_a_development_set_are_shown(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(monkeypatch, "--set", name, "--misses", "5")
    assert "lost PERSON 'Ali Can'" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [("--set", "test", "--misses", "5"), ("--misses", "5")])
def test_misses_of_the_test_set_are_refused(
    arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        run(monkeypatch, *arguments)
    assert "Ali Can" not in capsys.readouterr().out


def test_the_page_gets_the_table_between_its_markers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n\n{BEGIN}\nold\n{END}\n\nafter\n")
    run(monkeypatch, "--write", str(page))
    text = page.read_text()
    assert text.startswith(f"before\n\n{BEGIN}\n\n| Label ")
    assert text.endswith(f"{END}\n\nafter\n")
    assert "old" not in text


def test_the_page_gets_the_speeds_between_their_own_markers(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"{BEGIN}\nfigures\n{END}\n{SPEED[0]}\nold\n{SPEED[1]}\nafter\n")
    outcome = Outcome(theirs=100.0, ours=1250.0, spans=7, lost=0)
    write(page, table([(MIXES[0], outcome)], 10, 3), SPEED)
    text = page.read_text()
    assert text.startswith(f"{BEGIN}\nfigures\n{END}\n{SPEED[0]}\n\n| Texts ")
    assert "| 12.5 |" in text
    assert "0 of 7 spans" in text
    assert "old" not in text
    assert text.endswith(f"{SPEED[1]}\nafter\n")


def test_a_page_without_markers_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("no markers\n")
    with pytest.raises(ValueError, match=r"page\.md"):
        write(page, "table")
    assert page.read_text() == "no markers\n"
