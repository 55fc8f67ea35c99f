"""What actions cost a tenant a day, and how much they may: refused before anything is sent."""
