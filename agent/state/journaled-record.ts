import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import * as v from "valibot";
import { errnoOf } from "../system/errno.ts";
import { createFile, NotAFile, openRegularFile } from "../system/regular-file.ts";
import { syncFolder, writeDurably } from "./durable-file.ts";
import { readJsonFile, readText, setAside } from "./json-record.ts";

/** A journal is folded into its record once it is longer than that, and than this many bytes. */
const SMALL_JOURNAL = 16 * 1024;

const APPENDING = constants.O_WRONLY | constants.O_APPEND;

/** Values by name, as a record has them in its file, and as the lines of its journal have one. */
export type RecordForm<Value> = {
  record: v.GenericSchema<unknown, ReadonlyMap<string, Value>>;
  value: v.GenericSchema<unknown, Value>;
  /** What is in the file. */
  format(values: object): unknown;
};

/** Undefined for what is there no more. */
export type Changes<Value> = ReadonlyMap<string, Value | undefined>;

/**
 * Values by name on disk, where a change costs what it changes. Beside the record, which is a JSON file, is a journal, to which each change is
 * appended as one line. Its first line names the text of the record that it goes on from; beside any other it is void. So a record that is written
 * with all that the journal said takes the journal's place in one rename, and what an agent of a version before, which knows only the record, writes
 * there is not undone by a journal that it did not know.
 */
export type JournaledRecord<Value> = {
  /** What was there when it was opened. */
  readonly values: Map<string, Value>;
  /**
   * On disk when it returns, all or nothing of it. After a failure the next call writes everything.
   *
   * @param before all values, with or without these changes
   */
  write(before: ReadonlyMap<string, Value>, changes: Changes<Value>): Promise<void>;
  /** Writes all values if the last write failed, for whoever has its changes in memory all the same. If that fails too it does not throw. */
  catchUp(values: ReadonlyMap<string, Value>): Promise<void>;
  /** Writes the record with all values, for whoever reads nothing else, unless it has them. */
  fold(values: ReadonlyMap<string, Value>): Promise<void>;
};

/** A record that is damaged is set aside, and none. Nothing else is changed. */
export async function openJournaledRecord<Value>(
  file: string,
  form: RecordForm<Value>,
): Promise<JournaledRecord<Value>> {
  const journal = journalOf(file);
  const found = await readJournaledRecord(file, form);
  if (found === "damaged") await setAside(file);
  const nothing = { values: new Map<string, Value>(), basis: undefined, hasJournal: false };
  const { values, basis, hasJournal } = typeof found === "string" ? nothing : found;
  /**
   * The record on disk, and what its journal has. Undefined where no line may be appended: it is not sure which record is there, what the
   * journal ends with, or whether a power loss leaves it its name.
   */
  let ground = basis === undefined || hasJournal ? undefined : { ...basis, used: 0 };
  let isFolded = !hasJournal;
  let owed = false;
  let last: Promise<void> = Promise.resolve();

  async function writeAll(all: ReadonlyMap<string, Value>): Promise<void> {
    const text = `${JSON.stringify(form.format(Object.fromEntries(all)), undefined, 2)}\n`;
    ground = undefined;
    await writeDurably(file, text);
    ground = { ...basisOf(text), used: 0 };
    isFolded = true;
    owed = false;
    await rm(journal, { force: true }).catch(() => undefined); // void by now
  }

  async function append(line: string, { head, used }: Basis & { used: number }): Promise<void> {
    const isFirst = used === 0;
    const handle = await (isFirst ? createFile(journal) : openRegularFile(journal, APPENDING));
    try {
      await handle.writeFile(isFirst ? `${head}\n${line}` : line);
      await handle.datasync();
    } finally {
      await handle.close();
    }
    if (isFirst) await syncFolder(path.dirname(file));
  }

  async function writeNow(before: ReadonlyMap<string, Value>, changes: Changes<Value>): Promise<void> {
    const line = `${JSON.stringify([...changes])}\n`;
    const at = ground;
    isFolded = false;
    owed = true;
    if (at === undefined || at.used + line.length > Math.max(at.size, SMALL_JOURNAL))
      return writeAll(apply(new Map(before), changes));
    ground = undefined;
    await append(line, at);
    ground = { ...at, used: at.used + line.length };
    owed = false;
  }

  /** One after the other: a line beside a record that is just being replaced would be lost. */
  function inTurn(work: () => Promise<void>): Promise<void> {
    last = last.catch(() => undefined).then(work);
    return last;
  }

  return {
    values,
    write: (before, changes) => inTurn(() => writeNow(before, changes)),
    catchUp: (all) => inTurn(async () => (owed ? writeAll(all) : undefined)).catch(() => undefined),
    fold: (all) => inTurn(async () => (isFolded ? undefined : writeAll(all))),
  };
}

/** The text of a record: the line by which a journal names it, and how long it is. */
type Basis = { head: string; size: number };

/** Reads a record with its journal, and changes nothing. */
export async function readJournaledRecord<Value>(
  file: string,
  form: RecordForm<Value>,
): Promise<{ values: Map<string, Value>; basis: Basis; hasJournal: boolean } | "absent" | "damaged"> {
  // First the journal: what is folded into the record meanwhile is in the record.
  const journal = await readText(journalOf(file)).catch(noFileIsEmpty);
  const record = await readJsonFile(file, form.record);
  if (typeof record === "string") return record;
  const basis = basisOf(record.text);
  const values = new Map(record.value);
  const [head, ...lines] = journal.split("\n");
  if (head !== basis.head) return { values, basis, hasJournal: false };
  const Line = v.array(v.tuple([v.string(), v.nullable(form.value)]));
  for (const line of lines) {
    const changes = parseLine(line, Line);
    if (changes === undefined) break; // the end, or what a power loss has cut off
    apply(values, changes);
  }
  return { values, basis, hasJournal: true };
}

function parseLine<const Schema extends v.GenericSchema>(line: string, schema: Schema) {
  try {
    const parsed = v.safeParse(schema, JSON.parse(line));
    return parsed.success ? parsed.output : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function apply<Value>(
  values: Map<string, Value>,
  changes: Iterable<readonly [string, Value | null | undefined]>,
): Map<string, Value> {
  for (const [name, value] of changes) {
    if (value === undefined || value === null) values.delete(name);
    else values.set(name, value);
  }
  return values;
}

const journalOf = (file: string) => file.replace(/(?:\.json)?$/, ".journal");

function basisOf(text: string): Basis {
  const digest = createHash("sha256").update(text).digest("base64url");
  return { head: JSON.stringify({ after: digest }), size: text.length };
}

function noFileIsEmpty(error: unknown): string {
  if (errnoOf(error) === "ENOENT" || error instanceof NotAFile) return "";
  throw error;
}
