# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Who sees the ads and who answers?")

with app.setup:
    import marimo as mo

    from workbench import panels
    from workbench.analytics import audiences
    from workbench.panels import audience_choices, audience_views


@app.cell(hide_code=True)
def navigation(source, strip):
    panels.navigation("audiences", audience_choices.chosen(source, strip))
    return


@app.cell(hide_code=True)
def title():
    panels.heading(
        "Who sees the ads and who answers?",
        "Who the people are that LinkedIn showed the ads to, and who of them answered more than their part.",
    )
    return


@app.cell(hide_code=True)
def source(drawn):
    drawn()
    source = panels.source_choice()
    return (source,)


@app.cell(hide_code=True)
def strip(source):
    strip = audience_choices.strip(source)
    audience_choices.strip_view(source, strip)
    return (strip,)


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
def choices(source, strip):
    audience = audience_choices.choose(source, strip)
    return (audience,)


@app.cell(hide_code=True)
def answers(audience):
    segments, totals, covered = audience.answers("demographics", "demographics_totals", "covered_windows")
    audience_views.banners(audience, segments)
    return covered, segments, totals


@app.cell(hide_code=True)
def answer(audience, covered, segments, totals):
    audience_views.stop_without_segments(audience, segments, covered)
    shares = audiences.segment_shares(segments, audience.answer)
    audience_views.answer_view(audience, shares, totals)
    return (shares,)


@app.cell(hide_code=True)
def segments_chart(audience, shares):
    mo.vstack(
        [
            panels.section("Seen and answered", audience_views.chart_remark(shares, audience.answer)),
            audience_views.segments_chart(shares, audience.answer),
        ]
    )
    return


@app.cell(hide_code=True)
def all_segments(audience, shares):
    table = panels.data_table(
        audiences.table_rows(shares, audience.answer),
        audiences.table_columns(audience.answer),
        name=audience.pivot.lower(),
        currency=audience.currency,
    )
    mo.vstack([panels.section("All segments", audience.currency or ""), panels.table_view(table)])
    return (table,)


@app.cell(hide_code=True)
def shown(totals):
    mo.vstack(
        [
            panels.section("How much LinkedIn shows", "part of the account's figures; the rest is hidden or too new"),
            panels.small_table(audience_views.shown_rows(totals), numbers=audience_views.SHOWN_FIGURES),
        ]
    )
    return


@app.cell(hide_code=True)
def method(audience):
    audience_views.method(audience.answer)
    return


@app.cell(hide_code=True)
def footer(audience, shares):
    audience_views.footer(audience, shares)
    return


@app.cell(hide_code=True)
def printed(audience, shares, totals):
    if panels.is_script():
        panels.say(audience_views.page_text(audience, shares, totals))
    return


if __name__ == "__main__":
    app.run()
