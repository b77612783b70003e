import { PLOT_STYLE } from '../plot/palette.ts';

const LIGHT =
  '--ground:#fff;--card:#f7f8fa;--ink:#1f2937;--quiet:#5b6472;--line:#dfe3ea;--good:#0b7a55;--bad:#c81e4a;--other:#9aa3b2';
const DARK =
  '--ground:#12161d;--card:#1a202a;--ink:#e5e7eb;--quiet:#a3acba;--line:#333b49;--good:#4fd6a0;--bad:#ff7d9c;--other:#667083';

/** Of the page as a whole, on a screen of any width, light or dark, and on paper. */
export const PAGE_STYLE: string = `
:root{color-scheme:light dark;${LIGHT}}
@media screen and (prefers-color-scheme:dark){:root{${DARK}}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:.95rem/1.5 system-ui,sans-serif}
main{max-width:62rem;margin:0 auto;padding:1.5rem 1rem 3rem}
h1{font-size:1.6rem;line-height:1.2;margin:0 0 .3rem}
h2{font-size:1.15rem;line-height:1.3;margin:2.5rem 0 .8rem;padding-top:.8rem;border-top:1px solid var(--line)}
p{margin:.3rem 0}
a{color:inherit}
nav ul{columns:18rem;margin:.5rem 0;padding-left:1.1rem}
.quiet{color:var(--quiet)}
p.quiet{font-size:.85rem}
.met{color:var(--good)}.missed{color:var(--bad)}.not-measured{color:var(--quiet)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:.3rem .6rem;text-align:right;border-bottom:1px solid var(--line);vertical-align:baseline}
th:first-child,td:first-child{text-align:left;padding-left:0}
th{font-weight:600}
tbody th{font-weight:400}
thead th{color:var(--quiet);font-weight:400;font-size:.85rem}
.data{width:100%;font-size:.85rem;white-space:nowrap}
.remarks td:last-child{text-align:left;white-space:normal}
.targets{width:100%}
.targets .against{text-align:left}
.targets .range{width:16%;vertical-align:middle}
.targets .required-text,.targets .figure{white-space:nowrap}
.targets .standing{font-weight:600;white-space:nowrap}
.ours th,.ours td{font-weight:600}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr));gap:1rem;margin:1rem 0}
figure{margin:0;padding:.8rem 1rem;background:var(--card);border-radius:.6rem;break-inside:avoid}
figcaption{font-weight:600;margin-bottom:.3rem}
svg{display:block;width:100%}
.plot{height:auto;font:12px system-ui,sans-serif}
.bars{width:100%;font-size:.85rem}
.bars th,.bars td{border:0;padding:.1rem 0 .1rem .6rem;vertical-align:middle}
.bars th{padding-left:0;line-height:1.2;min-width:7.5rem}
.bars .track{width:36%}
.bars .figure{white-space:nowrap}
.bar{fill:var(--other);opacity:.75}
.ours .bar{fill:currentColor;opacity:1}
.spread{stroke:var(--ink);stroke-width:1.5}
.required{stroke:var(--ink);stroke-width:2}
.measured{stroke:currentColor;stroke-width:4;opacity:.45}
.d1 line,.d1 polyline{stroke-dasharray:7 3}
.d2 line,.d2 polyline{stroke-dasharray:2 2}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem;margin:0}
dt{color:var(--quiet)}
dd{margin:0;overflow-wrap:anywhere}
@media (max-width:40rem){
.targets thead{display:none}
.targets tr{display:grid;grid-template-columns:1fr max-content;padding:.5rem 0;border-bottom:1px solid var(--line)}
.targets th,.targets td{display:block;border:0;padding:0;text-align:left}
.targets .range{grid-column:1/-1;width:100%}
.targets .required-text::before{content:'required '}
.targets .against::before{content:'against '}
.targets .standing{text-align:right}.targets .figure{grid-column:1/-1}
.targets th{grid-area:1/1}.targets .standing{grid-area:1/2}
}
@media print{
html{font-size:8.5pt}main{max-width:none;padding:0}nav{display:none}
.scroll{overflow:visible}.data{white-space:normal}
figure{border:1px solid var(--line)}tr,h2{break-inside:avoid}h2{break-after:avoid}
}
${PLOT_STYLE}
`;
