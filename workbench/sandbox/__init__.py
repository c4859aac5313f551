"""A LinkedIn of our own: invented data behind the vendor's own rules, for tests, the demo and a flight.

It shares no code with the client, so that a misunderstanding in one is not repeated in the other.
"""

from workbench.sandbox.server import Sandbox, serve

__all__ = ["Sandbox", "serve"]
