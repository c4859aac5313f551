"""The plan of the demo: what each invented account is to spend and to reach, as a client would have agreed to it."""

from __future__ import annotations

from datetime import date, timedelta

from workbench.sandbox import Sandbox
from workbench.sandbox.world.believable.naming import CLIENTS

LEADS = {"EUR": (150, 190), "USD": (45, 370), "JPY": (110, 11_000)}
"""By currency: leads of a month, and what one may cost."""


def plan_text(sandbox: Sandbox, today: date) -> str:
    """A `plan.toml` for the months before, of and after a day; the accounts are those of the believable world."""
    begin = today.replace(day=1)
    months = ((begin - timedelta(days=1)), begin, begin + timedelta(days=31))
    clients = {client.name: client for client in CLIENTS}
    entries = ["# Written anew by every `workbench demo`: what its invented clients agreed to."]
    for account in sandbox.world.accounts.values():
        client = clients.get(str(account.element["name"]))
        if client is None:
            continue
        leads, cost = LEADS[client.currency]
        for month in months:
            facts = f'[[month]]\naccount = {account.id}\nmonth = "{month:%Y-%m}"\n'
            entries.append(f"{facts}budget = {client.monthly}")
            entries.append(f'{facts}objective = "LEAD_GENERATION"\nresults = {leads}\ncost_per_result = {cost}')
    return "\n\n".join(entries) + "\n"
