# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="medium",
    app_title="Which ads earn their keep, which are tired?",
)

with app.setup:
    import marimo as mo

    from workbench import charts, pages
    from workbench.analytics import comparison, formatting
    from workbench.pages import creatives as page
    from workbench.pages.campaigns import AD_SET_METRICS
    from workbench.pages.components.comparison_table import comparison_table, picked, remark
    from workbench.pages.creative_detail import one_ad, one_ad_view


@app.cell(hide_code=True)
def navigation(source, strip):
    pages.navigation("creatives", pages.chosen(source, strip))
    return


@app.cell(hide_code=True)
def title():
    pages.heading(
        "Which ads earn their keep, which are tired?",
        "What each ad (API: creative) brought in, how its rate holds, and what keeps it from serving.",
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
    choices = pages.choose(source, strip, level="ad")
    pages.lead(choices, strip)
    return (choices,)


@app.cell(hide_code=True)
def answers(choices):
    (creatives,) = pages.answers(choices, "creatives")
    (weeks,) = pages.answers(choices, "creative_weeks", **page.week_days(choices.until))
    fatigue = pages.answer(choices, "creative_fatigue", last_day=choices.until)
    pages.stop_without_figures(choices, creatives)
    return creatives, fatigue, weeks


@app.cell(hide_code=True)
def currency_choice(choices):
    currency = pages.currency_choice(choices)
    currency
    return (currency,)


@app.cell(hide_code=True)
def ads(creatives, currency):
    ads = page.compare_ads(creatives, currency.value)
    return (ads,)


@app.cell(hide_code=True)
def tired(choices, currency, fatigue):
    judged = page.fatigue_rows(fatigue, currency.value)
    _summary = page.fatigue_summary(fatigue, choices.accounts, currency.value)
    fatigue_table = comparison_table(
        judged,
        page.FATIGUE_COLUMNS,
        name="ad_fatigue",
        currency=currency.value,
        origin=pages.origin(choices, last=choices.until),
    )
    mo.vstack(
        [
            pages.section("Which ads are tired?"),
            pages.small_table(_summary) if _summary else remark(page.NO_ADS),
            remark(page.HOW_FATIGUE_IS_JUDGED),
            pages.table_view(fatigue_table),
        ]
    )
    return


@app.cell(hide_code=True)
def by_week(ads, choices, weeks):
    mo.vstack(
        [
            pages.section("CTR by week", "the ads with most impressions, whole ISO weeks, one scale"),
            pages.wide_figure(
                charts.creative_weeks(page.weeks_of(weeks, ads)),
                "CTR of ads by week",
                pages.source_words(choices, days=f"whole weeks to {formatting.day(choices.until)}"),
            ),
            remark("Pale: weeks of fewer than 1,000 impressions, which say little."),
        ]
    )
    return


@app.cell(hide_code=True)
def comparison_of_all(ads, choices, currency):
    _origin = pages.origin(choices)
    table = comparison_table(
        ads, page.AD_COLUMNS, name="ads", currency=currency.value, origin=_origin, key="creative_id"
    )
    mo.vstack(
        [
            pages.section("Ads compared", f"{comparison.TOO_LITTLE} Choose a row to see that ad below."),
            pages.table_view(table),
        ]
    )
    return (table,)


@app.cell(hide_code=True)
def metric_choice():
    metric = pages.metric_choice(AD_SET_METRICS)
    return (metric,)


@app.cell(hide_code=True)
def ad_choice(ads, table):
    ad = pages.kept_menu("ad", page.ads_by_name(ads), label="Ad", searchable=True, picked=picked(table))
    return (ad,)


@app.cell(hide_code=True)
def ad_and_metric(ad, metric):
    mo.vstack(
        [
            pages.section("One ad", "what it says, by day and by ISO week, with its changes and settings"),
            mo.hstack([ad, metric], justify="start", gap=2, wrap=True),
        ]
    )
    return


@app.cell(hide_code=True)
def chosen_ad(ad, ads, choices, metric, source, strip):
    mo.stop(ad.value is None)
    one = one_ad(choices, page.row_of(ads, ad.value))
    mo.vstack(
        [
            *pages.not_offered("ad", ad, "Ad"),
            one_ad_view(one, choices, metric.value, pages.chosen_days(source, strip)),
        ]
    )
    return


@app.cell(hide_code=True)
def holds(ads):
    _held = page.hold_summary(ads)
    mo.vstack(
        [
            pages.section("What keeps active ads from serving", "LinkedIn's reasons; an ad can have several"),
            pages.small_table(_held, numbers=page.HOLD_FIGURES) if _held else remark("Nothing."),
        ]
    )
    return


@app.cell(hide_code=True)
def footer(choices):
    pages.footer(choices, level="ad")
    return


@app.cell(hide_code=True)
def printed(choices, creatives, fatigue):
    if pages.is_script():
        pages.say(page.creatives_text(choices, creatives, fatigue))
    return


if __name__ == "__main__":
    app.run()
