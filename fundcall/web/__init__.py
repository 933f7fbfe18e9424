"""Pages and the HTTP interface; the only room that knows the web framework."""
