from hypothesis import given
from hypothesis import strategies as st

from hub.orchestration.partitions import contiguous_ranges

ORDERED = [f"t{number:011d}" for number in range(10)]


def test_a_range_is_trimmed_to_the_wanted_tenants() -> None:
    assert contiguous_ranges(ORDERED, [ORDERED[5], ORDERED[2]], 100) == [(ORDERED[2], ORDERED[5])]


def test_a_shard_without_a_wanted_tenant_starts_no_run() -> None:
    assert contiguous_ranges(ORDERED, [ORDERED[9]], 5) == [(ORDERED[9], ORDERED[9])]


def test_the_shard_of_the_longest_waiting_tenant_comes_first() -> None:
    assert contiguous_ranges(ORDERED, [ORDERED[9], ORDERED[0], ORDERED[1]], 5) == [
        (ORDERED[9], ORDERED[9]),
        (ORDERED[0], ORDERED[1]),
    ]


@given(wanted=st.lists(st.sampled_from(ORDERED), unique=True), size=st.integers(1, 12))
def test_every_wanted_tenant_is_in_exactly_one_range(wanted: list[str], size: int) -> None:
    ranges = contiguous_ranges(ORDERED, wanted, size)
    covered = [
        key
        for first, last in ranges
        for key in ORDERED[ORDERED.index(first) : ORDERED.index(last) + 1]
        if key in wanted
    ]
    assert sorted(covered) == sorted(wanted)
