import { sha256 } from '@noble/hashes/sha2';
import { utf8ToBytes } from '@noble/hashes/utils';
import { Markup } from './markup';

/** Everything that a page needs to look right: no font, no picture and no script from elsewhere. */
const STYLE = `
:root{color-scheme:light dark;--back:#fff;--text:#1f2328;--soft:#59636e;--line:#d1d9e0;--tile:#f6f8fa;--good:#1a7f37;--bad:#cf222e;--warn:#9a6700;--calm:#0969da}
@media (prefers-color-scheme:dark){:root{--back:#0d1117;--text:#f0f6fc;--soft:#9198a1;--line:#3d444d;--tile:#151b23;--good:#3fb950;--bad:#f85149;--warn:#d29922;--calm:#4493f8}}
@media print{:root{color-scheme:light;--back:#fff;--text:#000;--soft:#444;--line:#bbb;--tile:#fff;--good:#1a7f37;--bad:#cf222e;--warn:#9a6700;--calm:#0969da}form{display:none}details::details-content{content-visibility:visible;height:auto}section{break-inside:avoid}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:60rem;padding:1rem;background:var(--back);color:var(--text);font:1rem/1.5 system-ui,sans-serif;overflow-wrap:break-word}
h1{font-size:1.4rem;line-height:1.3;margin:.5rem 0}
h2{font-size:1.1rem;margin:2rem 0 .5rem;border-bottom:1px solid var(--line)}
h3{font-size:1rem;margin:0}
a{color:var(--calm)}
:focus-visible{outline:3px solid var(--calm);outline-offset:2px}
.bad{color:var(--bad)}.good{color:var(--good)}.warn{color:var(--warn)}.soft{color:var(--soft)}
code,pre{font:.9em/1.5 ui-monospace,monospace}
pre{background:var(--tile);border:1px solid var(--line);border-radius:6px;padding:.75rem;white-space:pre-wrap}
pre.command{user-select:all}
table{width:100%;border-collapse:collapse;font-size:.9rem}
td:last-child,pre,h1,h3,dd,.lamps li{overflow-wrap:anywhere}
th,td{text-align:left;vertical-align:top;padding:.25rem .4rem;border-bottom:1px solid var(--line)}
th{color:var(--soft);font-weight:600}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem .75rem;margin:0}
dt{color:var(--soft)}dd{margin:0}
.lamps{list-style:none;display:flex;flex-wrap:wrap;gap:.5rem;margin:0;padding:0}
.lamps li{flex:1 1 12rem;border:1px solid var(--line);border-left:.5rem solid var(--bad);border-radius:6px;padding:.4rem .6rem;font-size:.9rem}
.lamps li.lit{border-left-color:var(--good)}
.tiles{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(17rem,100%),1fr));gap:.75rem}
.tile{border:1px solid var(--line);border-radius:6px;padding:.6rem;background:var(--tile);font-size:.9rem}
.tile .figure{font-size:1.3rem;font-weight:600}
svg{display:block;width:100%;height:auto}
svg text{fill:var(--soft);font:12px system-ui,sans-serif}
svg .label{fill:var(--text);font-weight:600}
.grid path,.lane path{stroke:var(--line);fill:none}
path.course{stroke:var(--good);stroke-width:3;fill:none;stroke-linejoin:round}
.spark path.course{stroke:var(--calm);stroke-width:1.5}
path.fall{stroke:var(--bad);stroke-width:4}
path.ahead{stroke:var(--good);stroke-width:2;stroke-dasharray:6 5;fill:none}
path.now{stroke:var(--soft);stroke-dasharray:2 3}
path.alarm{fill:var(--bad)}path.alarm-line{stroke:var(--bad);stroke-dasharray:2 4}
path.limit{stroke:var(--bad);stroke-dasharray:4 3}path.interval{stroke:var(--calm);stroke-width:1;opacity:.6}
circle.value{fill:var(--calm)}
rect.open{fill:var(--good);opacity:.45}rect.frozen{fill:var(--calm);opacity:.6}rect.paused,rect.on-hold{fill:var(--warn)}
rect.strip{fill:var(--line)}rect.healthy{fill:var(--good)}rect.breach{fill:var(--bad)}rect.error,rect.no-data{fill:var(--warn)}rect.inconclusive{fill:var(--soft)}
rect.sheet{fill:var(--back)}
svg.narrow{display:none}
@media (max-width:600px){svg.wide{display:none}svg.narrow{display:block}th,td{padding:.25rem .2rem}dl{grid-template-columns:1fr}}
#answer{white-space:pre-wrap;font-weight:600}
form{display:grid;gap:.5rem;max-width:30rem}
input,button{font:inherit;padding:.4rem .6rem;border:1px solid var(--line);border-radius:6px;background:var(--tile);color:var(--text)}
button{cursor:pointer}button.abort{background:var(--bad);border-color:var(--bad);color:#fff;font-weight:600}
`;

/** In one piece: a space more, and its hash is another. */
export const STYLE_ELEMENT = new Markup(`<style>${STYLE}</style>`);

/** As a policy names it: only this style may apply. */
export const STYLE_HASH = `'sha256-${btoa(String.fromCharCode(...sha256(utf8ToBytes(STYLE))))}'`;

/** A page that loads nothing, runs nothing and sends nothing. */
export const STILL_POLICY = `default-src 'none'; style-src ${STYLE_HASH}; base-uri 'none'; form-action 'none'`;
