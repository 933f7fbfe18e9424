"""The application around the core: storage, web, jobs, command line."""
