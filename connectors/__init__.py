"""Providers: one folder each, behind one contract."""
