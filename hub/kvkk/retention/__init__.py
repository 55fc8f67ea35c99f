"""How long personal data is kept: what statutes demand, and what is destroyed by itself once its time is over."""
