"""The marimo pieces of the pages: choices, tiles, tables, messages, footer, navigation, syncing.

Notebooks use nothing else of the house but the front door, `metrics`, `charts` and `formatting`. Whatever is bound to a
global name in a notebook is a widget; everything else is drawn where it is called. What writes (`syncing`, `script`,
`connecting`) is not here: only the pages that need it import it.
"""

from __future__ import annotations

from workbench.analytics.equal_age import equal_age_remark, late_objective
from workbench.analytics.periods import provisional_from
from workbench.pages.components.comparison_table import remark
from workbench.pages.components.equal_age import equal_age
from workbench.pages.components.exports import exports_view
from workbench.pages.components.filters import (
    accounts_view,
    choose,
    chosen,
    chosen_days,
    currency_choice,
    metric_choice,
    source_choice,
    strip,
    strip_view,
)
from workbench.pages.components.footer import data_to, facts_of, footer, lead, origin, stop_without_figures
from workbench.pages.components.kpi_tiles import Tile, tile, tiles, tiles_text, tiles_view
from workbench.pages.components.messages import failure, note, nothing_yet, stop, working
from workbench.pages.components.navigation import heading, navigation, section
from workbench.pages.components.page_queries import answer, answers, figure, source_words, wide_figure
from workbench.pages.components.selection import Choices
from workbench.pages.components.sync_banner import first_look, hidden, redrawing, sync_banner, sync_timer
from workbench.pages.components.tables import Pill, data_table, say, small_table, table_view, text_table
from workbench.pages.components.url_params import asked, asked_once, is_script, remember
from workbench.pages.components.url_widgets import kept_menu, not_offered
from workbench.pages.overview import (
    CAMPAIGN_COLUMNS,
    FIGURES,
    TREND_METRICS,
    campaign_groups,
    compared_campaigns,
    drivers,
    objectives,
    of_currency,
    overview_text,
    trends,
)

__all__ = [
    "CAMPAIGN_COLUMNS",
    "FIGURES",
    "TREND_METRICS",
    "Choices",
    "Pill",
    "Tile",
    "accounts_view",
    "answer",
    "answers",
    "asked",
    "asked_once",
    "campaign_groups",
    "choose",
    "chosen",
    "chosen_days",
    "compared_campaigns",
    "currency_choice",
    "data_table",
    "data_to",
    "drivers",
    "equal_age",
    "equal_age_remark",
    "exports_view",
    "facts_of",
    "failure",
    "figure",
    "first_look",
    "footer",
    "heading",
    "hidden",
    "is_script",
    "kept_menu",
    "late_objective",
    "lead",
    "metric_choice",
    "navigation",
    "not_offered",
    "note",
    "nothing_yet",
    "objectives",
    "of_currency",
    "origin",
    "overview_text",
    "provisional_from",
    "redrawing",
    "remark",
    "remember",
    "say",
    "section",
    "small_table",
    "source_choice",
    "source_words",
    "stop",
    "stop_without_figures",
    "strip",
    "strip_view",
    "sync_banner",
    "sync_timer",
    "table_view",
    "text_table",
    "tile",
    "tiles",
    "tiles_text",
    "tiles_view",
    "trends",
    "wide_figure",
    "working",
]
