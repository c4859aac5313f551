# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Who sees the ads and who answers?")

with app.setup:
    import marimo as mo

    from workbench import pages
    from workbench.analytics import audiences
    from workbench.pages import audience_filters
    from workbench.pages import audiences as page
    from workbench.pages import reach as reach_page


@app.cell(hide_code=True)
def navigation(source, strip):
    pages.navigation("audiences", audience_filters.chosen(source, strip))
    return


@app.cell(hide_code=True)
def title():
    pages.heading(
        "Who sees the ads and who answers?",
        "Who the people are that LinkedIn showed the ads to, and who of them answered more than their part.",
    )
    return


@app.cell(hide_code=True)
def source(drawn):
    drawn()
    source = pages.source_choice()
    return (source,)


@app.cell(hide_code=True)
def strip(source):
    strip = audience_filters.strip(source)
    audience_filters.strip_view(source, strip)
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
    asked_for = audience_filters.choose(source, strip)
    return (asked_for,)


@app.cell(hide_code=True)
def whose(asked_for):
    entity = audience_filters.entity_menu(asked_for)
    audience_filters.entity_view(entity)
    return (entity,)


@app.cell(hide_code=True)
def whose_audience(asked_for, entity):
    audience = audience_filters.of_entity(asked_for, entity)
    return (audience,)


@app.cell(hide_code=True)
def answers(audience):
    segments, _all, covered, _days = audience.answers(
        "demographics", "demographics_totals", "covered_windows", "covered_days"
    )
    totals = page.known_totals(_all, _days)
    page.banners(audience, segments)
    return covered, segments, totals


@app.cell(hide_code=True)
def answer(audience, covered, segments, totals):
    page.stop_without_segments(audience, segments, covered)
    shares = page.judged_segments(audience, segments, totals)
    page.answer_view(audience, shares, totals)
    return (shares,)


@app.cell(hide_code=True)
def segments_chart(audience, shares):
    mo.vstack(
        [
            pages.section("Seen and answered", page.chart_remark(shares, audience.answer)),
            page.segments_chart(audience, shares),
        ]
    )
    return


@app.cell(hide_code=True)
def all_segments(audience, shares):
    table = pages.data_table(
        audiences.table_rows(shares, audience.answer),
        audiences.table_columns(audience.answer),
        name=f"audience_{audience.pivot.lower()}",
        currency=audience.currency,
        origin=page.origin(audience, shares),
    )
    mo.vstack([pages.section("All segments", audience.currency or ""), pages.table_view(table)])
    return (table,)


@app.cell(hide_code=True)
def shown(audience, totals):
    mo.vstack(
        [
            pages.section(
                "How much LinkedIn shows", f"part of the {audience.whole}'s figures; the rest is hidden or too new"
            ),
            pages.small_table(page.shown_rows(totals), numbers=page.SHOWN_FIGURES),
        ]
    )
    return


@app.cell(hide_code=True)
def windows(audience):
    saturation, reached = reach_page.reach(audience)
    reach_files = reach_page.files(audience, reached)
    return reach_files, reached, saturation


@app.cell(hide_code=True)
def reach_of_all(audience, reach_files, reached, saturation, source, strip):
    _account = audience.account["account_id"]
    reach_page.view(saturation, reached, reach_files, _account, audience_filters.chosen(source, strip))
    return


@app.cell(hide_code=True)
def method(audience):
    page.method(audience.answer)
    return


@app.cell(hide_code=True)
def footer(audience, shares):
    page.footer(audience, shares)
    return


@app.cell(hide_code=True)
def printed(audience, shares, totals):
    if pages.is_script():
        pages.say(page.page_text(audience, shares, totals))
    return


if __name__ == "__main__":
    app.run()
