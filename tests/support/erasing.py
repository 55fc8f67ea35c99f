"""A shop's people as its orders tell of them, and an eraser over the shop's stores."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from connectors.secret import Secret
from hub.control.grounds import subject_pseudonym
from hub.kvkk.audit import Actor
from hub.kvkk.erasure.named import with_named
from hub.kvkk.erasure.run import Eraser, Mandate
from hub.kvkk.person import Person, find_person
from hub.kvkk.registry import open_stores
from hub.kvkk.retention.statutes import Statute
from hub.kvkk.stores import Hub, Store
from tests.fixtures.siparis import PROVIDER
from tests.support.overrides_shop import Shop

MANDATE = Mandate(Actor("Ayşe Yetkili", "operator"))


def hub_of(shop: Shop) -> Hub:
    """What stores work with, at the shop."""
    return Hub(shop.engine.database, shop.engine.keyring, {PROVIDER.name: PROVIDER}, shop.engine.policies)


def stores_of(shop: Shop, rebuild: Callable[[str], Any] = lambda tenant_id: None) -> tuple[Store, ...]:
    """The registered stores. The fixture's provider has no marts, so nothing is built."""
    return open_stores(hub_of(shop), rebuild=rebuild)


def eraser_of(
    shop: Shop, stores: Sequence[Store] | None = None, *, four_eyes_above: int = 20, statutes: tuple[Statute, ...] = ()
) -> Eraser:
    """An eraser over the registered stores, or over others."""
    return Eraser(hub_of(shop), stores or stores_of(shop), four_eyes_above=four_eyes_above, statutes=statutes)


def person(shop: Shop, **identifiers: str) -> Person:
    """Whom the identifiers (`tckn=...`, `phone=...`) name."""
    engine = shop.engine
    pairs = [
        (kind, subject_pseudonym(engine.keyring, shop.tenant_id, kind, Secret(value)))  # pyright: ignore[reportArgumentType]
        for kind, value in identifiers.items()
    ]
    found = find_person(engine.database, engine.keyring, shop.tenant_id, pairs)
    return with_named(engine.database, engine.keyring.tenant(shop.tenant_id), found, pairs)
