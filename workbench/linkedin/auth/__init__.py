"""Sign in to LinkedIn with OAuth 2.0: consent, token file, refresh, introspection."""
