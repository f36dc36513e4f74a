import type { BenchFlags } from "./flags.ts";
import { createBucket, fillBucket, firstPage, operationsPerSecond, throughput } from "./measurements.ts";
import { printResults, type Results } from "./results.ts";
import { type ServerProcess, startOther, startOurs } from "./server-process.ts";

/** Measures our server, and the other one in the same run if there is one. */
export async function compareServers(flags: BenchFlags): Promise<void> {
  const { against } = flags;
  const starts = [startOurs, ...(against === undefined ? [] : [() => startOther(against)])];
  const results = starts.map((): Results => new Map());
  const record = (index: number, what: string, value: number) => {
    const values = results[index];
    values?.set(what, [...(values.get(what) ?? []), value]);
  };

  for (let round = 0; round < 5; round++) {
    for (const [index, start] of starts.entries()) {
      const server = await start();
      record(index, "start, ms", server.startMs);
      await server.stop();
    }
  }
  const servers: ServerProcess[] = [];
  for (const start of starts) servers.push(await start());
  for (const server of servers) await createBucket(server);
  for (let round = 0; round < flags.rounds; round++) {
    // Round by round, so that whatever else the machine does falls on both.
    const inTurns = [...servers.entries()];
    for (const [index, server] of round % 2 === 0 ? inTurns : inTurns.reverse()) {
      record(index, "operations/s, 64 clients", await operationsPerSecond(server, flags));
      for (const [what, rate] of Object.entries(await throughput(server, flags))) record(index, what, rate);
    }
  }
  for (const [index, server] of servers.entries()) {
    const { now, highest } = await server.memory();
    record(index, "memory afterwards, MB", now);
    record(index, "memory at its highest, MB", highest);
    await server.stop();
  }
  if (flags.listing) await measureListing(starts, record);
  printResults(
    servers.map(({ name }) => name),
    results,
  );
}

/** After the memory was read, on servers of its own: to fill a bucket is heavier than all the rest. */
async function measureListing(
  starts: readonly (() => Promise<ServerProcess>)[],
  record: (index: number, what: string, value: number) => void,
): Promise<void> {
  for (const [index, start] of starts.entries()) {
    const server = await start();
    await fillBucket(server);
    for (let round = 0; round < 7; round++) {
      record(index, "first page of 20,000 prefixes, ms", await firstPage(server));
    }
    await server.stop();
  }
}
