"""Models of LinkedIn's elements: they accept unknown fields and refuse values that the snapshot views cannot read.

A record only judges; the element itself is kept as it came. Every field here is one that `sql/views/` reads.
`ad_analytics_models` has those of figures.

Source: Microsoft Learn, LinkedIn Marketing API (accounts, campaign groups, campaigns, creatives), 2026.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Required

from typing_extensions import TypedDict  # pydantic cannot use typing's own before Python 3.12

from workbench.linkedin.kinds import Days, Id, Kind, Milliseconds, Money, Text, Texts, Urn, strict_record
from workbench.schema.resources import entity_id


@strict_record
class Amount(TypedDict, total=False):
    """LinkedIn's Money: `{"amount": "1250.00", "currencyCode": "USD"}`."""

    amount: Money | None
    currencyCode: Text | None


@strict_record
class RunSchedule(TypedDict, total=False):
    start: Milliseconds | None
    end: Milliseconds | None


@strict_record
class AuditStamp(TypedDict, total=False):
    time: Milliseconds | None


@strict_record
class ChangeAuditStamps(TypedDict, total=False):
    created: AuditStamp | None
    lastModified: AuditStamp | None


@strict_record
class Review(TypedDict, total=False):
    status: Text | None


@strict_record
class AdAccount(TypedDict, total=False):
    id: Required[Id]
    name: Text | None
    currency: Text | None
    type: Text | None
    status: Text | None
    servingStatuses: Texts | None
    reference: Text | None
    test: bool | None
    changeAuditStamps: ChangeAuditStamps | None


@strict_record
class CampaignGroup(TypedDict, total=False):
    id: Required[Id]
    name: Text | None
    status: Text | None
    objectiveType: Text | None
    totalBudget: Amount | None
    dailyBudget: Amount | None
    runSchedule: RunSchedule | None
    changeAuditStamps: ChangeAuditStamps | None


@strict_record
class Campaign(TypedDict, total=False):
    id: Required[Id]
    campaignGroup: Urn | None
    name: Text | None
    status: Text | None
    servingStatuses: Texts | None
    type: Text | None
    format: Text | None
    objectiveType: Text | None
    costType: Text | None
    unitCost: Amount | None
    dailyBudget: Amount | None
    totalBudget: Amount | None
    optimizationTargetType: Text | None
    creativeSelection: Text | None
    pacingStrategy: Text | None
    offsiteDeliveryEnabled: bool | None
    audienceExpansionEnabled: bool | None
    runSchedule: RunSchedule | None
    targetingCriteria: dict[str, Any] | None
    test: bool | None
    changeAuditStamps: ChangeAuditStamps | None


@strict_record
class LeadgenCallToAction(TypedDict, total=False):
    destination: Urn | None


@strict_record
class Creative(TypedDict, total=False):
    """A creative, the only entity whose id is a URN."""

    id: Required[Urn]
    campaign: Urn | None
    name: Text | None
    intendedStatus: Text | None
    isServing: bool | None
    servingHoldReasons: Texts | None
    review: Review | None
    content: dict[str, Any] | None
    leadgenCallToAction: LeadgenCallToAction | None
    createdAt: Milliseconds | None
    lastModifiedAt: Milliseconds | None


@strict_record
class Conversion(TypedDict, total=False):
    """A conversion rule."""

    id: Required[Id]
    name: Text | None
    type: Text | None
    enabled: bool | None
    conversionMethod: Text | None
    attributionType: Text | None
    postClickAttributionWindowSize: Days | None
    viewThroughAttributionWindowSize: Days | None
    valueType: Text | None
    value: Amount | None
    created: Milliseconds | None
    lastModified: Milliseconds | None


@strict_record
class LeadForm(TypedDict, total=False):
    """A lead form, without its questions."""

    id: Required[Id]
    name: Text | None
    state: Text | None
    created: Milliseconds | None
    lastModified: Milliseconds | None


@strict_record
class TargetingEntity(TypedDict, total=False):
    """The name of a URN, as `adTargetingEntities` answers."""

    urn: Required[Text]
    name: Text | None


@strict_record
class _Titled(TypedDict, total=False):
    id: Text | None
    source: Text | None
    title: Text | None


@strict_record
class _AdContext(TypedDict, total=False):
    dscName: Text | None


@strict_record
class _PostContent(TypedDict, total=False):
    article: _Titled | None
    media: _Titled | None


@strict_record
class Post(TypedDict, total=False):
    """The fields of a post that can name a creative, or say what it shows."""

    commentary: Text | None
    contentLandingPage: Text | None
    adContext: _AdContext | None
    content: _PostContent | None


def no_key(record: Post) -> None:
    """None: posts are asked for by URN, and the answer maps each URN to its post."""


AD_ACCOUNT = Kind(AdAccount, entity_id, entity=True)
CAMPAIGN_GROUP = Kind(CampaignGroup, entity_id, entity=True)
CAMPAIGN = Kind(Campaign, entity_id, entity=True)
CREATIVE = Kind(Creative, entity_id, entity=True)
ENTITIES: Mapping[str, Kind[Any]] = {
    "ad_accounts": AD_ACCOUNT,
    "campaign_groups": CAMPAIGN_GROUP,
    "campaigns": CAMPAIGN,
    "creatives": CREATIVE,
    "lead_forms": Kind(LeadForm, entity_id, entity=True),
    "conversions": Kind(Conversion, entity_id, entity=True),
}
"""The kind of record of each resource that is listed."""
TARGETING_ENTITY = Kind(TargetingEntity, lambda record: record["urn"])
POST = Kind(Post, no_key)
