"""Whoever has not signed in is counted by network, which the table does not show."""

from __future__ import annotations

import pytest

from hub.db.database import Database
from hub.identity.caller import PLATFORM_SCOPE
from hub.keys.keyring import Keyring, TenantKeys
from hub.keys.master_key import read_master_key
from hub.limits.networks import network_name


@pytest.fixture(scope="module")
def keys(database: Database) -> TenantKeys:
    return Keyring(database, read_master_key(database.settings.master_key_file)).tenant(PLATFORM_SCOPE)


def test_a_name_shows_no_address_and_is_the_same_every_time(keys: TenantKeys) -> None:
    name = network_name(keys, "203.0.113.9", of="sign-in")

    assert name == network_name(keys, "203.0.113.9", of="sign-in")
    assert name.startswith("sign-in:")
    assert "203" not in name.removeprefix("sign-in:")
    assert name != network_name(keys, "203.0.113.10", of="sign-in")
    assert name != network_name(keys, "203.0.113.9", of="webhooks")


def test_addresses_of_one_ipv6_network_share_a_bucket(keys: TenantKeys) -> None:
    one, other = (network_name(keys, each, of="x") for each in ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9%eth0"))

    assert one == other
    assert one != network_name(keys, "2001:db8:1:3::1", of="x")


def test_an_ipv4_address_inside_ipv6_is_that_address(keys: TenantKeys) -> None:
    assert network_name(keys, "::ffff:203.0.113.9", of="x") == network_name(keys, "203.0.113.9", of="x")


def test_what_is_no_address_shares_one_bucket(keys: TenantKeys) -> None:
    assert network_name(keys, "somebody", of="x") == network_name(keys, "", of="x")
