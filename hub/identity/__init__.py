"""Who calls: people and machines, how they prove it, and what each role may do."""
