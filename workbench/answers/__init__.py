"""Answers: questions with a method behind them, from the same sources, with sentences beside their frames."""
