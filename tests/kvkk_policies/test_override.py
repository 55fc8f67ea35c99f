"""A tenant's choice for a column."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from connectors.contract import Stream
from hub.errors import HubError
from kvkk_policies.gate import Gated
from kvkk_policies.override import Override, check_override
from kvkk_policies.policy import ProviderPolicy

KEEP = Override(action="keep", legal_basis="contract", retention="P1Y")


def refusal(policies: dict[str, ProviderPolicy], stream: Stream, column: str, override: Override) -> str:
    with pytest.raises(HubError) as caught:
        check_override(stream=stream, policy=policies["shop"].streams["orders"], column=column, override=override)
    return caught.value.code


def test_a_column_may_be_kept_where_the_policy_allows_it(gated: Callable[..., Gated]) -> None:
    result = gated({"phone": "0555 000 00 02"}, overrides={"phone": KEEP})

    assert result.table.column("phone").to_pylist() == ["0555 000 00 02"]
    assert [identifier.kind for identifier in result.identifiers] == ["phone"]
    assert not result.originals


def test_a_dropped_column_stays_in_the_table_and_is_empty(gated: Callable[..., Gated]) -> None:
    drop = Override(action="drop", legal_basis="contract", retention="P1Y")

    result = gated({"phone": "0555 000 00 02"}, overrides={"phone": drop})

    assert result.table.column("phone").to_pylist() == [None]
    assert not result.identifiers


def test_an_override_that_the_policy_does_not_allow_stops_the_gate(gated: Callable[..., Gated]) -> None:
    with pytest.raises(HubError, match="override_not_allowed"):
        gated({"email": "a@ornek.com"}, overrides={"email": KEEP})


def test_an_override_may_not_change_the_type_of_the_landing_column(
    policies: dict[str, ProviderPolicy], stream: Stream
) -> None:
    orders = policies["shop"].streams["orders"]
    score = replace(orders.columns["score"], overridable=("keep",))
    loose = replace(orders, columns={**orders.columns, "score": score})

    with pytest.raises(HubError, match="override_type"):
        check_override(stream=stream, policy=loose, column="score", override=KEEP)


def test_reasons_for_refusal(policies: dict[str, ProviderPolicy], stream: Stream) -> None:
    special = Override(action="keep", legal_basis="s_law", retention="P1Y")

    assert refusal(policies, stream, "health", KEEP) == "override_special_category"
    assert refusal(policies, stream, "tckn", KEEP) == "override_not_allowed"
    assert refusal(policies, stream, "phone", special) == "override_basis_unknown"
    assert refusal(policies, stream, "phone", Override("keep", "contract", "forever")) == "override_retention"
    assert refusal(policies, stream, "phone", Override("keep", "contract", "P1Y", {"x": 1})) == "override_params"
    assert refusal(policies, stream, "nothing", KEEP) == "override_column_unknown"
