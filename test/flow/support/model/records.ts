import type { RecordStore } from "../../../../functions/file-notifier/ports.ts";

/** One record for each target and key, by conditional writes. */
export function createModelRecords(turn: () => Promise<void>): RecordStore {
  type Stored = NonNullable<Awaited<ReturnType<RecordStore["read"]>>["record"]>;
  const stored = new Map<string, { record: Stored; tag: string }>();
  let writes = 0;
  const nameOf = (targetUid: string, key: string) => `${targetUid} ${key}`;
  return {
    async read(targetUid, key) {
      await turn();
      return stored.get(nameOf(targetUid, key)) ?? { record: undefined, tag: undefined };
    },
    async write(targetUid, key, record, over) {
      await turn();
      const name = nameOf(targetUid, key);
      if (stored.get(name)?.tag !== over) return undefined;
      writes += 1;
      const tag = `${writes}`;
      stored.set(name, { record, tag });
      await turn();
      return tag;
    },
  };
}
