"""Fetch what LinkedIn answers into an unfinished snapshot. This package never imports `database`."""
