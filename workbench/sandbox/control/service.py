"""Connect the parts of one sandbox."""

from __future__ import annotations

from workbench.sandbox.api.gateway import Gateway
from workbench.sandbox.api.quotas import Throttles
from workbench.sandbox.clock import Clock
from workbench.sandbox.control.faults import Faults
from workbench.sandbox.control.request_log import Journal
from workbench.sandbox.oauth.authority import Authority
from workbench.sandbox.switches import Switches
from workbench.sandbox.world.world import World


class Service:
    """Connect the parts of one sandbox."""

    def __init__(self, world: World, authority: Authority) -> None:
        self.world, self.authority = world, authority
        self.clock: Clock = world.clock
        self.switches = Switches()
        self.faults = Faults()
        self.journal = Journal()
        self.throttles = Throttles(self.clock, self.switches)
        self.gateway = Gateway(world, authority, self.switches, self.throttles)
