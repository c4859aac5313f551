# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="What did LinkedIn say, and when?")

with app.setup:
    import marimo as mo

    from workbench import pages
    from workbench.analytics import snapshot_diff
    from workbench.pages import snapshots as page


@app.cell(hide_code=True)
def navigation():
    pages.navigation("snapshots")
    return


@app.cell(hide_code=True)
def title():
    pages.heading(
        "What did LinkedIn say, and when?",
        "Every sync keeps all answers as they came. Two of them side by side show what is new and what was corrected.",
    )
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
def listed(drawn):
    drawn()
    known = page.snapshots()
    listed = page.listed(known)
    page.listed_view(listed)
    return (known,)


@app.cell(hide_code=True)
def missing(known):
    page.missing_view(known)
    return


@app.cell(hide_code=True)
def pair(known):
    pair = page.pair(known)
    page.pair_view(known, pair)
    return (pair,)


@app.cell(hide_code=True)
def compared(known, pair):
    comparison = page.compare(known, pair)
    _new, _differing, _changed = comparison.answers("new_days", "restated_days", "changed_settings")
    summary = snapshot_diff.summary(_new, _differing, _changed, before=comparison.before)
    new_days = snapshot_diff.new_days(_new)
    restated_sums = snapshot_diff.restated_sums(_differing, before=comparison.before)
    restated = snapshot_diff.restated(_differing, before=comparison.before)
    settings = snapshot_diff.settings(_changed)
    page.summary_view(summary, comparison)
    return comparison, new_days, restated, restated_sums, settings, summary


@app.cell(hide_code=True)
def new(new_days):
    new_table = page.table(new_days, "new_days")
    page.part("New days", "UTC days with figures now and none before", new_table, new_days, "No new day.")
    return (new_table,)


@app.cell(hide_code=True)
def weeks(comparison):
    weeks = page.weeks(comparison)
    page.weeks_view(weeks)
    return (weeks,)


@app.cell(hide_code=True)
def corrected(restated, restated_sums):
    restated_table = page.table(restated, "restated_figures")
    page.part(
        "Restated figures",
        "the sums leave out days that were still under way; the table marks them",
        restated_table,
        restated,
        "LinkedIn corrected nothing.",
        restated_sums,
    )
    return (restated_table,)


@app.cell(hide_code=True)
def changed(settings):
    settings_table = page.table(settings, "changed_settings")
    page.part("Changed settings", "before and after", settings_table, settings, "No setting changed.")
    return (settings_table,)


@app.cell(hide_code=True)
def example():
    mo.stop(not page.is_edited())
    example = page.example_choice()
    mo.vstack([pages.section("Ask in SQL", "DuckDB over what the snapshots hold; only while editing"), example])
    return (example,)


@app.cell(hide_code=True)
def statement(example):
    statement = mo.ui.code_editor(example.value, language="sql", min_height=160, show_copy_button=False)
    run = mo.ui.run_button(label="Run")
    mo.vstack([statement, run])
    return run, statement


@app.cell(hide_code=True)
def answer(known, run, statement):
    mo.stop(not run.value)
    answer = page.sql_answer(statement.value, page.sql_source(known))
    page.sql_view(answer)
    return (answer,)


@app.cell(hide_code=True)
def footer(known):
    page.footer(known)
    return


@app.cell(hide_code=True)
def printed(comparison, known, new_days, restated_sums, settings, summary, weeks):
    if pages.is_script():
        pages.say(
            page.page_text(
                known,
                summary,
                comparison,
                {"New days": new_days, "Past weeks": weeks, "Restated": restated_sums, "Changed settings": settings},
            )
        )
    return


if __name__ == "__main__":
    app.run()
