"""The database: tables, the ledger, the one writer; the only place that knows SQL."""
