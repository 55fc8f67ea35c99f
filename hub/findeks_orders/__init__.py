"""Ordering a Findeks report on somebody: on a recorded legal basis, with their PIN, and never twice."""
