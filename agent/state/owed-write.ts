/**
 * Writes a record all of which is in memory, as it then is, one write at a time. What the disk does not take stays owed: in memory it
 * counts already, so nothing else would write it again, and the next run of the agent would know less than this one.
 */
export type OwedWrite = {
  /** On disk when it returns. @throws an error of the file system */
  write(): Promise<void>;
  /** Writes what is owed, if anything is. It never throws: what the disk still does not take stays owed. */
  catchUp(): Promise<void>;
  /** Returns once nothing is being written. */
  idle(): Promise<void>;
};

export function owedWrite(writeAll: () => Promise<void>): OwedWrite {
  let last: Promise<void> = Promise.resolve();
  let owed = false;

  async function writeNow(): Promise<void> {
    owed = true;
    await writeAll();
    owed = false;
  }

  function write(): Promise<void> {
    last = last.catch(() => undefined).then(writeNow);
    return last;
  }

  const idle = () => last.catch(() => undefined);

  return {
    write,
    async catchUp() {
      await idle();
      if (owed) await write().catch(() => undefined);
    },
    idle,
  };
}
