"""What belongs to the data without being data: why it is processed, how long, who received it, what decided by itself.

Everything is generated from the policies in force for the tenant, so the answer cannot differ from what is done.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from hub.i18n import _
from hub.kvkk.export.words import ACTION_NAMES, BASIS_NAMES, CATEGORY_NAMES, named, period
from kvkk_policies.vocabulary import NO_PERSONAL_DATA

if TYPE_CHECKING:
    from hub.kvkk.export.landed import LandedStream
    from kvkk_policies.policy import ColumnPolicy

Json = dict[str, Any]


@dataclass(frozen=True)
class Dataset:
    """A stream in which the person has rows."""

    landed: LandedStream
    rows: int

    @property
    def columns(self) -> list[tuple[ColumnPolicy, str]]:
        """The policies in force, with the column's description."""
        described = {column.name: column.description for column in self.landed.stream.columns}
        return [(policy, described[name]) for name, policy in self.landed.policy.columns.items() if name in described]

    @property
    def personal(self) -> list[ColumnPolicy]:
        """Policies of columns that say something about somebody and are kept."""
        return [each for each, _ in self.columns if each.category != NO_PERSONAL_DATA and each.action != "drop"]


def processing(datasets: Sequence[Dataset], derived: Mapping[str, Sequence[str]]) -> Json:
    """Purpose, category, legal basis, retention and treatment of every column; `derived` tables by what they are from.

    A column under the tenant's own choice says so.
    """
    return {
        "datasets": [
            {
                "source": each.landed.provider.title,
                "table": each.landed.name,
                "title": each.landed.stream.title,
                "purpose": each.landed.policy.purpose,
                "subject_groups": list(each.landed.policy.subject_groups),
                "rows": each.rows,
                "columns": [_column(each, policy, description) for policy, description in each.columns],
            }
            for each in datasets
        ],
        "derived_tables": {
            "statement": _(
                "These tables are computed from the ones above. They hold the same facts under pseudonyms and nothing"
                " that is not in the files of this package."
            ),
            "tables": _derived({each.landed.name.replace(".", "_", 1) for each in datasets}, derived),
        },
    }


def _column(dataset: Dataset, policy: ColumnPolicy, description: str) -> Json:
    base = dataset.landed.base.columns[policy.name]
    return {
        "name": policy.name,
        "description": description,
        "category": policy.category,
        "category_name": named(CATEGORY_NAMES, policy.category),
        "legal_basis": policy.legal_basis,
        "legal_basis_name": named(BASIS_NAMES, policy.legal_basis),
        "retention": policy.retention,
        "retention_name": period(policy.retention),
        "treatment": policy.action,
        "treatment_name": named(ACTION_NAMES, policy.action),
        "chosen_by_controller": policy != base,
    }


def _derived(tables: Collection[str], derived: Mapping[str, Sequence[str]]) -> list[Json]:
    return [
        {"table": f"marts.{name}", "computed_from": sorted(set(sources) & set(tables))}
        for name, sources in sorted(derived.items())
        if set(sources) & set(tables)
    ]


def retention(datasets: Sequence[Dataset]) -> Json:
    """How long each category of each dataset is kept: the longest of its columns."""
    return {
        "datasets": [
            {
                "table": each.landed.name,
                "categories": [
                    {
                        "category": category,
                        "category_name": named(CATEGORY_NAMES, category),
                        "periods": sorted(
                            {column.retention for column in each.personal if column.category == category}
                        ),
                        "period_names": sorted(
                            {period(column.retention) for column in each.personal if column.category == category}
                        ),
                    }
                    for category in sorted({column.category for column in each.personal})
                ],
            }
            for each in datasets
        ],
        "statement": _("Where a law asks for a longer time, the longer time holds."),
    }


def recipients(datasets: Sequence[Dataset], consents: Sequence[Mapping[str, Any]]) -> Json:
    """Who receives the data or has received it, as the policies and the consents name them."""
    return {
        "by_policy": [
            {
                "recipient": recipient,
                "table": each.landed.name,
                "why": each.landed.policy.purpose,
                "country": None,
                "when": _("as long as the data is processed"),
            }
            for each in datasets
            for recipient in each.landed.policy.recipients
        ],
        "by_consent": [
            {
                "recipients": list(consent["recipients"]),
                "why": consent["purpose"],
                "transfer_abroad": consent["transfer_abroad"],
                "since": consent["given_at"],
                "until": consent["withdrawn_at"] or consent["expires_at"],
            }
            for consent in consents
            if consent["recipients"] or consent["transfer_abroad"]
        ],
        "statement": _(
            "No country is kept for a recipient: the policies tell none. Transfers that a single"
            " transmission causes (messages, invoices) stand in messages.json."
        ),
    }


def automated(datasets: Sequence[Dataset]) -> Json:
    """The rules by which a value was put into a band; nothing else is decided without a person."""
    rules = [
        {
            "table": each.landed.name,
            "column": policy.name,
            "rule": "band",
            "edges": list(cast("Sequence[Any]", policy.params.get("edges", ()))),
            "rows": each.rows,
        }
        for each in datasets
        for policy, _description in each.columns
        if policy.action == "generalise" and policy.params.get("to") == "band"
    ]
    return {
        "rules": rules,
        "statement": _(
            "This system takes no decision about a person. The rules above only put a number into a band, so that the"
            " exact number is not kept. A result against you that came from automated analysis alone can be objected to"
            " (KVKK art. 11/1-g)."
        ),
    }


def messages(mails: Sequence[Mapping[str, Any]]) -> Json:
    """Messages sent to the person: mails of the request desk, and notices of breaches."""
    return {
        "mails": list(mails),
        "statement": _(
            "Mails about your requests and about breaches of your data are listed here. No SMS, WhatsApp message or"
            " e-invoice is kept."
        ),
    }


def derived_tables(manifest: Mapping[str, Any]) -> dict[str, list[str]]:
    """Each mart table of dbt's manifest with the landing tables that it is computed from."""
    nodes: Mapping[str, Any] = manifest["nodes"]

    def landing_of(name: str) -> set[str]:
        if name.startswith("source."):
            return {name.rpartition(".")[2]}
        upstream = nodes[name]["depends_on"]["nodes"] if name in nodes else ()
        return set[str]().union(*(landing_of(each) for each in upstream))

    return {
        node["name"]: sorted(landing_of(name))
        for name, node in nodes.items()
        if node["resource_type"] == "model" and node["config"]["materialized"] not in ("view", "ephemeral")
    }
