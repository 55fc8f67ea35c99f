"""Sums of invoices: made once for what we issue, and checked again, by other code, on any document."""
