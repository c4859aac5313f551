"""The texts of the ads: families of messages with three first lines and a headline each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Family:
    """One message; `{year}` stands for the year of the ad."""

    name: str
    headline: str
    page: str
    lines: tuple[str, str, str]


ROBOTICS = {
    "downtime": Family(
        "PainPoint-downtime",
        "Cobot X2: changeover in 6 minutes",
        "changeover",
        (
            "Your cell stops 41 minutes a shift. Most of it is changeover.",
            "Nobody budgets for changeover. Everybody pays for it.",
            "Count the minutes between two parts, not the parts per minute.",
        ),
    ),
    "report": Family(
        "Report-automation-{year}",
        "Get the {year} automation report",
        "report",
        (
            "We asked 212 plant managers what they'd automate first.",
            "Seven in ten plants start with palletising. The other three are faster.",
            "What 212 plants paid, and what they would do differently.",
        ),
    ),
    "customer": Family(
        "Customer-Nordfab-line",
        "See the Nordfab install",
        "nordfab",
        (
            "Two engineers, one afternoon, no cage.",
            "Nordfab moved a press line on a Thursday and ran it on Friday.",
            "The night shift at Nordfab now goes home with dry gloves.",
        ),
    ),
    "leader": Family(
        "M.Sato-on-cobots",
        "",
        "notes",
        (
            "I was wrong about cobots in 2019.",
            "Three questions I ask before a robot goes on the floor.",
            "The best automation project I ever cancelled.",
        ),
    ),
    "hiring": Family(
        "Hiring-field-engineers",
        "Join the field team",
        "careers",
        (
            "Hiring: field engineers who like airports.",
            "You know what a servo sounds like before it fails? Talk to us.",
            "Four days on site, one at home, tools that work.",
        ),
    ),
    "guide": Family(
        "Buyers-guide-{year}",
        "Download the buyer's guide",
        "guide",
        (
            "Eleven questions to ask before you sign for a cobot.",
            "Payload, reach, and the line in the contract everyone misses.",
            "What a cobot costs in year three.",
        ),
    ),
    "payback": Family(
        "Calculator-payback",
        "Open the payback calculator",
        "payback",
        (
            "Payback under 14 months? Put in your own numbers.",
            "Your CFO will ask four questions. Here are the answers.",
            "One shift or two: the sum changes more than you think.",
        ),
    ),
    "quality": Family(
        "Webinar-vision-quality",
        "Watch the 20-minute session",
        "vision",
        (
            "What a camera sees at 0.2 mm that your gauge does not.",
            "Scrap fell by a third. The camera was the cheap part.",
            "Inspect every part, not every fiftieth.",
        ),
    ),
}
SOFTWARE = {
    "downtime": Family(
        "PainPoint-month-end",
        "Close the month in two days",
        "close",
        (
            "Your month-end close takes nine days. Four of them are waiting.",
            "The spreadsheet that only one person understands is on holiday too.",
            "Ask your controller what still does by hand on day six.",
        ),
    ),
    "report": Family(
        "Report-finance-{year}",
        "Read the {year} finance survey",
        "survey",
        (
            "140 finance leads on what they stopped doing by hand.",
            "Where mid-sized companies lose a week every month.",
            "The five reports nobody reads, and what they cost.",
        ),
    ),
    "customer": Family(
        "Customer-Hoshino-Foods",
        "How Hoshino Foods did it",
        "hoshino",
        (
            "Hoshino Foods closed eleven subsidiaries in two days.",
            "One ledger, eleven companies, no weekend work.",
            "They kept their ERP. They dropped the spreadsheets.",
        ),
    ),
    "leader": Family(
        "K.Arai-on-closing",
        "",
        "notes",
        (
            "I used to be proud of our late nights in March.",
            "What I tell every new controller in the first week.",
            "We automated the wrong report first.",
        ),
    ),
    "guide": Family(
        "Checklist-month-end",
        "Download the close checklist",
        "checklist",
        (
            "38 steps of a good close, in the right order.",
            "Print it, cross out what you do not need.",
            "The checklist our own finance team uses.",
        ),
    ),
}

_CHOICES = {
    "image": ("downtime", "customer", "report", "payback", "quality"),
    "document": ("guide", "report"),
    "video": ("customer", "quality", "downtime"),
    "website": ("payback", "customer", "downtime"),
    "carousel": ("customer", "quality", "payback"),
    "message": ("report", "guide"),
    "leader": ("leader",),
    "awareness": ("customer", "downtime", "quality"),
    "jobs": ("hiring",),
    "spotlight": ("payback", "report"),
}


def _fitting(kind: str, *, software: bool) -> list[Family]:
    known = SOFTWARE if software else ROBOTICS
    return [known[name] for name in _CHOICES[kind] if name in known] or [known["report"]]


def family(kind: str, place: int, *, software: bool) -> Family:
    """The message of an ad by its place in an ad set of this kind."""
    fitting = _fitting(kind, software=software)
    return fitting[place % len(fitting)]


def version(kind: str, place: int, audience: str, *, software: bool) -> int:
    """Which version of its message an ad shows, 1 or more; the same for ad sets with the same audience."""
    return 1 + place // len(_fitting(kind, software=software)) + len(audience) % 2
