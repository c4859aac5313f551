"""Pieces that several pages share: filters, tables, tiles, messages, navigation, footer."""
