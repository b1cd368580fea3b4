"""The HTTP client; the only code that fetches pages."""
