"""What iyzico does at the hub's word: money back, payments voided, payment links. None of it is idempotent there."""
