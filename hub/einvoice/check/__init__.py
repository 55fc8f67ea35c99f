"""Checking e-documents before the tax office does: its XSD, its schematron, and the sums that neither looks at."""
