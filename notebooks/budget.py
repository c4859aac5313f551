# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Will we land on plan?")

with app.setup:
    import marimo as mo

    from workbench import pages
    from workbench.pages import budget as page


@app.cell(hide_code=True)
def navigation(source, strip):
    pages.navigation("budget", pages.chosen(source, strip))
    return


@app.cell(hide_code=True)
def title():
    pages.heading("Will we land on plan?", "Where each budget ends at this pace, what a day needs, and why.")
    return


@app.cell(hide_code=True)
def source(drawn):
    drawn()
    source = pages.source_choice()
    return (source,)


@app.cell(hide_code=True)
def strip(source):
    strip = pages.strip(source)
    pages.accounts_view(source, strip)
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
def verdict(choices):
    budgets = page.budgets(choices)
    page.verdict(budgets)
    return (budgets,)


@app.cell(hide_code=True)
def chosen_budget(budgets):
    mo.stop(not budgets)
    one = page.choice(budgets)
    one
    return (one,)


@app.cell(hide_code=True)
def course(choices, one):
    page.course(choices, one.value)
    return


@app.cell(hide_code=True)
def table(budgets):
    page.table(budgets)
    return


@app.cell(hide_code=True)
def exports(budgets, choices):
    mo.stop(not budgets)
    files = page.export(choices, budgets)
    pages.exports_view(files)
    return (files,)


@app.cell(hide_code=True)
def footer(choices):
    page.footer(choices)
    return


@app.cell(hide_code=True)
def printed(budgets):
    if pages.is_script():
        pages.say(page.page_text(budgets))
    return


if __name__ == "__main__":
    app.run()
