"""The style sheet for what the workbench draws itself, for light and dark.

Colours are mixed from the page's own text colour, so that both themes of marimo decide them; one accent.
"""

from __future__ import annotations

ACCENT = "#3d85c6"
FONTS = "ui-sans-serif,system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"
STYLE = """<style>
:root{--marimo-text-font:FONTS;--marimo-heading-font:FONTS}
:root{--content-width-medium:1440px}
[class*="xl:px-24"]{padding-inline:clamp(12px,4vw,56px)!important}
[data-cell-name] .output{margin-block:8px!important}
[data-cell-name="navigation"] .output,[data-cell-name="title"] .output,[data-cell-name="strip"] .output,
[data-cell-name="choices"] .output{margin-block:2px!important}
[data-cell-name="timer"] .output:not(:has(button)){margin-block:0!important;height:0;overflow:hidden}
.wb{--wb-line:color-mix(in srgb,currentColor 14%,transparent);
 --wb-wash:color-mix(in srgb,currentColor 4%,transparent);
 --wb-soft:#5d6675;--wb-accent:#2b6cb0;--wb-good:#1a7f5f;--wb-bad:#b04545;--wb-warn:#8a5d0a;
 font-family:FONTS;
 font-size:15px;line-height:1.5;font-variant-numeric:tabular-nums}
.dark .wb{--wb-soft:#98a2b3;--wb-accent:#6aa9e0;--wb-good:#4fbf9a;--wb-bad:#e07a7a;--wb-warn:#d6a24a}
.wb a{color:var(--wb-accent);text-decoration:none}.wb a:hover,.wb p a,.wb .wb-sub a,.wb dd a{text-decoration:underline}
.wb-skip{position:absolute;left:-9999px}.wb-skip:focus{position:static}
marimo-dropdown::part(label),marimo-multiselect::part(label),marimo-radio::part(label){font-size:13px}
[data-cell-name="strip"] [style*="gap"]{gap:4px 14px!important}
.wb-nav{display:flex;flex-wrap:wrap;gap:4px 20px;align-items:baseline;border-bottom:1px solid var(--wb-line);
 padding:6px 0 10px;font-size:14px}
@media (min-width:641px) and (min-height:500px){[data-cell-name="navigation"]{position:sticky;top:0;z-index:20;
 background:var(--background)}}
@media print{.wb-nav,[data-cell-name="strip"],marimo-download,marimo-button,marimo-dropdown{display:none!important}}
.wb-nav b{font-weight:600;margin-right:8px}.wb-nav a{color:var(--wb-soft);padding-bottom:9px;margin-bottom:-11px}
.wb-nav a[aria-current]{color:inherit;font-weight:600;border-bottom:2px solid var(--wb-accent)}
.wb-nav .g{display:inline-flex;flex-wrap:wrap;gap:4px 14px;align-items:baseline}
.wb-nav i{font-style:normal;font-size:12px;color:var(--wb-soft)}
.wb-head{display:flex;flex-wrap:wrap;align-items:baseline;gap:0 14px}
.wb-head h1{font-size:20px;line-height:1.3;font-weight:650;letter-spacing:-.01em;margin:2px 0}
.wb-head p{margin:0;color:var(--wb-soft);font-size:13px}
.wb h2{font-size:18px;font-weight:620;margin:10px 0 2px;letter-spacing:-.01em}
.wb h2 small,.wb-sub{font-size:13px;font-weight:400;color:var(--wb-soft);letter-spacing:0}
.wb-period{display:flex;flex-wrap:wrap;gap:2px 14px;font-size:14px}.wb-period span{color:var(--wb-soft)}
.wb-tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(158px,calc(50% - 5px)),1fr));gap:10px;
 margin:6px 0 2px}
.wb-tiles.eight{grid-template-columns:repeat(auto-fill,minmax(max(158px,calc(25% - 10px)),1fr))}
.wb-tile{border:1px solid var(--wb-line);border-radius:10px;padding:11px 14px 10px;min-width:0}
.wb-tile dt{font-size:13px;color:var(--wb-soft);margin:0;cursor:help}
.wb-tile .v{font-size:21px;font-weight:600;letter-spacing:-.015em;margin:1px 0;white-space:nowrap;overflow:hidden;
 text-overflow:ellipsis}
.wb-tile .v.long{font-size:17px;line-height:31px}
.wb-tile .c{font-size:13px;margin:0;color:var(--wb-soft);overflow-wrap:anywhere}.wb-tile .c b{font-weight:600}
.wb .good{color:var(--wb-good)}.wb .bad{color:var(--wb-bad)}
.wb-note{border:1px solid var(--wb-line);border-left:3px solid var(--wb-soft);border-radius:8px;padding:10px 16px;
 background:var(--wb-wash)}
.wb-note.slim{display:flex;flex-wrap:wrap;gap:0 12px;align-items:baseline;padding:4px 12px}
.wb-note.slim p,.wb-note.slim p.t{margin:0;font-size:13px}
.wb-note p{margin:3px 0 0;font-size:14px}.wb-note p.t{font-size:15px;font-weight:620;margin:0}
.wb-note p b{font-weight:600;display:inline-block;min-width:44px}
.wb-note.info{border-left-color:var(--wb-accent)}.wb-note.warn{border-left-color:var(--wb-warn)}
.wb-note.danger{border-left-color:var(--wb-bad)}.wb-note.good{border-left-color:var(--wb-good)}
.wb-note.good{color:inherit}
.wb-note ul{margin:4px 0 0;padding-left:18px;font-size:14px;list-style:disc}
.wb-foot{border-top:1px solid var(--wb-line);padding-top:12px;margin-top:14px;font-size:13px;color:var(--wb-soft)}
.wb-foot dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 16px;margin:0}.wb-foot dt{font-weight:600}
.wb-foot dd{margin:0;overflow-wrap:anywhere}
.wb-scroll{overflow-x:auto}
.wb-table{border-collapse:collapse;font-size:14px;width:100%}
.wb-table th{font-weight:500;color:var(--wb-soft);font-size:13px;text-align:left;border-bottom:1px solid var(--wb-line);
 padding:4px 14px 4px 0;vertical-align:bottom}
.wb-table td{padding:5px 14px 5px 0;border-bottom:1px solid var(--wb-line);vertical-align:top}
.wb-table .n{text-align:right}.wb-table td.n{white-space:nowrap}.wb-table .n+:not(.n){padding-left:20px}
.wb-pill{display:inline-block;border-radius:99px;padding:0 9px;font-size:12px;line-height:20px;font-weight:550;
 border:1px solid var(--wb-line);white-space:nowrap}
.wb-pill.done{color:var(--wb-good);border-color:currentColor}.wb-pill.ready,.wb-pill.running{color:var(--wb-accent);
 border-color:currentColor}
.wb-pill.required,.wb-pill.partial,.wb-pill.interrupted{color:var(--wb-warn);border-color:currentColor}
.wb-pill.failed{color:var(--wb-bad);border-color:currentColor}
.wb-pill.blocked,.wb-pill.skipped,.wb-pill.pending{color:var(--wb-soft)}
.wb-steps{display:grid;gap:0;margin:4px 0}.wb-step{display:grid;grid-template-columns:28px 1fr;gap:2px 12px;
 padding:14px 0;border-bottom:1px solid var(--wb-line)}
.wb-step .k{font-size:15px;font-weight:600;color:var(--wb-soft)}
.wb-step h2{margin:0 8px 0 0;display:inline;font-size:16px}
.wb-step p{margin:3px 0 0;font-size:14px;color:var(--wb-soft);max-width:72ch}
@media (max-width:640px){.wb-nav b{flex-basis:100%}.wb-nav a{padding-bottom:1px;margin-bottom:0}
 .wb-nav{gap:6px 18px;padding-bottom:6px}.wb-table td:not(.n){min-width:96px}
 .wb-table td:last-child:not(.n){min-width:170px}
 .wb-table.narrow td:not(.n),.wb-table.narrow td:last-child:not(.n){min-width:0}
 .wb-table.narrow .wb-bullet{width:64px}.wb-table.narrow td:last-child{padding-right:0}}
.wb-verdict{display:flex;flex-wrap:wrap;align-items:baseline;gap:2px 14px;margin:2px 0}
.wb-verdict b{font-size:20px;font-weight:620;letter-spacing:-.01em}.wb-verdict span{color:var(--wb-soft);font-size:14px}
.wb-found{list-style:none;margin:2px 0;padding:0;border-top:1px solid var(--wb-line)}
.wb-found li{display:grid;grid-template-columns:148px minmax(0,1fr) max-content;gap:0 16px;align-items:baseline;
 padding:10px 0;border-bottom:1px solid var(--wb-line)}
.wb-found .m{text-align:right;font-weight:620}.wb-found .m small,.wb-found p{color:var(--wb-soft);font-size:14px}
.wb-found .m small{display:block;font-weight:400;font-size:12px}.wb-found p{margin:1px 0 0}.wb-found a{font-weight:600}
.wb-found .w{font-size:12px}.wb-found.quiet li{grid-template-columns:148px minmax(0,1fr)}
.wb-pill.needs,.wb-pill.off{color:var(--wb-warn);border-color:currentColor}
.wb-bullet{position:relative;display:inline-block;width:120px;height:10px;border-radius:2px;vertical-align:middle;
 background:color-mix(in srgb,currentColor 10%,transparent)}
.wb-bullet i{position:absolute;left:0;top:0;bottom:0;border-radius:2px;background:var(--wb-accent)}
.wb-bullet b{position:absolute;top:-3px;bottom:-3px;width:2px;background:currentColor}
.wb-table .t{display:block;min-width:150px}
.wb-table tr:has(+tr.why) td{border-bottom:0;padding-bottom:0}.wb-table .why td{color:var(--wb-soft);font-size:13px}
.wb-table .s{display:block;color:var(--wb-soft);font-size:12px;white-space:normal}
.wb-list{margin:2px 0;padding-left:18px;list-style:disc;font-size:14px}
.wb summary{cursor:pointer;font-size:14px;color:var(--wb-soft);padding:4px 0}
@media (max-width:640px){.wb-found li,.wb-found.quiet li{grid-template-columns:minmax(0,1fr) max-content}
 .wb-found li>div{grid-column:1/-1;grid-row:2}.wb-found.quiet li>div{grid-row:auto}}
.wb progress{accent-color:var(--wb-accent);width:100%;height:8px;margin:6px 0}
</style>""".replace("FONTS", FONTS)


def styled(html: str) -> str:
    """HTML of a page's piece with the shared style sheet's class around it."""
    return f'<div class="wb">{html}</div>'
