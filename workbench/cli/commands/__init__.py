"""The commands, thin: they read options and settings, call one function, print what it says."""
