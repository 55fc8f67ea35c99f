from __future__ import annotations

import random
import string
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.contract import Column, Provider, RateLimit, Snapshot, Stream
from hub.discovery.draft import Tables, provider_name, write_draft
from hub.discovery.headers import PHRASES
from hub.discovery.judgement import Finding, judge_table
from hub.discovery.meanings import MEANINGS
from hub.discovery.names import declared_name, distinct_names
from hub.discovery.proposal import proposed_columns
from hub.discovery.sample import sample_of
from hub.errors import HubError
from hub.i18n import speaking
from kvkk_policies.policy import ProviderPolicy, StreamPolicy, check_policies, load_policies
from tests.fixtures.siparis import open_session
from tests.hub.discovery.people import HEADING, MARKERS, customers, phones, tckns

VALUES: dict[str, list[Any]] = {
    "tckn": tckns(12),
    "phone": phones(12),
    "int": list(range(12)),
    "same": [7] * 12,
    "decimal": [number + 0.25 for number in range(12)],
    "text": ["serbest bir metin", "kemoterapi görüyor", "0532 000 00 01 aranacak"] * 4,
    "date": [date(1980, 1, day) for day in range(1, 13)],
    "time": [datetime(2026, 1, day, 10, 1, tzinfo=UTC) for day in range(1, 13)],
    "bool": [True, False] * 6,
    "bytes": [b"x"] * 12,
    "none": [None] * 12,
    "uuid": [f"{number:08x}-0000-4000-8000-000000000000" for number in range(12)],
}


def tables(*given: tuple[str, dict[str, list[Any]], tuple[str, ...]]) -> Tables:
    found: list[Any] = []
    for name, columns, key in given:
        rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
        sample = sample_of(name, rows, columns=list(columns), key=key)
        found.append((name, sample.rows, judge_table(sample)))
    return found


def loaded(path: Path, provider: str, found: Tables) -> ProviderPolicy:
    """The draft as the hub reads it, held against a connector that declares the guessed types, key and cursor."""
    path.mkdir(exist_ok=True)
    (path / "draft.yaml").unlink(missing_ok=True)
    write_draft(path / "draft.yaml", provider, found)
    policies = load_policies(path)
    streams = [
        _declared(name, findings) for name, (_t, _r, findings) in zip(policies[provider].streams, found, strict=True)
    ]
    source = Provider(
        name=provider,
        title=provider,
        description=provider,
        credential_fields=(),
        environments={"live": "file:///"},
        streams=tuple(streams),
        open=open_session,
        rate=RateLimit(1, timedelta(seconds=1)),
        interval=timedelta(minutes=5),
    )
    check_policies(policies, {provider: source})
    return policies[provider]


def _declared(name: str, findings: Sequence[Finding]) -> Stream:
    columns = proposed_columns("dukkan", findings)
    return Stream(
        name=name,
        title=name,
        description=name,
        columns=tuple(Column(column.name, column.type, column.name) for column in columns),
        key=tuple(column.name for column in columns if column.key),
        version=next((column.name for column in columns if column.cursor), None),
        plan=Snapshot(),
    )


def actions(stream: StreamPolicy) -> dict[str, str]:
    return {name: f"{column.category} {column.action}" for name, column in stream.columns.items()}


def test_a_customer_file_gets_a_policy_that_the_hub_takes(tmp_path: Path) -> None:
    columns = {heading: [row[at] for row in customers()] for at, heading in enumerate(HEADING)}
    policy = loaded(tmp_path, "dukkan", tables(("müşteriler", columns, ())))

    assert actions(policy.streams["musteriler"]) == {
        "musteri_no": "MUSTERI keep",
        "ad_soyad": "KIMLIK vault",
        "tc_kimlik_no": "KIMLIK vault",
        "cep_tel": "ILETISIM vault",
        "dogum_tarihi": "KIMLIK generalise",
        "tutar": "FINANS keep",
        "aciklama": "MUSTERI scan",
        "son_guncelleme": "MUSTERI keep",
    }
    text = (tmp_path / "draft.yaml").read_text()
    assert text.count("review:") > 2
    assert "# proposed key" in text
    assert "# proposed cursor" in text
    assert [marker for marker in MARKERS if marker in text] == []


@pytest.mark.parametrize("meaning", sorted(PHRASES))
def test_a_heading_over_any_values_gives_a_policy_that_the_hub_takes(tmp_path: Path, meaning: str) -> None:
    heading = PHRASES[meaning].split(",")[0]
    columns = {f"{heading} {number}": values for number, values in enumerate(VALUES.values())}
    found = tables(("tablo", {"anahtar id": VALUES["uuid"], **columns}, ("anahtar id",)))

    _key, *proposed = loaded(tmp_path, "dukkan", found).streams["tablo"].columns.values()
    assert len(proposed) == len(VALUES)
    if MEANINGS[meaning].action == "drop":
        assert {column.action for column in proposed} == {"drop"}


@pytest.mark.parametrize("heading", ["not", "kan_grubu", "dogum_tarihi", "enlem", "kart_no", "ip", "xyz", "updated_at"])
def test_a_key_survives_its_policy_whatever_it_holds(tmp_path: Path, heading: str) -> None:
    found = tables(*((name, {heading: values}, (heading,)) for name, values in VALUES.items()))

    streams = loaded(tmp_path, "dukkan", found).streams.values()
    destroyed = [
        (stream.name, column.action)
        for stream in streams
        for column in stream.columns.values()
        if column.action not in ("keep", "pseudonymise", "vault")
    ]
    assert (len(streams), destroyed) == (len(VALUES), [])


@pytest.mark.parametrize("values", ["date", "time"])
def test_a_cursor_is_kept_even_where_its_dates_are_long_past(tmp_path: Path, values: str) -> None:
    found = tables(("tablo", {"id": VALUES["int"], "updated_at": VALUES[values]}, ("id",)))

    columns = loaded(tmp_path, "dukkan", found).streams["tablo"].columns
    assert columns["updated_at"].action == "keep"


NAMES = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=30) | st.sampled_from(
    [
        "no",
        "on",
        "null",
        "true",
        "1",
        "~",
        "a: b",
        "# x",
        "- y",
        "'",
        '"',
        "{",
        "İ",
        "ı",
        "a\nb: {action: keep}",
        "x" * 200,
    ]
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(NAMES, min_size=1, max_size=6, unique=True), table=NAMES)
def test_names_are_somebody_elses_and_break_no_draft(tmp_path: Path, names: list[str], table: str) -> None:
    found = tables((table, dict.fromkeys(names, VALUES["text"]), ()), (table, {"id": VALUES["int"]}, ()))

    policy = loaded(tmp_path, "dukkan", found)
    assert [len(stream.columns) for stream in policy.streams.values()] == [len(names), 1]
    lines = (tmp_path / "draft.yaml").read_text().split("\n")
    assert [line for line in lines if "action: keep" in line and "vault" in line] == []


@pytest.mark.parametrize("provider", ["dukkan", "d" * 30, "d" * 31])
def test_numbers_that_mean_something_only_there_get_a_kind_of_their_own_and_no_person(
    tmp_path: Path, provider: str
) -> None:
    columns = {"hesap no": VALUES["int"], "xyz": VALUES["int"], "siparis no": [int(number) for number in tckns(12)]}
    policy = loaded(tmp_path, provider, tables(("t", columns, ("xyz",))))

    found = {name: (column.action, column.subject) for name, column in policy.streams["t"].columns.items()}
    assert found["hesap_no"] == found["xyz"] == ("pseudonymise", None)
    kinds = [column.kind for column in policy.streams["t"].columns.values()]
    assert kinds[:2] == (["dukkan_hesap_no", "dukkan_xyz"] if provider == "dukkan" else ["text"] * 2)


def test_names_are_made_the_hubs_own() -> None:
    assert [declared_name(name) for name in ("Doğum Tarihi", "TCKimlikNo", "İL", "ılık Çay", "a.b[].c", "№")] == [
        "dogum_tarihi",
        "tc_kimlik_no",
        "il",
        "ilik_cay",
        "a_b_c",
        "",
    ]
    assert distinct_names(["a", "A", "№", "1x"], fallback="column") == ["a", "a_2", "column_3", "column_1x"]


def test_names_stay_distinct_for_any_given() -> None:
    chance = random.Random(3)
    names = ["".join(chance.choices(string.ascii_letters + "ığİ _-2", k=3)) for _ in range(2_000)]

    assert len(set(distinct_names(names, fallback="column"))) == 2_000


@pytest.mark.parametrize(
    ("text", "name"), [("Müşteri Listesi 2026", "musteri_listesi_2026"), ("2026", "source"), ("", "source")]
)
def test_a_provider_is_named_after_the_source(text: str, name: str) -> None:
    assert provider_name(text) == name


def test_a_draft_that_somebody_worked_on_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("mine")

    with pytest.raises(HubError, match="scan_draft_exists"):
        write_draft(tmp_path / "a.yaml", "dukkan", tables(("t", {"id": VALUES["int"]}, ())))
    assert (tmp_path / "a.yaml").read_text() == "mine"


def test_a_draft_speaks_the_readers_language_and_marks_reviews_alike(tmp_path: Path) -> None:
    with speaking("tr"):
        write_draft(tmp_path / "a.yaml", "dukkan", tables(("t", {"xyz": VALUES["int"]}, ())))

    text = (tmp_path / "a.yaml").read_text()
    assert "review: başlık bilinen bir şey söylemiyor" in text
    assert "dukkan" in load_policies(tmp_path)
