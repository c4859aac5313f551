"""The believable world: accounts a marketer could have, with something to find on every page."""
