"""Every stand-in of the sandbox. Adding one is a line here."""

from __future__ import annotations

from connectors.sandbox import arvento, bulutfon, findeks, iys, iyzico, meta, netgsm, nilvera, uyumsoft
from connectors.sandbox.provider import SandboxProvider

STAND_INS: dict[str, SandboxProvider] = {
    stand_in.name: stand_in
    for stand_in in (
        arvento.STAND_IN,
        bulutfon.STAND_IN,
        findeks.STAND_IN,
        iys.STAND_IN,
        iyzico.STAND_IN,
        netgsm.STAND_IN,
        meta.STAND_IN,
        nilvera.STAND_IN,
        uyumsoft.STAND_IN,
    )
}
