# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Is everything in order?")

with app.setup:
    import marimo as mo

    from workbench import pages
    from workbench.pages import status as page


@app.cell(hide_code=True)
def navigation():
    pages.navigation("status")
    return


@app.cell(hide_code=True)
def title():
    pages.heading("Is everything in order?", "What needs a person, how fresh and how complete the data is.")
    return


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
def again():
    again = mo.ui.refresh(options=["10s", "1m"], label="Look again")
    again
    return (again,)


@app.cell(hide_code=True)
def health(again, drawn):
    again.value, drawn()
    health = page.health_now()
    page.verdict(health)
    return (health,)


@app.cell(hide_code=True)
def facts(health):
    page.facts(health)
    return


@app.cell(hide_code=True)
def syncs(health):
    page.syncs(health)
    return


@app.cell(hide_code=True)
def coverage(health):
    page.coverage(health)
    return


@app.cell(hide_code=True)
def tables(health):
    page.tables(health)
    return


@app.cell(hide_code=True)
def places(health):
    page.places(health)
    return


@app.cell(hide_code=True)
def footer(health):
    page.footer(health)
    return


@app.cell(hide_code=True)
def printed(health):
    if pages.is_script():
        pages.say(page.page_text(health))
    return


if __name__ == "__main__":
    app.run()
