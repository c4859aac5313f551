# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="What do I do next?")

with app.setup:
    import marimo as mo

    from workbench import panels
    from workbench.panels import connecting


@app.cell(hide_code=True)
def navigation():
    panels.navigation("start")
    return


@app.cell(hide_code=True)
def title():
    panels.heading("What do I do next?", "Four steps from nothing to reports that your team can open.")
    return


@app.cell(hide_code=True)
def ticks():
    noticed, notice = mo.state(panels.first_look())
    drawn, draw = mo.state(0)
    redraw = panels.redrawing(notice, draw)
    return drawn, notice, noticed, redraw


@app.cell(hide_code=True)
def sync_timer(noticed, redraw):
    sync_tick, button = panels.sync_timer(noticed(), redraw)
    panels.hidden(sync_tick)
    return button, sync_tick


@app.cell(hide_code=True)
def running(button, notice, noticed, redraw, sync_tick):
    sync_tick
    panels.sync_banner(noticed(), button, notice, redraw)
    return


@app.cell(hide_code=True)
def steps(connected):
    connecting.steps(connected)
    return


@app.cell(hide_code=True)
def clicks():
    clicked, set_clicked = mo.state(0, allow_self_loops=True)
    return clicked, set_clicked


@app.cell(hide_code=True)
async def connected(clicked, drawn):
    clicked(), drawn()
    connected = await connecting.connection()
    return (connected,)


@app.cell(hide_code=True)
def timer(clicked):
    clicked()
    tick = connecting.poll_consent()
    panels.hidden(tick)
    return (tick,)


@app.cell(hide_code=True)
def connection(connected, set_clicked, tick):
    tick
    consent = connecting.consenting()
    if tick is not None and consent.state != "waiting":
        set_clicked(lambda count: count + 1)  # looks at the sign-in again, and drops the timer
    mo.vstack([panels.section("Your connection"), connecting.connection_view(connected, consent)])
    return


@app.cell(hide_code=True)
def sign_in(clicked, connected, set_clicked):
    clicked()
    sign_in = connecting.sign_in_button(connected, after=lambda: set_clicked(lambda count: count + 1))
    sign_in
    return (sign_in,)


@app.cell(hide_code=True)
def approval():
    connecting.approval()
    return


if __name__ == "__main__":
    app.run()
