"""Serve the notebooks as web pages behind the security middleware."""
