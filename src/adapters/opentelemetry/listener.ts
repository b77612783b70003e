import { type Channel, subscribe, unsubscribe } from 'node:diagnostics_channel';

/** Lets a listener hear what it is typed for. Answers how to stop that. */
export function listen<M extends object>(
  { name }: Channel,
  listener: (message: M) => void,
): () => void {
  const untyped = listener as (message: unknown) => void;
  subscribe(name, untyped);
  return () => unsubscribe(name, untyped);
}
