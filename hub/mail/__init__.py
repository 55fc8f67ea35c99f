"""Mail: warnings, escalations and one-time links, each sent once or left for a person, never twice."""
