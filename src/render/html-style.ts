// The style sheet of the HTML report: light, dark, narrow screens and paper.

/** One sheet, to stand in the page. */
export const STYLE_SHEET: string = `
:root{color-scheme:light dark;--ground:#fff;--soft:#f4f6f8;--text:#1c2128;--dim:#5b6570;--line:#d5dae0;--good:#1a7f37;--bad:#c4281c;--part:#8a6100;--goodback:#e7f6ec;--badback:#fdecea;--partback:#fff4d6}
@media (prefers-color-scheme:dark){:root{--ground:#12161c;--soft:#1a2028;--text:#e6ebf0;--dim:#98a2ad;--line:#333b45;--good:#57c97a;--bad:#ff7b72;--part:#e3b341;--goodback:#12281a;--badback:#33171a;--partback:#2e2611}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--text);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif}
main{max-width:1400px;margin:0 auto;padding:24px 20px 48px}
h1{font-size:1.6rem;line-height:1.25;margin:0 0 4px;overflow-wrap:anywhere}
h2{font-size:1.15rem;margin:36px 0 10px;padding-bottom:4px;border-bottom:1px solid var(--line)}
h3{font-size:1rem;margin:0 0 6px;overflow-wrap:anywhere}
p{margin:6px 0}
code,.path{font:13px/1.45 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace;overflow-wrap:anywhere}
.dim{color:var(--dim)}.good{color:var(--good)}.bad{color:var(--bad)}.part{color:var(--part)}
.digest{user-select:all;-webkit-user-select:all}
.lead{color:var(--dim);margin:0}
.verdict{display:inline-block;padding:1px 10px;border-radius:4px;font-weight:700;margin-right:8px}
.verdict.good{background:var(--goodback)}.verdict.bad{background:var(--badback)}
.problem{border:1px solid var(--line);border-left:4px solid var(--bad);border-radius:4px;padding:10px 14px;margin:0 0 10px;background:var(--soft);break-inside:avoid}
.problem.unknown,.problem.waived{border-left-color:var(--part)}
dl{margin:8px 0 0;display:grid;grid-template-columns:max-content minmax(0,1fr);gap:2px 12px}
dt{color:var(--dim)}dd{margin:0;overflow-wrap:anywhere}
dt.rule{grid-column:1/-1;color:var(--text);font-weight:600;margin-top:6px}
table{border-collapse:collapse;width:100%;font-size:14px}
th{text-align:left;color:var(--dim);font-weight:600;border-bottom:1px solid var(--line);padding:4px 12px 4px 0;vertical-align:bottom}
td{border-bottom:1px solid var(--line);padding:6px 12px 6px 0;vertical-align:top;overflow-wrap:anywhere}
td.number,th.number{text-align:right;white-space:nowrap}td.word{white-space:nowrap}
td.digest{min-width:9em;max-width:16em}
.files td:nth-child(2){min-width:12em}
.matrix{width:auto}.matrix td,.matrix th{padding:6px 14px;text-align:center;border:1px solid var(--line)}
.matrix th[scope=row]{text-align:left}
.matrix td.pass{background:var(--goodback);color:var(--good)}.matrix td.fail{background:var(--badback);color:var(--bad)}
.matrix td.unknown,.matrix td.waived{background:var(--partback);color:var(--part)}.matrix td.hole{color:var(--dim);background:repeating-linear-gradient(45deg,transparent,transparent 5px,var(--soft) 5px,var(--soft) 10px)}
.scroll{overflow-x:auto}
details{border:1px solid var(--line);border-radius:4px;margin:0 0 8px;padding:0 14px}
summary{cursor:pointer;padding:8px 0;overflow-wrap:anywhere}
details[open]{padding-bottom:14px}
details img{display:block;width:800px;max-width:100%;height:auto;margin:8px 0}
ul{margin:6px 0;padding-left:20px}li{overflow-wrap:anywhere}
footer{margin-top:40px;color:var(--dim);font-size:13px}
@media (max-width:760px){
main{padding:16px 12px 32px}
.cards thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.cards tr{display:block;border:1px solid var(--line);border-radius:4px;padding:6px 12px;margin:0 0 10px}
.cards td{display:grid;grid-template-columns:7.5em minmax(0,1fr);gap:8px;border:0;padding:2px 0;min-width:0!important;max-width:none!important;text-align:left!important;white-space:normal!important}
.cards td::before{content:attr(data-label);color:var(--dim)}
.cards td:empty{display:none}
}
@media print{
:root{--ground:#fff;--soft:#fff;--text:#000;--dim:#444;--line:#bbb;--good:#0a5c25;--bad:#a3140a;--part:#6b4a00;--goodback:#fff;--badback:#fff;--partback:#fff}
main{max-width:none;padding:0}body{font-size:11px}table,code,.path{font-size:9.5px}
tr,.problem,details{break-inside:avoid}h2{break-after:avoid}
details img{max-height:22cm;object-fit:contain;object-position:left}
}
`.trim();
