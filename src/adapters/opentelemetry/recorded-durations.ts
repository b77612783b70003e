import { tracingChannel } from 'node:diagnostics_channel';
import type * as Api from '@opentelemetry/api';
import { CHANNELS, type CommandMessage } from '../../index.ts';
import { SYSTEM } from './attributes.ts';
import { listen } from './listener.ts';
import { errorAttributes } from './span-ends.ts';

type Timed = CommandMessage & Record<symbol, number | undefined>;

/** Records `db.client.operation.duration` of each operation: for those who have a MeterProvider and no say in its reader. */
export class RecordedDurations {
  readonly #histogram: Api.Histogram;
  readonly #attributes: Api.Attributes;
  readonly #mark = Symbol('began');
  readonly #silence: readonly (() => void)[];

  constructor(meter: Api.Meter, boundaries: readonly number[], namespace: string | undefined) {
    this.#attributes = namespace === undefined ? SYSTEM : { ...SYSTEM, 'db.namespace': namespace };
    this.#histogram = meter.createHistogram('db.client.operation.duration', {
      unit: 's',
      description: 'Operations of callers, from the call until it is settled',
      advice: { explicitBucketBoundaries: [...boundaries] },
    });
    const { start, asyncEnd } = tracingChannel(CHANNELS.command);
    this.#silence = [listen(start, this.#start), listen(asyncEnd, this.#end)];
  }

  stop(): void {
    for (const stop of this.#silence) stop();
  }

  readonly #start = (message: Timed): void => {
    message[this.#mark] = performance.now();
  };

  readonly #end = (message: Timed): void => {
    const { [this.#mark]: began, command, result, serverAddress, serverPort } = message;
    if (began === undefined) return;
    const attributes: Api.Attributes = { ...this.#attributes, 'db.operation.name': command };
    if (serverAddress !== undefined) attributes['server.address'] = serverAddress;
    if (serverPort !== undefined) attributes['server.port'] = serverPort;
    if (result !== undefined) attributes['memvolley.result'] = result;
    if ('error' in message) Object.assign(attributes, errorAttributes(message.error));
    this.#histogram.record((performance.now() - began) / 1000, attributes);
  };
}
