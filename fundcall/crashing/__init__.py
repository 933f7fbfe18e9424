"""Deterministic simulation: the whole programme in small, with crashes and other faults drawn from a seed."""
