# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="What do I tell the client?")

with app.setup:
    import marimo as mo

    from workbench import pages
    from workbench.pages import report as page


@app.cell(hide_code=True)
def navigation(wanted):
    pages.navigation("report", dict(wanted.now))
    return


@app.cell(hide_code=True)
def title():
    pages.heading(
        "What do I tell the client?", "One account over one period: the answer first, pinned to a snapshot, as files."
    )
    return


@app.cell(hide_code=True)
def source(drawn):
    drawn()
    source = pages.source_choice()
    return (source,)


@app.cell(hide_code=True)
def strip(source):
    strip = page.strip(source)
    return (strip,)


@app.cell(hide_code=True)
def choices(source, strip):
    wanted = page.chosen(source, strip)
    page.strip_view(source, strip)
    return (wanted,)


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
def next_steps():
    steps = page.steps_box()
    return (steps,)


@app.cell(hide_code=True)
def made(steps, wanted):
    made = page.report(wanted, steps.value)
    page.pinned(made, wanted)
    return (made,)


@app.cell(hide_code=True)
def downloads(made):
    files = page.downloads(made)
    page.downloads_view(files)
    return (files,)


@app.cell(hide_code=True)
def writing(steps, wanted):
    mo.stop(not wanted.account_ids)
    mo.accordion({"Write next steps into the report": steps})
    return


@app.cell(hide_code=True)
def shown(made):
    page.shown(made)
    return


@app.cell(hide_code=True)
def footer(made, wanted):
    page.footer(made, wanted)
    return


@app.cell(hide_code=True)
def printed(made):
    if pages.is_script():
        pages.say(page.page_text(made))
    return


if __name__ == "__main__":
    app.run()
