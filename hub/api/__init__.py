"""The front door for machines and people: HTTP under `/api/v1`, with sign-in, problem documents and limits."""
