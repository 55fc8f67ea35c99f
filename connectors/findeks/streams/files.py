"""The files of the drop: which were read, and by its failure that one could not be."""

from __future__ import annotations

from connectors.contract import Stream
from connectors.fields import RecordMap, field
from connectors.findeks.settings import PLAN, POLL_EVERY

RECORD = RecordMap(
    (
        field(None, "text", "Name of the file; people are named in it", name="file_name", required=True),
        field(None, "text", "SHA-256 of its content", name="file_sha256", required=True),
        field(None, "text", "json or xml", name="format", allowed=("json", "xml")),
        field(None, "int", "Its length in bytes", name="bytes"),
        field(None, "int", "Reports in it", name="reports", minimum=0),
        field(None, "timestamp", "When it came into the directory", name="arrived_at"),
    )
)

STREAM = Stream(
    name="report_files",
    title="Findeks report files",
    description="Files of the report drop that could be read. While one cannot be, the stream fails and names it. "
    "Without a `report_directory` in the integration's settings there are none.",
    columns=RECORD.columns,
    key=("file_name", "file_sha256"),
    plan=PLAN,
    every=POLL_EVERY,
)
