"""One name for each column: Arvento's names depend on the language asked for, on the operation and on the binding.

`Device_x0020_No`, `Cihaz_x0020_No`, `strNode`, `DeviceNo` and `Node` are the same column. Names that nobody listed are
passed on, so that the gate can report them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from connectors.arvento.values import Record

_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{8}|[0-9A-Fa-f]{4})_")
_LETTERS = str.maketrans("çğıöşüâîûÇĞİÖŞÜÂÎÛ", "cgiosuaiucgiosuaiu")
_NO_WORD = re.compile(r"[^a-z0-9]+")

_DURATION_UNITS = ("hr", "min", "sec")
_SPELLINGS: Mapping[str, str] = {
    "node": "deviceno cihazno node strnode device",
    "license_plate": "licenseplate licenceplate plaka",
    "driver": "driver surucu",
    "gmt_time": "gmtdatetime dtgmtdatetime gmttarihsaat",
    "local_time": "localdatetime dtlocaldatetime",
    "report_time": "datetime tarihsaat tarih date",
    "latitude": "latitude enlem dlatitude latitudey",
    "longitude": "longitude boylam dlongitude longitudex",
    "speed": "speed hiz dspeed speedkmh hizkmh speedkmperhour",
    "address": "address adres straddress",
    "region": "buildingregion binabolge strregion region bolge buildingregionname",
    "course": "course ncourse direction yon",
    "odometer": "odometer dodometer",
    "altitude": "altitude naltitude height",
    "event_type": "type tur alarmtype",
    "distance": "distance mesafe distancekm mesafekm",
    "pause_seconds": "pauseduration duraklamasuresi",
    "idling_seconds": "idlingduration",
    "ignition_on_seconds": "ignitiononduration",
    "maximum_speed": "maximumspeedkmh",
    "first_ignition_on": "firstignitiononalarm",
    "last_ignition_off": "lastignitionoffalarm",
    "first_odometer": "initialodometervaluekm",
    "first_odometer_at": "initialodometertime",
    "last_odometer": "lastodometervaluekm",
    "last_odometer_at": "lastodometertime",
    "speed_limit": "speedlimit",
    "violation_seconds": "speedviolationduration",
    "vehicle_class": "vehicleclass",
    "vehicle_group": "nodegroup",
    "row_number": "kayitno recordno",
    **{f"ignition_on_{unit}": f"ignitiononduration{unit}" for unit in _DURATION_UNITS},
    **{f"idling_{unit}": f"idlingduration{unit}" for unit in _DURATION_UNITS},
    **{f"motion_{unit}": f"motiontime{unit}" for unit in _DURATION_UNITS},
}
_NAMES = {spelling: name for name, spellings in _SPELLINGS.items() for spelling in spellings.split()}


def decode_name(name: str) -> str:
    """An element's name with .NET's escapes undone: `_x0020_` is a space, `_xD83D__xDE00_` one letter beyond U+FFFF."""
    if "_x" not in name:
        return name
    decoded = _ESCAPE.sub(lambda found: _letter(found[1], found[0]), name)
    return decoded.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def named(columns: Iterable[tuple[str, Any]]) -> Record:
    """A record under our names from decoded columns. Empty text is no value; of two spellings the first value counts.

    The number of a row in its report is left out: it says nothing of the row.
    """
    record: Record = {}
    for name, value in columns:
        folded = _NO_WORD.sub("_", name.translate(_LETTERS).lower()).strip("_")
        ours = _NAMES.get(folded.replace("_", ""), folded)
        if record.get(ours) is None:
            record[ours] = None if value == "" else value
    record.pop("row_number", None)
    return record


def _letter(digits: str, whole: str) -> str:
    code = int(digits, 16)
    return chr(code) if code <= 0x10FFFF else whole
