# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Is it set up as agreed, and where do ads show?")

with app.setup:
    import marimo as mo

    from workbench import pages
    from workbench.pages import agreements
    from workbench.pages import setup as page


@app.cell(hide_code=True)
def navigation(source, strip):
    pages.navigation("setup", pages.chosen(source, strip))
    return


@app.cell(hide_code=True)
def title():
    pages.heading(
        "Is it set up as agreed, and where do ads show?",
        "Settings of active ad sets with the money they touch, and what was spent off LinkedIn.",
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
    pages.accounts_view(source, strip, "objective")
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
    pages.data_to(choices)
    return (choices,)


@app.cell(hide_code=True)
def currency_choice(choices):
    currency = pages.currency_choice(choices)
    currency
    return (currency,)


@app.cell(hide_code=True)
def answers(choices):
    audit, spend, settings, covered = page.looked_at(choices)
    places = page.places(choices)
    return audit, covered, places, settings, spend


@app.cell(hide_code=True)
def verdict(audit, choices, currency, spend):
    findings = page.findings(choices, audit, spend, currency.value)
    page.verdict(findings, spend, currency.value)
    return (findings,)


@app.cell(hide_code=True)
def where(choices, currency, findings, places):
    page.placement_view(places, findings, choices, currency.value)
    return


@app.cell(hide_code=True)
def found(choices, covered, currency, findings):
    finding_table = page.findings_table(choices, findings, currency.value)
    page.findings_view(finding_table, findings, choices, covered, currency.value)
    return (finding_table,)


@app.cell(hide_code=True)
def agreement(findings):
    agreement = agreements.form_of_settings(findings)
    return (agreement,)


@app.cell(hide_code=True)
def agreeing(agreement, redraw):
    agree = agreements.agree_button(agreement, redraw)
    agreements.view(agreement, agree)
    return (agree,)


@app.cell(hide_code=True)
def set_up(choices, currency, settings, spend):
    setups = page.setups(choices, settings, spend, currency.value)
    setup_table = page.setups_table(choices, setups, currency.value)
    page.setups_view(setup_table, setups)
    return setup_table, setups


@app.cell(hide_code=True)
def footer(choices):
    page.footer(choices)
    return


@app.cell(hide_code=True)
def printed(audit, choices, covered, places, spend):
    if pages.is_script():
        pages.say(page.page_text(choices, audit, spend, covered, places))
    return


if __name__ == "__main__":
    app.run()
