/** Tells listeners, in the order in which they came, about values of one kind. */
export type Emitter<T> = {
  emit(value: T): void;
  /** Returns a function that takes the listener off again. */
  listen(listener: (value: T) => void): () => void;
};

export function createEmitter<T>(): Emitter<T> {
  const listeners = new Set<(value: T) => void>();
  return {
    emit: (value) => {
      for (const listener of [...listeners]) listener(value);
    },
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
