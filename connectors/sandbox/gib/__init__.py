"""The tax office behind the integrators' stand-ins: its list of users, its register of invoices, its codes."""
