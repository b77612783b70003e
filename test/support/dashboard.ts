import { readFileSync } from 'node:fs';

interface Source {
  readonly type: string;
  readonly uid: string;
}

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
  };
  readonly datasource?: Source;
  readonly targets?: readonly {
    readonly refId: string;
    readonly expr: string;
    readonly legendFormat: string;
    readonly datasource: Source;
  }[];
}

interface Dashboard {
  readonly schemaVersion: number;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { name: string; definition?: string }[] };
}

const file = new URL('../../../src/adapters/prometheus/dashboard.json', import.meta.url);

/** The dashboard for Grafana that is shipped. */
export const dashboard: Dashboard = JSON.parse(readFileSync(file, 'utf8')) as Dashboard;
export const panels: Dashboard['panels'] = dashboard.panels;

/** Every query of its panels, and how its series are called. */
export const expressions: readonly { title: string; expr: string; legendFormat: string }[] =
  panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr, legendFormat }) => ({ title, expr, legendFormat })),
  );
