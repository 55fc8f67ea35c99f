"""Closed word lists of the Board's breach form, in the words of the form, and what the persons' notice calls them."""

from __future__ import annotations

from typing import Literal

from hub.i18n import N_

Source = Literal[
    "theft",
    "loss",
    "cyber_attack",
    "malware",
    "ransomware",
    "phishing",
    "misdelivery",
    "insider",
    "disposal",
    "other",
]
Affected = Literal["confidentiality", "integrity", "availability"]
Counting = Literal["exact", "estimate"]
Told = Literal["told", "planned", "not_told"]
ToldHow = Literal["direct", "publication"]
Foreigners = Literal["yes", "no", "unknown"]
Stage = Literal["initial", "follow_up"]
State = Literal["open", "notified", "followed_up", "closed"]

SOURCE_NAMES: dict[str, str] = {
    "theft": N_("theft of documents or devices"),
    "loss": N_("loss of documents or devices"),
    "cyber_attack": N_("cyber attack"),
    "malware": N_("malware"),
    "ransomware": N_("ransomware"),
    "phishing": N_("phishing or social engineering"),
    "misdelivery": N_("sent to the wrong recipient"),
    "insider": N_("misuse or mistake by staff"),
    "disposal": N_("improper disposal"),
    "other": N_("other source"),
}
AFFECTED_NAMES: dict[str, str] = {
    "confidentiality": N_("confidentiality"),
    "integrity": N_("integrity"),
    "availability": N_("availability"),
}
COUNTING_NAMES: dict[str, str] = {"exact": N_("exact number"), "estimate": N_("estimate")}
TOLD_NAMES: dict[str, str] = {
    "told": N_("they were told"),
    "planned": N_("they will be told"),
    "not_told": N_("they were not told"),
}
TOLD_HOW_NAMES: dict[str, str] = {
    "direct": N_("directly"),
    "publication": N_("by publication on the controller's website"),
}
FOREIGNERS_NAMES: dict[str, str] = {
    "yes": N_("foreign persons are affected"),
    "no": N_("no foreign person is affected"),
    "unknown": N_("not known yet"),
}
STAGE_NAMES: dict[str, str] = {"initial": N_("initial notice"), "follow_up": N_("follow-up notice")}
STATE_NAMES: dict[str, str] = {
    "open": N_("open; the Board is not told"),
    "notified": N_("the Board is told"),
    "followed_up": N_("the Board is told, and again"),
    "closed": N_("closed"),
}
