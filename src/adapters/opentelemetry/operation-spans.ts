import { tracingChannel } from 'node:diagnostics_channel';
import type * as Api from '@opentelemetry/api';
import { CHANNELS, type CommandMessage } from '../../index.ts';
import { serverAttributes, SYSTEM } from './attributes.ts';
import type { BatchSpans } from './batch-spans.ts';
import { contextStore } from './context-store.ts';
import { listen } from './listener.ts';
import { errorAttributes, errorStatus } from './span-ends.ts';

/** Messages carry what their subscribers put on them, each under a symbol of its own. */
type Spanned = CommandMessage & Record<symbol, Api.Span | undefined>;

/** What spans of operations need of the instrumentation. */
export interface OperationSpansParts {
  readonly api: typeof Api;
  readonly tracer: Api.Tracer;
  readonly namespace: string | undefined;
  /** Undefined where requests have no spans. */
  readonly batches: BatchSpans | undefined;
}

/** A span for each operation of a caller, child of the span the caller was in. */
export class OperationSpans {
  readonly #parts: OperationSpansParts;
  readonly #attributes: Api.Attributes;
  readonly #mark = Symbol('span');
  readonly #silence: (() => void)[];

  constructor(parts: OperationSpansParts) {
    this.#parts = parts;
    const { api, namespace } = parts;
    this.#attributes = namespace === undefined ? SYSTEM : { ...SYSTEM, 'db.namespace': namespace };
    const { start, asyncEnd } = tracingChannel<Api.Context, CommandMessage>(CHANNELS.command);
    const store = contextStore(api);
    this.#silence = [listen(start, this.#start), listen(asyncEnd, this.#end)];
    if (store === undefined) return;
    // What the operation itself calls, such as the loader of a fetch, is below its span.
    start.bindStore(store, (message) =>
      api.trace.setSpan(api.context.active(), this.#start(message as Spanned)),
    );
    this.#silence.push(() => start.unbindStore(store));
  }

  stop(): void {
    for (const stop of this.#silence) stop();
  }

  /** Stores are asked before subscribers are. */
  readonly #start = (message: Spanned): Api.Span => {
    const { api, tracer } = this.#parts;
    const { command } = message;
    return (message[this.#mark] ??= tracer.startSpan(
      command,
      {
        kind: api.SpanKind.CLIENT,
        attributes: { ...this.#attributes, 'db.operation.name': command },
      },
      api.context.active(),
    ));
  };

  readonly #end = (message: Spanned): void => {
    const span = message[this.#mark];
    // It began before anybody listened.
    if (span === undefined) return;
    if (span.isRecording()) this.#tell(span, message);
    span.end();
  };

  /** Which server it was, and what came of it, is known at the end only. */
  #tell(span: Api.Span, message: Spanned): void {
    const { api, namespace, batches } = this.#parts;
    const { command, batchSize, server, serverAddress: address, serverPort: port } = message;
    const target = namespace ?? server;
    if (target !== undefined) span.updateName(`${command} ${target}`);
    if (address !== undefined) span.setAttributes(serverAttributes({ address, port }));
    if (batchSize !== undefined && batchSize > 1)
      span.setAttribute('db.operation.batch.size', batchSize);
    if (message.result !== undefined) span.setAttribute('memvolley.result', message.result);
    if ('error' in message) {
      span.setAttributes(errorAttributes(message.error));
      span.setStatus(errorStatus(api, message.error));
    }
    const links = batches?.linksTo(message.batches) ?? [];
    if (links.length > 0) span.addLinks(links);
  }
}
