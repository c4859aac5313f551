"""The invented accounts, campaigns, creatives and what they deliver."""
