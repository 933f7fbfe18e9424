"""Backups of an installation, made while it runs, and put back; what is put back is proved before it is called whole."""
