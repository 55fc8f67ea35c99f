"""Electronic invoices (e-Fatura and e-Arşiv): typed, summed, built as UBL-TR, sealed and checked."""
