"""A LinkedIn with invented data and LinkedIn's own rules, for tests, the demo and work without a network.

It shares no code with the client, so that a misunderstanding in one is not repeated in the other.
"""

from workbench.sandbox.server import Sandbox, serve

__all__ = ["Sandbox", "serve"]
