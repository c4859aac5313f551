"""Statistical answers: rows in, frames and sentences out. No database, no notebook, no clock, no random number."""
