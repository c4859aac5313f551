"""The heartbeat of a running sync, and the length of silence after which it counts as interrupted."""

from __future__ import annotations

from datetime import timedelta

BEAT = 1.0
"""Seconds between two heartbeats of a sync, in the row of `sync_log` and on the connection of the write lock."""

SILENCE = timedelta(minutes=2)
"""A sync without a heartbeat for longer is interrupted: pages and `status` say so, and the next sync takes over."""
