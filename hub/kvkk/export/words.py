"""Codes of the policies in the words of the law, for texts that a data subject reads."""

from __future__ import annotations

import re

from hub.i18n import N_, _

CATEGORY_NAMES = {
    "KIMLIK": N_("Identity"),
    "ILETISIM": N_("Contact"),
    "LOKASYON": N_("Location"),
    "OZLUK": N_("Personnel"),
    "HUKUKI": N_("Legal proceedings"),
    "MUSTERI": N_("Customer transactions"),
    "FIZIKSEL": N_("Security of premises"),
    "ISLEM_GUV": N_("Security of transactions"),
    "RISK": N_("Risk management"),
    "FINANS": N_("Finance"),
    "MESLEKI": N_("Professional experience"),
    "PAZARLAMA": N_("Marketing"),
    "GORSEL": N_("Visual and audio records"),
    "IRK": N_("Race and ethnic origin"),
    "SIYASI": N_("Political opinion"),
    "INANC": N_("Belief"),
    "KIYAFET": N_("Appearance and dress"),
    "UYELIK": N_("Membership"),
    "SAGLIK": N_("Health"),
    "CINSEL": N_("Sexual life"),
    "CEZA": N_("Convictions and security measures"),
    "BIYOMETRIK": N_("Biometric data"),
    "GENETIK": N_("Genetic data"),
    "DIGER": N_("Other"),
    "NONE": N_("No personal data"),
}
"""VERBİS headings."""

BASIS_NAMES = {
    "explicit_consent": N_("explicit consent (KVKK art. 5/1)"),
    "law": N_("expressly provided by laws (KVKK art. 5/2-a)"),
    "vital_interest": N_("protection of life or body (KVKK art. 5/2-b)"),
    "contract": N_("making or performing a contract (KVKK art. 5/2-c)"),
    "legal_obligation": N_("legal obligation of the controller (KVKK art. 5/2-ç)"),
    "made_public": N_("made public by the person (KVKK art. 5/2-d)"),
    "legal_claim": N_("establishing, exercising or protecting a right (KVKK art. 5/2-e)"),
    "legitimate_interest": N_("legitimate interest of the controller (KVKK art. 5/2-f)"),
    "s_explicit_consent": N_("explicit consent (KVKK art. 6/3-a)"),
    "s_law": N_("expressly provided by laws (KVKK art. 6/3-b)"),
    "s_vital": N_("protection of life or body (KVKK art. 6/3-c)"),
    "s_made_public": N_("made public by the person (KVKK art. 6/3-ç)"),
    "s_legal_claim": N_("establishing, exercising or protecting a right (KVKK art. 6/3-d)"),
    "s_health_service": N_("health services by persons under secrecy (KVKK art. 6/3-e)"),
    "s_employment_social": N_("legal obligations in employment and social security (KVKK art. 6/3-f)"),
    "s_nonprofit_members": N_("members and contacts of foundations, associations, unions (KVKK art. 6/3-g)"),
}

ACTION_NAMES = {
    "keep": N_("kept as it is"),
    "drop": N_("not kept"),
    "pseudonymise": N_("only a pseudonym is kept"),
    "vault": N_("kept encrypted, a pseudonym elsewhere"),
    "partial": N_("only a part is kept"),
    "generalise": N_("only a coarser form is kept"),
    "scan": N_("free text; personal data in it is taken out"),
}

TABLE_NAMES = {
    "legal_bases": N_("Legal bases other than consent"),
    "message_refusals": N_("Messages that are not wanted"),
    "iys_states": N_("What İYS said of permissions for commercial messages"),
    "iys_permissions": N_("Permissions and refusals brought to İYS"),
    "refused_records": N_("Records that were not loaded for want of a legal basis"),
    "conversations": N_("When the person last wrote, by channel"),
    "accounts": N_("Account at the hub, with which the person signs in"),
    "requests": N_("Requests made"),
    "reads": N_("Readings of the data"),
}

_DURATION = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?")
_UNITS = (N_("{count} year(s)"), N_("{count} month(s)"), N_("{count} week(s)"), N_("{count} day(s)"))


def period(duration: str) -> str:
    """An ISO 8601 duration in words; one that is not of the policies' form as it is."""
    match = _DURATION.fullmatch(duration)
    parts = zip(_UNITS, match.groups(), strict=True) if match else ()
    return ", ".join(_(unit).format(count=count) for unit, count in parts if count) or duration


def named(names: dict[str, str], code: str | None) -> str:
    """A code's name in the reader's language; the code itself where it has none, nothing for nothing."""
    if code is None:
        return ""
    return _(names[code]) if code in names else code
