"""Chance without a state: a number drawn from its keys alone, the same in every process and on every Python."""

from __future__ import annotations

import math
import zlib

_MASK = (1 << 64) - 1


def seed_of(*parts: object) -> int:
    """A seed for what these parts name."""
    text = ":".join(str(part) for part in parts).encode()
    return zlib.crc32(text) << 32 | zlib.crc32(text[::-1])


def bits(seed: int, first: int = 0, second: int = 0) -> int:
    """64 bits that depend on the keys alone (splitmix64)."""
    mixed = (seed + first * 0x9E3779B97F4A7C15 + second * 0xD1B54A32D192ED03) & _MASK
    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9 & _MASK
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB & _MASK
    return mixed ^ mixed >> 31


def unit(seed: int, first: int = 0, second: int = 0) -> float:
    """A number from 0 up to 1, each as likely."""
    return (bits(seed, first, second) >> 11) / 9_007_199_254_740_992


def between(low: int, high: int, seed: int, first: int = 0) -> int:
    """A whole number from `low` to `high`, both included."""
    return low + bits(seed, first) % (high - low + 1)


def bell(seed: int, first: int = 0, second: int = 0) -> float:
    """A number around 0 with deviation 1: four uniform ones added up."""
    drawn = bits(seed, first, second)
    total = (drawn & 0xFFFF) + (drawn >> 16 & 0xFFFF) + (drawn >> 32 & 0xFFFF) + (drawn >> 48)
    return (total / 65_535 - 2) * 1.732


def count(expected: float, seed: int, first: int = 0, second: int = 0) -> int:
    """How often something happens that happens `expected` times on average (Poisson)."""
    if expected <= 0:
        return 0
    if expected > 25:
        return max(0, int(expected + math.sqrt(expected) * bell(seed, first, second) + 0.5))
    left, chance, happened = unit(seed, first, second), math.exp(-expected), 0
    while left >= chance and happened < 100:
        left -= chance
        happened += 1
        chance *= expected / happened
    return happened
