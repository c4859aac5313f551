# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="What do I do next?")

with app.setup:
    import marimo as mo

    from workbench import pages
    from workbench.pages import start


@app.cell(hide_code=True)
def navigation():
    pages.navigation("start")
    return


@app.cell(hide_code=True)
def title():
    pages.heading("What do I do next?", "Four steps from nothing to reports that your team can open.")
    return


@app.cell(hide_code=True)
def ticks():
    noticed, notice = mo.state(pages.first_look())
    drawn, draw = mo.state(0)
    redraw = pages.redrawing(notice, draw)
    return drawn, notice, noticed, redraw


@app.cell(hide_code=True)
def sync_timer(noticed, redraw):
    sync_tick, button = pages.sync_timer(noticed(), redraw)
    pages.hidden(sync_tick)
    return button, sync_tick


@app.cell(hide_code=True)
def running(button, notice, noticed, redraw, sync_tick):
    sync_tick
    pages.sync_banner(noticed(), button, notice, redraw)
    return


@app.cell(hide_code=True)
def steps(connected):
    start.steps(connected)
    return


@app.cell(hide_code=True)
def clicks():
    clicked, set_clicked = mo.state(0, allow_self_loops=True)
    return clicked, set_clicked


@app.cell(hide_code=True)
async def connected(clicked, drawn):
    clicked(), drawn()
    connected = await start.connection()
    return (connected,)


@app.cell(hide_code=True)
def timer(clicked):
    clicked()
    tick = start.poll_consent()
    pages.hidden(tick)
    return (tick,)


@app.cell(hide_code=True)
def connection(connected, set_clicked, tick):
    tick
    consent = start.consenting()
    if tick is not None and consent.state != "waiting":
        set_clicked(lambda count: count + 1)  # looks at the sign-in again, and drops the timer
    mo.vstack([pages.section("Your connection"), start.connection_view(connected, consent)])
    return


@app.cell(hide_code=True)
def sign_in(clicked, connected, set_clicked):
    clicked()
    sign_in = start.sign_in_button(connected, after=lambda: set_clicked(lambda count: count + 1))
    sign_in
    return (sign_in,)


@app.cell(hide_code=True)
def approval():
    start.approval()
    return


if __name__ == "__main__":
    app.run()
