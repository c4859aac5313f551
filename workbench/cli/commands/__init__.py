"""The commands: each reads options and settings, calls one function and prints its result."""
