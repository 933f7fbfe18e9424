"""The ledger and all that is derived from it, in a database; the only room that knows SQL."""
