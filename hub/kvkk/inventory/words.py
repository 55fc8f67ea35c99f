"""The inventory's codes in the words of the law and of VERBIS."""

from __future__ import annotations

from hub.i18n import N_, _, language_in_use

GROUP_NAMES = {
    "çalışan": N_("employee"),
    "çalışan adayı": N_("candidate for employment"),
    "hissedar/ortak": N_("shareholder or partner"),
    "potansiyel ürün veya hizmet alıcısı": N_("potential buyer of products or services"),
    "ürün veya hizmet alan kişi": N_("buyer of products or services"),
    "stajyer": N_("trainee"),
    "tedarikçi çalışanı": N_("employee of a supplier"),
    "tedarikçi yetkilisi": N_("representative of a supplier"),
    "veli/vasi/temsilci": N_("parent, guardian or representative"),
    "ziyaretçi": N_("visitor"),
    "diğer": N_("other groups"),
}
"""Data subject groups as VERBIS has them; policies use the Turkish word."""

MECHANISM_NAMES = {
    "adequacy": N_("adequacy decision (KVKK art. 9/1)"),
    "public_agreement": N_("agreement between public bodies (KVKK art. 9/4-a)"),
    "binding_corporate_rules": N_("binding corporate rules (KVKK art. 9/4-b)"),
    "standard_contract": N_("standard contract (KVKK art. 9/4-c)"),
    "undertaking": N_("written undertaking with the Board's permission (KVKK art. 9/4-ç)"),
    "occasional": N_("occasional case (KVKK art. 9/6)"),
}

RETENTION_BASES = {
    "books": N_("commercial books and limitation (TTK 6102 art. 82, TBK 6098 art. 146)"),
    "limitation": N_("limitation of claims (TBK 6098 art. 146)"),
    "personnel": N_("records of employers (law 5510 art. 86), limitation (TBK 6098 art. 146)"),
    "policy": N_("the controller's retention policy (KVKK art. 4/2-d)"),
    "destruction_records": N_("records of destruction (By-Law OG 30224 art. 7/3)"),
    "access_records": N_("records of access (KVKK art. 12, Board 2018/10); the controller's policy"),
    "relation": N_("as long as the relation lasts; then limitation (TBK 6098 art. 146)"),
}

DESTRUCTION_NAMES = {
    "delete": N_("erasure: the row is deleted or the value overwritten"),
    "crypto_shred": N_("destruction: the key of the person's originals is destroyed"),
    "not_kept": N_("not kept; dropped in memory"),
}

STATE_NAMES = {
    "in_force": N_("in force"),
    "waiting": N_("waits to be declared; does not load"),
}

UNDECLARED = N_("not classified")


def group_name(group: str) -> str:
    """A subject group in the reader's language."""
    return group if language_in_use() == "tr" else _(GROUP_NAMES[group])
