"""The audit log and its exported heads."""

from hub.i18n import N_

TEXTS = {
    "audit_heads_broken": N_(
        "The file of signed heads {path} does not verify ({faults}). It is evidence: keep it, and begin a new file by"
        " naming one in HUB_AUDIT_HEADS_FILE."
    ),
    "audit_heads_fault": N_("The file of signed heads: {fault}"),
    "audit_heads_torn": N_(
        "The file of signed heads ends in a torn line ({line}): writing it was cut off. It vouches for nothing; the"
        " next export takes it away and signs anew: hub kvkk audit heads"
    ),
    "audit_key_readable_by_others": N_("Others may read the audit log's signing key {path}: chmod 600 it."),
    "audit_key_malformed": N_("{path} holds no signing key: 32 bytes in base64 are expected."),
    "audit_altered": N_("altered"),
    "audit_removed": N_("an entry is missing before it"),
    "audit_out_of_order": N_("does not follow the entry before it"),
    "audit_rewritten": N_("is not the entry whose head was exported"),
    "audit_cut_off": N_("the log ends before its exported head"),
    "day_malformed": N_("{option} must be a day: YYYY-MM-DD."),
}
