"""The hostile world: strings that attack, odd settings and every status, for tests only."""
