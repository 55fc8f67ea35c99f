"""Where reports come from: each source turns its own way of delivery into documents of one shape."""
