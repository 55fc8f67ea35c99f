"""What tenants and new policy versions change about data that has landed."""
