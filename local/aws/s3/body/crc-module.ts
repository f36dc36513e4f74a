/**
 * A WebAssembly module that takes CRCs of up to 64 bits. JavaScript has no fast integer of 64 bits: two halves of 32
 * take three times as long as this, a BigInt a hundred times. The module is put together here, so that its source is
 * what runs.
 * Opcodes: https://webassembly.github.io/spec/core/appendix/index-instructions.html
 */
export type CrcModule = {
  memory: { buffer: ArrayBuffer };
  /** The register after the bytes of memory from `from` to before `end`: a multiple of sixteen of them, at least sixteen. */
  bySixteen(register: bigint, from: number, end: number): bigint;
  /** The same, for any number of bytes above 0. */
  byOne(register: bigint, from: number, end: number): bigint;
};

/** Memory begins with sixteen tables ("slicing-by-16"). Entry b of table n: what byte b does, with n bytes to follow. */
export const TABLES = 16;
const ENTRY_BYTES = 8;
const TABLE_BYTES = 256 * ENTRY_BYTES;
export const DATA_START = TABLES * TABLE_BYTES;
const MEMORY_PAGES = 2; // of 64 KiB

/** The part of the global that is used; its types come only with those of browsers. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { exports: object };
};

export function createCrcModule(): CrcModule {
  const module = new WebAssembly.Module(Uint8Array.from(MODULE));
  return new WebAssembly.Instance(module).exports as CrcModule;
}

const I32 = 0x7f;
const I64 = 0x7e;

const END = 0x0b;
const LOOP = [0x03, 0x40];
const BRANCH_IF = [0x0d, 0];
const TO_I32 = 0xa7;
const I32_LESS_UNSIGNED = 0x49;
const I32_ADD = 0x6a;
const I64_AND = 0x83;
const I64_XOR = 0x85;
const I64_SHIFT_LEFT = 0x86;
const I64_SHIFT_RIGHT_UNSIGNED = 0x88;
const get = (local: number) => [0x20, local];
const set = (local: number) => [0x21, local];
const tee = (local: number) => [0x22, local];
const i32 = (value: number) => [0x41, ...signed(value)];
const i64 = (value: number) => [0x42, ...signed(value)];
const loadI64 = (offset: number) => [0x29, 0, ...unsigned(offset)];
const LOAD_BYTE_AS_I64 = [0x31, 0, 0];

/** Locals: the three parameters, and the words under way. */
const [REGISTER, FROM, END_OF_DATA, FIRST, SECOND] = [0, 1, 2, 3, 4] as const;

const BY_SIXTEEN = [
  ...LOOP,
  ...[...get(REGISTER), ...get(FROM), ...loadI64(0), I64_XOR, ...set(FIRST)],
  ...[...get(FROM), ...loadI64(8), ...set(SECOND)],
  ...[...lookUp(FIRST, 15), ...lookUp(SECOND, 7), I64_XOR, ...set(REGISTER)],
  ...andAgainAfter(16),
];

const BY_ONE = [
  ...LOOP,
  ...[...get(REGISTER), ...get(FROM), ...LOAD_BYTE_AS_I64, I64_XOR, ...set(FIRST)],
  ...[
    ...entryOf(FIRST, 0, 0),
    ...get(REGISTER),
    ...i64(8),
    I64_SHIFT_RIGHT_UNSIGNED,
    I64_XOR,
    ...set(REGISTER),
  ],
  ...andAgainAfter(1),
];

/** XORs the entries of a word's eight bytes; its first byte has `following` bytes after it. */
function lookUp(word: number, following: number): number[] {
  return Array.from({ length: 8 }, (_, byte) => [
    ...entryOf(word, byte, following - byte),
    ...(byte === 0 ? [] : [I64_XOR]),
  ]).flat();
}

function entryOf(word: number, byte: number, table: number): number[] {
  const shift = byte * 8 - 3; // the byte, times the bytes of an entry
  return [
    ...get(word),
    ...(shift < 0 ? [...i64(-shift), I64_SHIFT_LEFT] : [...i64(shift), I64_SHIFT_RIGHT_UNSIGNED]),
    ...[...i64(255 * ENTRY_BYTES), I64_AND, TO_I32, ...loadI64(table * TABLE_BYTES)],
  ];
}

/** The end of the loop and of its function. */
function andAgainAfter(bytes: number): number[] {
  const step = [...get(FROM), ...i32(bytes), I32_ADD, ...tee(FROM)];
  return [...step, ...get(END_OF_DATA), I32_LESS_UNSIGNED, ...BRANCH_IF, END, ...get(REGISTER), END];
}

/** https://webassembly.github.io/spec/core/binary/modules.html */
const MODULE = [
  ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...section(1, [[0x60, ...list([[I64], [I32], [I32]]), ...list([[I64]])]]), // types
  ...section(3, [[0], [0]]), // functions, by type
  ...section(5, [[0, MEMORY_PAGES]]),
  ...section(7, [exported("memory", 2, 0), exported("bySixteen", 0, 0), exported("byOne", 0, 1)]),
  ...section(10, [code(BY_SIXTEEN), code(BY_ONE)]),
];

function section(id: number, items: number[][]): number[] {
  const content = list(items);
  return [id, ...unsigned(content.length), ...content];
}

function exported(name: string, kind: number, index: number): number[] {
  return [...list([...Buffer.from(name)].map((byte) => [byte])), kind, index];
}

function code(instructions: number[]): number[] {
  const body = [...list([[2, I64]]), ...instructions]; // two locals beside the parameters
  return [...unsigned(body.length), ...body];
}

function list(items: number[][]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}

/** LEB128 */
function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

/** Signed LEB128, of a number that is not negative: the highest bit has to be clear. */
function signed(value: number): number[] {
  return value < 0x40 ? [value] : [(value & 0x7f) | 0x80, ...signed(value >>> 7)];
}
