"""Documents, kept under the digest of their bytes."""
