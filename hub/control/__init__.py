"""The control plane: tenants, their accounts, analysts, consents and plans."""
