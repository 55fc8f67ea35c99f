"""From a typed invoice to the bytes of an unsigned UBL-TR 1.2 document."""
