"""Benchmarks: figures and ratios, printed; nothing is asserted about speed."""
