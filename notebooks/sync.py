# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Bring the numbers up to date")

with app.setup:
    import sys

    import marimo as mo

    from workbench import pages
    from workbench.pages import sync as page


@app.cell
def as_script():
    if pages.is_script():
        from workbench.cli.app import main

        main(["sync", "--trigger", "script", *(word for word in sys.argv[1:] if word != "--")])
    return


@app.cell(hide_code=True)
def navigation():
    pages.navigation("sync")
    return


@app.cell(hide_code=True)
def title():
    pages.heading(
        "Bring the numbers up to date",
        "Asks LinkedIn for what is new or may have changed, keeps every answer, then updates the database. "
        "It goes on when you close this page.",
    )
    return


@app.cell(hide_code=True)
def options():
    options = page.sync_options()
    mo.hstack(list(options.elements.values()), justify="start", gap=2, wrap=True)
    return (options,)


@app.cell(hide_code=True)
def estimate(options):
    page.estimate_view(options)
    return


@app.cell(hide_code=True)
def clicks():
    clicked, set_clicked = mo.state(0, allow_self_loops=True)
    return clicked, set_clicked


@app.cell(hide_code=True)
def buttons(clicked, options, set_clicked):
    clicked()
    start = page.start_button(options, after=lambda: set_clicked(lambda count: count + 1))
    cancel = page.cancel_button(after=lambda: set_clicked(lambda count: count + 1))
    mo.hstack([start, cancel], justify="start", gap=1)
    return cancel, start


@app.cell(hide_code=True)
def timer(clicked):
    clicked()
    tick, busy = page.poll()
    pages.hidden(tick)
    return busy, tick


@app.cell(hide_code=True)
def state(busy, clicked, set_clicked, tick):
    clicked(), tick
    watch = page.watch_sync()
    if watch.under_way != busy:
        set_clicked(lambda count: count + 1)  # redraws the buttons, and looks as often as is worth it
    page.sync_state(watch)
    return (watch,)


@app.cell(hide_code=True)
def history(watch):
    mo.vstack([pages.section("Recent syncs"), page.sync_history(watch)]) if watch.syncs.height else None
    return


if __name__ == "__main__":
    app.run()
