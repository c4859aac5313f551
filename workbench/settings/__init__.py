"""Settings from the environment and `.env`: which there are, where each stands, what is refused."""
