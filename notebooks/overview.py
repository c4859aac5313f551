# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="How are the accounts doing?")

with app.setup:
    import marimo as mo

    from workbench import charts, pages
    from workbench.analytics import metrics


@app.cell(hide_code=True)
def navigation(source, strip):
    pages.navigation("overview", pages.chosen(source, strip))
    return


@app.cell(hide_code=True)
def title():
    pages.heading(
        "How are the accounts doing?",
        "What was spent, what came of it, and what changed against the equal period before.",
    )
    return


@app.cell(hide_code=True)
def source(drawn):
    drawn()
    source = pages.source_choice()
    return (source,)


@app.cell(hide_code=True)
def strip(source):
    strip = pages.strip(source)
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
    choices = pages.choose(source, strip)
    pages.lead(choices, strip)
    return (choices,)


@app.cell(hide_code=True)
def answers(choices):
    kpis, by_objective, days, account_days, groups, campaigns = pages.answers(
        choices,
        "kpis",
        "kpis_by_objective",
        "daily_series",
        "daily_series_by_account",
        "campaign_groups",
        "campaigns",
    )
    return account_days, by_objective, campaigns, days, groups, kpis


@app.cell(hide_code=True)
def tiles(choices, kpis):
    _late = pages.late_objective(choices.objective)
    _equal = pages.equal_age(choices) if _late else None
    compared_how = pages.equal_age_remark(_equal) if _late else ""
    tiles = pages.tiles(kpis, choices.objective, _equal)
    pages.stop_without_figures(choices, tiles)
    mo.vstack([pages.tiles_view(tiles, choices.accounts), pages.remark(compared_how)])
    return compared_how, tiles


@app.cell(hide_code=True)
def metric_choice():
    metric = pages.metric_choice(pages.TREND_METRICS)
    return (metric,)


@app.cell(hide_code=True)
def currency_choice(choices, metric):
    currency = pages.currency_choice(choices)
    mo.vstack([pages.section("Day by day"), mo.hstack([metric, currency], justify="start", gap=2, wrap=True)])
    return (currency,)


@app.cell(hide_code=True)
def daily_trend(account_days, choices, currency, days, metric, tiles):
    mo.stop(not tiles)
    pages.trends(choices, days, account_days, metric.value, currency.value)
    return


@app.cell(hide_code=True)
def results(by_objective, currency, tiles):
    mo.stop(not tiles)
    mo.vstack(
        [
            pages.section("Key results", f"by objective; only like is compared with like · {currency.value}"),
            pages.small_table(pages.objectives(by_objective, currency.value), numbers=pages.FIGURES),
        ]
    )
    return


@app.cell(hide_code=True)
def campaign_groups(currency, groups, source, strip, tiles):
    mo.stop(not tiles)
    _groups = pages.campaign_groups(groups, currency.value, pages.chosen_days(source, strip))
    mo.vstack(
        [
            pages.section("Spend and results by campaign", f"API: campaign group · {currency.value}"),
            pages.small_table(_groups, numbers=pages.FIGURES),
        ]
    )
    return


@app.cell(hide_code=True)
def drivers(choices, currency, tiles):
    mo.stop(not tiles)
    drivers = pages.answer(choices, "drivers")
    mo.vstack(
        [
            pages.section("Why cost per result moved", f"by account and objective · {currency.value}"),
            pages.small_table(pages.drivers(drivers, choices.accounts, currency.value)),
        ]
    )
    return (drivers,)


@app.cell(hide_code=True)
def movers(campaigns, choices, currency, tiles):
    mo.stop(not tiles)
    compared = pages.compared_campaigns(campaigns, currency.value)
    _moved = metrics.movers(compared, count=10)
    mo.vstack(
        [
            pages.section("Whose spend moved most", f"change of spend by ad set (API: campaign) · {currency.value}"),
            pages.figure(
                charts.movers(_moved, "cost_in_local_currency", currency=currency.value),
                "Change of spend by ad set",
                pages.source_words(choices, currency.value),
            ),
        ]
    )
    return (compared,)


@app.cell(hide_code=True)
def comparison(choices, compared, currency):
    _origin = pages.origin(choices)
    table = pages.data_table(compared, pages.CAMPAIGN_COLUMNS, name="ad_sets", currency=currency.value, origin=_origin)
    mo.vstack([pages.section("Ad sets compared", currency.value), pages.table_view(table)])
    return (table,)


@app.cell(hide_code=True)
def footer(choices):
    pages.footer(choices)
    return


@app.cell(hide_code=True)
def printed(by_objective, choices, compared_how, drivers, groups, tiles):
    if pages.is_script():
        pages.say(pages.overview_text(choices, tiles, by_objective, groups, drivers, compared_how))
    return


if __name__ == "__main__":
    app.run()
