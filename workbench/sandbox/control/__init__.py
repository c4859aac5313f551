"""Switches, faults and the request log that tests use, in process or over HTTP."""
