"""Parts of a row of figures: half a day, a restated day."""

from __future__ import annotations

from workbench.sandbox.world.currencies import whole
from workbench.sandbox.world.model import MetricsRow


def partial(row: MetricsRow, whole_money: bool) -> MetricsRow:
    """Half of a day: what is there while the day is still running."""
    return scaled(row, 50, whole_money)


def scaled(row: MetricsRow, percent: int, whole_money: bool) -> MetricsRow:
    """Every figure times `percent`, rounded down, the parts still adding up to their whole."""
    part = row.times(percent, 100)
    return part._replace(
        cost_in_local_currency=whole(part.cost_in_local_currency, whole_money),
        conversion_value_in_local_currency=whole(part.conversion_value_in_local_currency, whole_money),
        external_website_conversions=part.external_website_post_click_conversions
        + part.external_website_post_view_conversions,
    )
