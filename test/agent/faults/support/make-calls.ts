import { writeSync } from "node:fs";
import { openJournaledRecord } from "../../../../agent/state/journaled-record.ts";
import { callsOf, FORM, outcomeOf } from "./record-calls.ts";

// `make-calls.ts <file> <seed> <count> <first>`: makes the calls from the first on, each again until the disk takes it, and says so of each; ends as an agent does.
const [file = "", ...numbers] = process.argv.slice(2);
const [seed = 0, count = 0, first = 0] = numbers.map(Number);
const calls = callsOf(seed, count);
const record = await openJournaledRecord(file, FORM);
for (let call = first; call < count; call += 1) {
  const changes = calls[call] ?? new Map();
  for (;;) {
    try {
      await record.write(outcomeOf(calls.slice(0, call)), changes);
      break;
    } catch (error) {
      if (!(error instanceof Error) || !("code" in error)) throw error;
    }
  }
  writeSync(1, `${call + 1}\n`);
}
await record.fold(outcomeOf(calls)).catch(() => undefined);
