"""The rules of the house, each held by a machine, and the proof that each bites."""
