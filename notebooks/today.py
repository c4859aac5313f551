# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Does anything need me?")

with app.setup:
    import marimo as mo

    from workbench import pages
    from workbench.pages import agreements, budget
    from workbench.pages import seen as marks
    from workbench.pages import today as page


@app.cell(hide_code=True)
def navigation(source, strip):
    pages.navigation("today", pages.chosen(source, strip))
    return


@app.cell(hide_code=True)
def title():
    pages.heading(
        "Does anything need me?", "What is broken or bleeding, where budgets land, and what yesterday brought."
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
def verdict(choices, redraw, strip):
    checked = page.look(choices, strip.value["account"])
    seen = marks.seen_days(checked, marks.marks(choices))
    mark = marks.button(choices, checked, seen, redraw)
    page.verdict(checked, seen, mark)
    return checked, mark, seen


@app.cell(hide_code=True)
def findings(checked, choices, seen, source, strip):
    page.found(checked, page.names_of(choices), pages.chosen(source, strip), seen)
    return


@app.cell(hide_code=True)
def agreement(checked, choices):
    agreement = agreements.form(checked, page.names_of(choices))
    return (agreement,)


@app.cell(hide_code=True)
def agreeing(agreement, redraw):
    agree = agreements.agree_button(agreement, redraw)
    agreements.view(agreement, agree)
    return (agree,)


@app.cell(hide_code=True)
def landing(choices, source, strip):
    budgets = budget.budgets(choices)
    page.landing(budgets, pages.chosen(source, strip))
    return (budgets,)


@app.cell(hide_code=True)
def yesterday(choices):
    page.yesterday(choices)
    return


@app.cell(hide_code=True)
def since(choices, source, strip):
    page.since(choices, pages.chosen(source, strip))
    return


@app.cell(hide_code=True)
def footer(choices):
    page.footer(choices)
    return


@app.cell(hide_code=True)
def printed(budgets, checked, choices):
    if pages.is_script():
        pages.say(page.page_text(choices, checked, budgets))
    return


if __name__ == "__main__":
    app.run()
