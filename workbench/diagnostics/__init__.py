"""Describe an installation (`status`) and say what to do about it (`doctor`)."""
