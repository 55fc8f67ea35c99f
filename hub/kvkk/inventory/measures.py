"""The measures of KVKK art. 12 that hold for every activity: one reviewed list, each with where it is asked for.

"Guide" is the Authority's guide on the security of personal data (January 2018). `shown_by` names what in the
repository shows that the measure is there, so that the list cannot promise what the hub does not do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hub.i18n import N_

Kind = Literal["technical", "administrative"]


@dataclass(frozen=True)
class Measure:
    """One measure, its source in the law, and the file of the repository that shows it."""

    kind: Kind
    text: str
    source: str
    shown_by: str


MEASURES: tuple[Measure, ...] = (
    Measure(
        "technical",
        N_("Masking by policy before anything is stored; a column that nobody declared does not load"),
        "KVKK m. 4/2-ç, 12/1; Rehber 3.1",
        "kvkk_policies/gate.py",
    ),
    Measure(
        "technical",
        N_("Encryption of originals under a key for each person, keys kept apart from the data"),
        "KVKK m. 12/1; Kurul 2018/10; Rehber 3.4",
        "hub/keys/keyring.py",
    ),
    Measure(
        "technical",
        N_("Authorisation matrix: a role for each task, each granted by column"),
        "KVKK m. 12/1; Rehber 3.1, 3.2",
        "hub/db/roles.py",
    ),
    Measure(
        "technical",
        N_("Separation of tenants by row-level security that fails closed"),
        "KVKK m. 12/1; Rehber 3.1",
        "hub/migrations/security.py",
    ),
    Measure(
        "technical",
        N_("Access log that only grows, chained by hashes, its heads signed outside the database"),
        "KVKK m. 12/1; Kurul 2018/10; Rehber 3.2",
        "hub/kvkk/audit.py",
    ),
    Measure(
        "technical",
        N_("Passwords for every database role; nobody is trusted for being on the machine"),
        "KVKK m. 12/1; Rehber 3.1",
        "hub/db/postgres.py",
    ),
    Measure(
        "technical",
        N_("Detection of personal data in free texts, and tests that search every store for planted values"),
        "KVKK m. 12/3; Rehber 3.2",
        "tests/proofs/test_marker_sweep.py",
    ),
    Measure(
        "administrative",
        N_("Policies of retention and of what becomes of each column, versioned and reviewed"),
        "KVKK m. 4/2-d, 7; Rehber 2.3",
        "kvkk_policies/policy.py",
    ),
    Measure(
        "administrative",
        N_("Inventory of processing generated from what is in force"),
        "KVKK m. 16; Rehber 2.1",
        "hub/kvkk/inventory/rows.py",
    ),
    Measure(
        "administrative",
        N_("Register and plan for breaches with the Board's 72 hours"),
        "KVKK m. 12/5; Kurul 2019/10; Rehber 2.3",
        "hub/kvkk/breach/register.py",
    ),
    Measure(
        "administrative",
        N_("Decisions on columns are recorded with who took them and when"),
        "KVKK m. 12/3; Rehber 2.3",
        "hub/policies/overrides.py",
    ),
)
