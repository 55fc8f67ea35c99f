"""Floors: what falls below one is named, and raising them never lowers one."""

from __future__ import annotations

from pathlib import Path

from benchmarks.detection.floors import below, raised, read_floors, write_floors
from benchmarks.detection.score import LabelScore, Score


def measured(found_right: int) -> Score:
    counts = LabelScore(marked=200, found_right=found_right, masked=found_right, found=100, answering=90)
    return Score(
        {"PERSON": counts}, texts=400, clean=100, untouched=97, personal_characters=1000, leaked_characters=100
    )


def test_a_floor_lies_one_in_a_hundred_below_the_figure_and_at_least_one_span() -> None:
    floors = raised({}, measured(180))
    assert floors["PERSON"] == {"recall": 0.89, "masked": 0.89, "precision": 0.89}
    assert floors["ALL"] == {"untouched": 0.96, "kept": 0.89}


def test_a_result_at_its_floors_passes_and_one_below_is_named() -> None:
    floors = raised({}, measured(180))
    assert below(measured(178), floors) == []
    assert below(measured(177), floors) == [
        "PERSON recall: 0.8850, floor 0.8900",
        "PERSON masked: 0.8850, floor 0.8900",
    ]


def test_a_label_that_is_no_longer_found_at_all_is_below_its_floor() -> None:
    assert below(Score(), {"PERSON": {"precision": 0.5}}) == ["PERSON precision: 0.0000, floor 0.5000"]


def test_floors_rise_with_a_better_result_and_stay_with_a_worse_one() -> None:
    floors = raised({}, measured(180))
    assert raised(floors, measured(150)) == floors
    assert raised(floors, measured(190))["PERSON"]["recall"] == 0.94


def test_floors_are_read_as_they_were_written(tmp_path: Path) -> None:
    floors = {"dev": raised({}, measured(180)), "test": raised({}, measured(150))}
    write_floors(floors, tmp_path / "floors.toml")
    assert read_floors(tmp_path / "floors.toml") == floors
