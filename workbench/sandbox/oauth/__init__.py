"""LinkedIn's OAuth 2.0: consent page, codes, tokens, introspection."""
