import { tracingChannel } from 'node:diagnostics_channel';
import { after } from 'node:test';
import { context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { CHANNELS } from '../../src/index.ts';

/** The real SDK of OpenTelemetry, with what it has exported in memory. */
export class Traced {
  readonly provider: BasicTracerProvider;
  readonly #exporter = new InMemorySpanExporter();

  /** Manages contexts for the tests of this file. */
  constructor() {
    this.provider = new BasicTracerProvider({
      spanProcessors: [new SimpleSpanProcessor(this.#exporter)],
    });
    const manager = new AsyncLocalStorageContextManager().enable();
    context.setGlobalContextManager(manager);
    after(async () => {
      context.disable();
      await this.provider.shutdown();
    });
  }

  /** The spans that have ended since they were last taken. */
  take(): ReadableSpan[] {
    const spans = this.#exporter.getFinishedSpans();
    this.#exporter.reset();
    return spans;
  }

  /** Those whose name begins so. */
  taken(name: string): ReadableSpan[] {
    return this.take().filter((span) => span.name.startsWith(name));
  }
}

/** Whether anybody listens to a tracing channel. */
export function isHeard(name: 'command' | 'batch' | 'connect'): boolean {
  const { start, end, asyncStart, asyncEnd, error } = tracingChannel(CHANNELS[name]);
  return [start, end, asyncStart, asyncEnd, error].some(({ hasSubscribers }) => hasSubscribers);
}
