# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="medium",
    app_title="Which ad sets earn more money, which less?",
)

with app.setup:
    import marimo as mo

    from workbench import charts, panels
    from workbench.analytics import audit, comparison, metrics
    from workbench.panels import campaigns as page
    from workbench.panels.comparison_tables import comparison_table, remark
    from workbench.panels.one_campaign import one_campaign, one_campaign_view


@app.cell(hide_code=True)
def navigation(source, strip):
    panels.navigation("campaigns", panels.chosen(source, strip))
    return


@app.cell(hide_code=True)
def title():
    panels.heading(
        "Which ad sets earn more money, which less?",
        "What each ad set (API: campaign) spent, what a key result cost, how it is set up, and what to look at.",
    )
    return


@app.cell(hide_code=True)
def source(drawn):
    drawn()
    source = panels.source_choice()
    return (source,)


@app.cell(hide_code=True)
def strip(source):
    strip = panels.strip(source)
    panels.strip_view(source, strip)
    return (strip,)


@app.cell(hide_code=True)
def ticks():
    noticed, notice = mo.state(panels.first_look())
    drawn, draw = mo.state(0)
    redraw = panels.redrawing(notice, draw)
    return drawn, notice, noticed, redraw


@app.cell(hide_code=True)
def timer(noticed, redraw):
    tick, button = panels.sync_timer(noticed(), redraw)
    panels.hidden(tick)
    return button, tick


@app.cell(hide_code=True)
def running(button, notice, noticed, redraw, tick):
    tick
    panels.sync_banner(noticed(), button, notice, redraw)
    return


@app.cell(hide_code=True)
def choices(source, strip):
    choices = panels.choose(source, strip)
    panels.lead(choices, strip)
    return (choices,)


@app.cell(hide_code=True)
def answers(choices):
    campaigns, days, covered = panels.answers(choices, "campaigns", "daily_series_by_campaign", "covered_windows")
    (audit,) = panels.answers(choices, "audit", **audit.audit_days(choices.until))
    panels.stop_without_figures(choices, campaigns)
    return audit, campaigns, covered, days


@app.cell(hide_code=True)
def currency_choice(choices):
    currency = panels.currency_choice(choices)
    return (currency,)


@app.cell(hide_code=True)
def compared(campaigns, choices, currency, days):
    _rows = comparison.compare(campaigns, "campaign", currency.value)
    compared = comparison.with_trend(_rows, days, first=choices.period.first, last=choices.period.last)
    return (compared,)


@app.cell(hide_code=True)
def objective_choice(compared, currency):
    _priced = comparison.objectives(compared) or {"no ad set has a key result": None}
    objective = panels.kept_menu("within", _priced, label="Compare within")
    mo.vstack(
        [
            panels.section("What a key result costs", "within one objective and one currency"),
            mo.hstack([currency, objective], justify="start", gap=2, wrap=True),
        ]
    )
    return (objective,)


@app.cell(hide_code=True)
def tradeoff(compared, currency, objective):
    _peers = comparison.peers(compared, objective.value)
    mo.vstack(
        [
            panels.figure(
                charts.tradeoff(_peers, currency=currency.value, result=metrics.key_result(objective.value).label)
            ),
            remark(comparison.placed(compared, objective.value)),
            panels.small_table(comparison.ranking(_peers), numbers=page.RANKING_FIGURES),
        ]
    )
    return


@app.cell(hide_code=True)
def comparison_of_all(compared, currency):
    table = comparison_table(compared, page.AD_SET_COLUMNS, name="ad_sets", currency=currency.value)
    mo.vstack([panels.section("Ad sets compared", comparison.TOO_LITTLE), panels.table_view(table)])
    return


@app.cell(hide_code=True)
def metric_choice():
    metric = panels.metric_choice(page.AD_SET_METRICS)
    return (metric,)


@app.cell(hide_code=True)
def ad_set_choice(compared, metric):
    ad_set = panels.kept_menu("ad_set", page.ad_sets(compared), key=page.campaign_key, label="Ad set", searchable=True)
    mo.vstack(
        [
            panels.section("One ad set", "by day, by ISO week, and as it is set up"),
            mo.hstack([ad_set, metric], justify="start", gap=2, wrap=True),
        ]
    )
    return (ad_set,)


@app.cell(hide_code=True)
def one_ad_set(ad_set, choices, metric):
    mo.stop(ad_set.value is None)
    one = one_campaign(choices, *ad_set.value)
    one_campaign_view(one, choices, metric.value)
    return


@app.cell(hide_code=True)
def findings(audit, choices, covered, currency):
    findings = audit.audited(audit, currency.value)
    audit_table = comparison_table(findings, audit.AUDIT_COLUMNS, name="audit", currency=currency.value)
    _found = [panels.table_view(audit_table)] if findings.height else []
    mo.vstack(
        [
            panels.section("Audit of active ad sets", "most money first; spend of the last 30 complete days"),
            panels.small_table(audit.audit_summary(findings), numbers=audit.AUDIT_FIGURES),
            *_found,
            remark(audit.audit_remark(findings, choices.accounts, covered, currency.value)),
        ]
    )
    return


@app.cell(hide_code=True)
def footer(choices):
    panels.footer(choices)
    return


@app.cell(hide_code=True)
def printed(audit, campaigns, choices, covered):
    if panels.is_script():
        panels.say(page.campaigns_text(choices, campaigns, audit, covered))
    return


if __name__ == "__main__":
    app.run()
