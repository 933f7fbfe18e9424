"""The peer on PostgreSQL, as a Django application: history kept by triggers (django-pghistory)."""
