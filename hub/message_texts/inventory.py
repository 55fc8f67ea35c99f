"""The inventory of processing, and what a policy file says of transfers and changes."""

from hub.i18n import N_

TEXTS = {
    "inventory_format_unknown": N_("The format must be one of {known}."),
    "inventory_needs_a_file": N_("A workbook is no text for a terminal: name a file with --out."),
    "file_unwritable": N_("The file {path} cannot be written."),
    "policy_transfer_at_home": N_("The transfer to {found} stays in Türkiye; only transfers abroad belong here."),
    "policy_transfer_unsigned": N_(
        "The standard contract with {found} needs signed_on: its notice is due five business days later (art. 9/5)."
    ),
    "policy_change_order": N_("Version {found} does not stand behind an older one in the list of changes."),
    "policy_change_ahead": N_("Version {found} in the list of changes is newer than the file."),
    "policy_change_unexplained": N_("Version {found} tightens the policy and gives no reason."),
}
