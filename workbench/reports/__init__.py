"""What leaves the pages: checks and reports as text, files and messages."""
