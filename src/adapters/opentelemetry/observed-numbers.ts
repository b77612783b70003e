import type * as Api from '@opentelemetry/api';
import type { MeasuredClient } from '../named-clients.ts';
import { EXPORTED_NUMBERS, type ExportedNumber } from './exported.ts';

type Kind = ExportedNumber['kind'];

/** The numbers of `metrics()` as observable instruments: read when the provider collects. */
export class ObservedNumbers {
  readonly #meter: Api.Meter;
  readonly #instruments: ReadonlyMap<ExportedNumber, Api.Observable>;
  readonly #clients: ReadonlyMap<string, MeasuredClient>;

  constructor(meter: Api.Meter, clients: ReadonlyMap<string, MeasuredClient>) {
    this.#meter = meter;
    this.#clients = clients;
    this.#instruments = new Map(
      EXPORTED_NUMBERS.map((exported) => [exported, instrument(meter, exported)]),
    );
    meter.addBatchObservableCallback(this.#observe, [...this.#instruments.values()]);
  }

  stop(): void {
    this.#meter.removeBatchObservableCallback(this.#observe, [...this.#instruments.values()]);
  }

  readonly #observe = (result: Api.BatchObservableResult): void => {
    for (const [name, client] of this.#clients) {
      const metrics = client.metrics();
      for (const [exported, observable] of this.#instruments)
        for (const { value, attributes } of exported.points(name, metrics))
          result.observe(observable, value, attributes);
    }
  };
}

function instrument(meter: Api.Meter, { name, kind, unit, help }: ExportedNumber): Api.Observable {
  const options = { unit, description: help };
  const make: Record<Kind, () => Api.Observable> = {
    counter: () => meter.createObservableCounter(name, options),
    level: () => meter.createObservableUpDownCounter(name, options),
    state: () => meter.createObservableGauge(name, options),
  };
  return make[kind]();
}
