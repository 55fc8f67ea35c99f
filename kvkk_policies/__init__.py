"""KVKK policies, the masking engine and Turkish recognizers."""
