import { createRequire } from 'node:module';

interface Node {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

const require = createRequire(import.meta.url);

/** Prometheus' own grammar of its query language. */
const { parser } = require('@prometheus-io/lezer-promql') as {
  readonly parser: {
    parse(text: string): {
      iterate(visit: { enter(node: Node): void; leave(node: Node): void }): void;
    };
  };
};

/** What a query asks for by name, and which labels that has to have. */
export interface Query {
  /** Each metric with the labels that are matched. */
  readonly selectors: readonly { readonly metric: string; readonly labels: readonly string[] }[];
  /** The labels of `by`: those the answer has. */
  readonly grouping: readonly string[];
  /** Whether all of it is of the language. */
  readonly isWhole: boolean;
}

/** Reads a query as Grafana would send it: what it calls `$__rate_interval` is five minutes. */
export function readQuery(template: string): Query {
  const text = template.replaceAll('$__rate_interval', '5m');
  const selectors: { metric: string; labels: string[] }[] = [];
  const grouping = new Set<string>();
  let isWhole = true;
  let groups = 0;
  parser.parse(text).iterate({
    enter: ({ name, from, to }) => {
      const word = text.slice(from, to);
      if (name === '⚠') isWhole = false;
      if (name === 'GroupingLabels') groups++;
      if (name === 'Identifier') selectors.push({ metric: word, labels: [] });
      if (name !== 'LabelName') return;
      if (groups > 0) grouping.add(word);
      else selectors.at(-1)?.labels.push(word);
    },
    leave: ({ name }) => {
      if (name === 'GroupingLabels') groups--;
    },
  });
  return { selectors, grouping: [...grouping], isWhole };
}
