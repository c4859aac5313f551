# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="medium",
    app_title="Which ad sets deserve more budget, which less?",
)

with app.setup:
    import marimo as mo

    from workbench import charts, pages
    from workbench.analytics import comparison, metrics, ranked_costs
    from workbench.pages import campaigns as page
    from workbench.pages.campaign_detail import one_campaign, one_campaign_view
    from workbench.pages.components.comparison_table import comparison_table, picked, remark


@app.cell(hide_code=True)
def navigation(source, strip):
    pages.navigation("campaigns", pages.chosen(source, strip, opens_with=page.OPENS_WITH))
    return


@app.cell(hide_code=True)
def title():
    pages.heading(
        "Which ad sets deserve more budget, which less?",
        "What each ad set (API: campaign) spent, what a key result cost, how it is set up, and what to look at.",
    )
    return


@app.cell(hide_code=True)
def source(drawn):
    drawn()
    source = pages.source_choice()
    return (source,)


@app.cell(hide_code=True)
def strip(source):
    strip = pages.strip(source, opens_with=page.OPENS_WITH)
    pages.strip_view(source, strip)
    return (strip,)


@app.cell(hide_code=True)
def ticks():
    noticed, notice = mo.state(pages.first_look())
    drawn, draw = mo.state(0)
    redraw = pages.redrawing(notice, draw)
    return drawn, notice, noticed, redraw


@app.cell(hide_code=True)
def timer(noticed, redraw):
    tick, button = pages.sync_timer(noticed(), redraw)
    pages.hidden(tick)
    return button, tick


@app.cell(hide_code=True)
def running(button, notice, noticed, redraw, tick):
    tick
    pages.sync_banner(noticed(), button, notice, redraw)
    return


@app.cell(hide_code=True)
def choices(source, strip):
    choices = pages.choose(source, strip, opens_with=page.OPENS_WITH)
    pages.lead(choices, strip)
    return (choices,)


@app.cell(hide_code=True)
def answers(choices):
    campaigns, days = pages.answers(choices, "campaigns", "daily_series_by_campaign")
    pages.stop_without_figures(choices, campaigns)
    equal = pages.equal_age(choices)
    return campaigns, days, equal


@app.cell(hide_code=True)
def currency_choice(choices):
    currency = pages.currency_choice(choices)
    return (currency,)


@app.cell(hide_code=True)
def compared(campaigns, choices, currency, days, equal):
    _rows = comparison.compare(campaigns, "campaign", currency.value, equal)
    compared = comparison.with_trend(_rows, days, first=choices.period.first, last=choices.period.last)
    return (compared,)


@app.cell(hide_code=True)
def objective_choice(compared, currency):
    _priced = comparison.objectives(compared) or {"no ad set has a key result": None}
    objective = pages.kept_menu("within", _priced, label="Compare within")
    mo.vstack(
        [
            pages.section("What a key result costs", "within one objective and one currency"),
            mo.hstack([currency, objective], justify="start", gap=2, wrap=True),
        ]
    )
    return (objective,)


@app.cell(hide_code=True)
def tradeoff(choices, compared, currency, days, objective):
    _peers = comparison.peers(compared, objective.value)
    _ranked = ranked_costs.ranked_costs(compared, objective.value, days)
    mo.vstack(
        [
            pages.figure(
                charts.tradeoff(
                    _peers,
                    currency=currency.value,
                    result=metrics.key_result(objective.value).label,
                    together=_ranked["typical_cost"].max(),
                ),
                "Cost per key result and spend",
                pages.source_words(choices, currency.value),
            ),
            remark(f"{ranked_costs.placed(_ranked)} The larger a dot, the more key results."),
            pages.small_table(ranked_costs.ranking(_ranked), numbers=page.RANKING_FIGURES),
        ]
    )
    return


@app.cell(hide_code=True)
def comparison_of_all(choices, compared, currency, equal):
    _origin = pages.origin(choices)
    table = comparison_table(
        compared, page.AD_SET_COLUMNS, name="ad_sets", currency=currency.value, origin=_origin, key="campaign_id"
    )
    mo.vstack(
        [
            pages.section("Ad sets compared", f"{comparison.TOO_LITTLE} Choose a row to see that ad set below."),
            pages.table_view(table),
            remark(pages.equal_age_remark(equal)),
        ]
    )
    return (table,)


@app.cell(hide_code=True)
def metric_choice():
    metric = pages.metric_choice(page.AD_SET_METRICS)
    return (metric,)


@app.cell(hide_code=True)
def ad_set_choice(compared, table):
    ad_set = pages.kept_menu(
        "ad_set", page.ad_sets(compared), key=page.campaign_key, label="Ad set", searchable=True, picked=picked(table)
    )
    return (ad_set,)


@app.cell(hide_code=True)
def ad_set_and_metric(ad_set, metric):
    mo.vstack(
        [
            pages.section("One ad set", "by day and by ISO week, with its ads, changes and settings"),
            mo.hstack([ad_set, metric], justify="start", gap=2, wrap=True),
        ]
    )
    return


@app.cell(hide_code=True)
def one_ad_set(ad_set, choices, metric, source, strip):
    mo.stop(ad_set.value is None)
    one = one_campaign(choices, *ad_set.value)
    mo.vstack(
        [
            *pages.not_offered("ad_set", ad_set, "Ad set", page.campaign_key),
            one_campaign_view(one, choices, metric.value, pages.chosen_days(source, strip)),
        ]
    )
    return


@app.cell(hide_code=True)
def footer(choices):
    pages.footer(choices)
    return


@app.cell(hide_code=True)
def printed(campaigns, choices, days, equal):
    if pages.is_script():
        pages.say(page.campaigns_text(choices, campaigns, days, equal))
    return


if __name__ == "__main__":
    app.run()
