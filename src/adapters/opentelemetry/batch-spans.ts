import { tracingChannel } from 'node:diagnostics_channel';
import type * as Api from '@opentelemetry/api';
import { type BatchMessage, CHANNELS } from '../../index.ts';
import { serverAttributes, SYSTEM } from './attributes.ts';
import { listen } from './listener.ts';
import { errorAttributes, errorStatus } from './span-ends.ts';

/** An operation ends soon after its last request; one of many servers may have to wait for others until its deadline. */
const KEPT = 4096;

type Spanned = BatchMessage & Record<symbol, Api.Span | undefined>;

/**
 * A span for each request that carries what several callers asked for. It has many parents, which a span cannot: it
 * begins a trace of its own, and the operations it carries link to it.
 */
export class BatchSpans {
  readonly #api: typeof Api;
  readonly #tracer: Api.Tracer;
  readonly #contexts = new Map<number, Api.SpanContext>();
  readonly #mark = Symbol('span');
  readonly #silence: (() => void)[];

  constructor(api: typeof Api, tracer: Api.Tracer) {
    this.#api = api;
    this.#tracer = tracer;
    const { start, asyncEnd } = tracingChannel(CHANNELS.batch);
    this.#silence = [listen(start, this.#start), listen(asyncEnd, this.#end)];
  }

  stop(): void {
    for (const stop of this.#silence) stop();
    this.#contexts.clear();
  }

  /** Links to the requests with these ids that have spans somebody will see. */
  linksTo(ids: readonly number[]): Api.Link[] {
    return ids.flatMap((id) => {
      const context = this.#contexts.get(id);
      return context === undefined ? [] : [{ context }];
    });
  }

  readonly #start = (message: Spanned): void => {
    const { id, server, serverAddress: address, serverPort: port, keys, callers } = message;
    const operation = keys > 1 ? `BATCH ${message.command}` : message.command;
    const attributes: Api.Attributes = {
      ...SYSTEM,
      'db.operation.name': operation,
      ...serverAttributes({ address, port }),
      'memvolley.batch.callers': callers,
    };
    if (keys > 1) attributes['db.operation.batch.size'] = keys;
    const { CLIENT } = this.#api.SpanKind;
    const span = this.#tracer.startSpan(`${operation} ${server}`, {
      kind: CLIENT,
      root: true,
      attributes,
    });
    message[this.#mark] = span;
    if (!span.isRecording()) return;
    this.#contexts.set(id, span.spanContext());
    if (this.#contexts.size <= KEPT) return;
    for (const [oldest] of this.#contexts) {
      this.#contexts.delete(oldest);
      break;
    }
  };

  readonly #end = (message: Spanned): void => {
    const span = message[this.#mark];
    if (span === undefined) return;
    const { error } = message;
    if (error !== undefined) {
      span.setAttributes(errorAttributes(error));
      span.setStatus(errorStatus(this.#api, error));
    }
    span.end();
  };
}
