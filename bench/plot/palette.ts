/** Pairs for a light and for a dark ground. Neighbours differ in lightness too, for paper without color. */
const COLORS = [
  ['#1d5fd1', '#7db4ff'],
  ['#d95f0e', '#ff9d5c'],
  ['#0b7a55', '#4fd6a0'],
  ['#c81e4a', '#ff7d9c'],
  ['#7a3fd0', '#c0a0ff'],
  ['#8a6a00', '#e6c54a'],
  ['#0a8ba3', '#56d3e8'],
  ['#6b7280', '#aab3c0'],
] as const;

const rules = (side: 0 | 1): string =>
  COLORS.map((color, i) => `.s${i}{color:${color[side]}}`).join('');

/** After these the dashes come round again, which a page may give to the lines of a class. */
const DASHES = 3;

/** The classes of a series: s for its color, d for its dash. */
export const colorClass = (color: number): string => `s${color % COLORS.length} d${color % DASHES}`;

/** What pictures are colored by, alone or in a page: no variables, which not every viewer of SVG knows. Paper is light. */
export const PLOT_STYLE: string = [
  `.series{stroke-width:1.5}text{fill:#1f2937}.quiet{fill:#5b6472}.grid{stroke:#dfe3ea}.ground{fill:#fff}${rules(0)}`,
  `@media screen and (prefers-color-scheme:dark){text{fill:#e5e7eb}.quiet{fill:#a3acba}.grid{stroke:#333b49}.ground{fill:#12161d}${rules(1)}}`,
].join('\n');
