"""The names of the values of demographic pivots: LinkedIn's public taxonomies, and each world's own names.

Seniorities, functions and sizes carry LinkedIn's own ids.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

SENIORITIES = dict(
    enumerate(
        ("Unpaid", "Training", "Entry", "Senior", "Manager", "Director", "VP", "CXO", "Partner", "Owner"),
        start=1,
    )
)
FUNCTIONS = dict(
    enumerate(
        (
            "Accounting",
            "Administrative",
            "Arts and Design",
            "Business Development",
            "Community and Social Services",
            "Consulting",
            "Education",
            "Engineering",
            "Entrepreneurship",
            "Finance",
            "Healthcare Services",
            "Human Resources",
            "Information Technology",
            "Legal",
            "Marketing",
            "Media and Communication",
            "Military and Protective Services",
            "Operations",
            "Product Management",
            "Program and Project Management",
            "Purchasing",
            "Quality Assurance",
            "Real Estate",
            "Research",
            "Sales",
            "Support",
        ),
        start=1,
    )
)
COMPANY_SIZES = {
    "SIZE_1": "1",
    "SIZE_2_TO_10": "2–10",
    "SIZE_11_TO_50": "11–50",
    "SIZE_51_TO_200": "51–200",
    "SIZE_201_TO_500": "201–500",
    "SIZE_501_TO_1000": "501–1,000",
    "SIZE_1001_TO_5000": "1,001–5,000",
    "SIZE_5001_TO_10000": "5,001–10,000",
    "SIZE_10001_OR_MORE": "10,001+",
}

MEMBER_PIVOTS = (
    "MEMBER_SENIORITY",
    "MEMBER_JOB_FUNCTION",
    "MEMBER_JOB_TITLE",
    "MEMBER_INDUSTRY",
    "MEMBER_COMPANY_SIZE",
    "MEMBER_COMPANY",
    "MEMBER_COUNTRY_V2",
    "MEMBER_REGION_V2",
)


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """The names of one world.

    Attributes:
        titles, industries, countries, regions: names by id.
        organizations: ids of employers.
        organization_name: the name of an employer, or None where LinkedIn does not resolve it.
        silent_titles: ids of titles that do not resolve.
    """

    titles: Mapping[int, str]
    industries: Mapping[int, str]
    countries: Mapping[int, str]
    regions: Mapping[int, str]
    organizations: range
    organization_name: Callable[[int], str | None]
    silent_titles: frozenset[int] = frozenset()

    def name(self, urn: str) -> str | None:
        """The English name that `adTargetingEntities` has for a URN, or None."""
        kind, _, key = urn.removeprefix("urn:li:").partition(":")
        if not urn.startswith("urn:li:") or not key.isdigit():
            return None
        number = int(key)
        if kind == "organization":
            return self.organization_name(number)
        if kind == "title" and number in self.silent_titles:
            return None
        if kind == "geo":
            return self.countries.get(number) or self.regions.get(number)
        return self.listed(kind).get(number)

    def listed(self, kind: str) -> Mapping[int, str]:
        """All names of one kind of URN (`seniority`, `function`, `title`, `industry`) by id."""
        kinds: dict[str, Mapping[int, str]] = {
            "seniority": SENIORITIES,
            "function": FUNCTIONS,
            "title": self.titles,
            "industry": self.industries,
        }
        return kinds.get(kind, {})

    def segments(self, pivot: str) -> tuple[str, ...]:
        """Every value that a demographic pivot can take."""
        kinds: dict[str, tuple[str, Iterable[int]]] = {
            "MEMBER_SENIORITY": ("seniority", SENIORITIES),
            "MEMBER_JOB_FUNCTION": ("function", FUNCTIONS),
            "MEMBER_JOB_TITLE": ("title", self.titles),
            "MEMBER_INDUSTRY": ("industry", self.industries),
            "MEMBER_COMPANY": ("organization", self.organizations),
            "MEMBER_COUNTRY_V2": ("geo", self.countries),
            "MEMBER_REGION_V2": ("geo", self.regions),
        }
        if pivot == "MEMBER_COMPANY_SIZE":
            return tuple(COMPANY_SIZES)
        kind, numbers = kinds[pivot]
        return tuple(f"urn:li:{kind}:{number}" for number in numbers)
