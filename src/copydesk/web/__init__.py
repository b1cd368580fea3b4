"""The HTTP client; the only code that opens a socket."""
