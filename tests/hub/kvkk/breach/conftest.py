"""A breach of a tenant of the session's installation, and the fields of a form that misses nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hub.db.database import Database
from hub.errors import HubError
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.kvkk.audit import Actor
from hub.kvkk.breach.record import Breach
from hub.kvkk.breach.register import close, register
from hub.settings import Settings
from hub.sync.batch import Engine
from tests.support.shop import NoDetector, open_shop_engine, shop_installation

LEARNED = datetime(2026, 10, 30, 9, tzinfo=UTC)
"""A Friday after a national holiday: the 72 hours run over both days of the weekend."""
ACTOR = Actor("ayşe", "operator")
WHOLE: dict[str, Any] = {
    "controller_address": "Moda Cad. 1 Kadıköy",
    "contact_name": "Zeynep Kaya",
    "contact_email": "kvkk@ornek.com.tr",
    "contact_phone": "+90 216 000 00 00",
    "filed_by": "Zeynep Kaya, veri sorumlusu temsilcisi",
    "began_at": "2026-10-29T20:00:00+00:00",
    "ended_at": "2026-10-30T08:00:00+00:00",
    "detected_how": "Sunucu kayıtlarından",
    "sources": ["cyber_attack", "phishing"],
    "source_details": "Bir çalışanın parolası ele geçirildi.",
    "affected": ["confidentiality"],
    "categories": ["KIMLIK", "ILETISIM"],
    "special_categories": ["SAGLIK"],
    "persons_count": 12,
    "records_count": 40,
    "counting": "exact",
    "subject_groups": ["çalışan", "diğer"],
    "consequences": "İstenmeyen aramalar yapılabilir.",
    "technical_measures_before": "Şifreleme",
    "administrative_measures_before": "Eğitim",
    "technical_measures_after": "Bütün parolalar değiştirildi.",
    "administrative_measures_after": "Çalışanlar yeniden eğitildi.",
    "staff_training": "Yıllık KVKK eğitimi",
    "persons_told": "planned",
    "advice_to_persons": "Bilmediğiniz numaraları açmayın.",
    "contact_for_persons": "kvkk.ornek.com.tr",
    "authorities_at_home": "USOM",
    "authorities_abroad": "Yok",
    "foreign_persons": "no",
}

Begin = Callable[..., tuple[str, Breach]]


@pytest.fixture(scope="session")
def keyring(database: Database, settings: Settings) -> Keyring:
    return Keyring(database, read_master_key(settings.master_key_file))


@pytest.fixture
def begin(database: Database, keyring: Keyring, make_tenant: Callable[..., str]) -> Iterator[Begin]:
    """`begin(fields, **columns of the tenant)` registers a breach learned of at `LEARNED`; tenant id and breach."""
    begun: list[tuple[str, Breach]] = []

    def register_one(fields: dict[str, Any] | None = None, **columns: Any) -> tuple[str, Breach]:
        tenant = make_tenant(**columns)
        breach = register(
            database,
            keyring,
            tenant,
            learned_at=LEARNED,
            fields={"sources": ["theft"]} | (fields or {}),
            actor=ACTOR,
            now=LEARNED + timedelta(hours=1),
        )
        begun.append((tenant, breach))
        return begun[-1]

    yield register_one
    for tenant, breach in begun:  # none presses on while other tests escalate
        with contextlib.suppress(HubError):
            close(database, tenant, breach.breach_id, false_alarm=True, actor=ACTOR)


@pytest.fixture(scope="session")
def shop_settings() -> Iterator[Settings]:
    with shop_installation() as settings:
        yield settings


@pytest.fixture(scope="session")
def engine(shop_settings: Settings) -> Iterator[Engine]:
    """An installation whose only provider is the fixture's, so that rows can be loaded."""
    opened = open_shop_engine(shop_settings, NoDetector())
    yield opened
    opened.database.close()
