"""What proves the ledger to an outsider."""
