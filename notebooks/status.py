# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Is everything in order?")

with app.setup:
    import marimo as mo

    from workbench import panels
    from workbench.panels import status_views


@app.cell(hide_code=True)
def navigation():
    panels.navigation("status")
    return


@app.cell(hide_code=True)
def title():
    panels.heading("Is everything in order?", "What needs somebody, how fresh and how complete the data is.")
    return


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
def again():
    again = mo.ui.refresh(options=["10s", "1m"], label="Look again")
    again
    return (again,)


@app.cell(hide_code=True)
def health(again, drawn):
    again.value, drawn()
    health = status_views.health_now()
    status_views.verdict(health)
    return (health,)


@app.cell(hide_code=True)
def facts(health):
    status_views.facts(health)
    return


@app.cell(hide_code=True)
def syncs(health):
    status_views.syncs(health)
    return


@app.cell(hide_code=True)
def coverage(health):
    status_views.coverage(health)
    return


@app.cell(hide_code=True)
def tables(health):
    status_views.tables(health)
    return


@app.cell(hide_code=True)
def places(health):
    status_views.places(health)
    return


@app.cell(hide_code=True)
def footer(health):
    status_views.footer(health)
    return


@app.cell(hide_code=True)
def printed(health):
    if panels.is_script():
        panels.say(status_views.page_text(health))
    return


if __name__ == "__main__":
    app.run()
