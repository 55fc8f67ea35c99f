"""Calls of Uyumsoft are documented nowhere: they only have a document asked about (connectors/integrator_calls.py)."""

from __future__ import annotations

from connectors.integrator_calls import source_of

WEBHOOKS = source_of("uyumsoft")
