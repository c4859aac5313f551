"""The rows that a correct sync must store for the invented world."""
