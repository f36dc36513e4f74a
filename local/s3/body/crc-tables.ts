/** What each byte value does to an empty register, for a reflected polynomial. */
export function crcTable(polynomial: bigint): bigint[] {
  return Array.from({ length: 256 }, (_, byte) => {
    let entry = BigInt(byte);
    for (let bit = 0; bit < 8; bit++) entry = entry & 1n ? (entry >> 1n) ^ polynomial : entry >> 1n;
    return entry;
  });
}

/**
 * Eight tables, one after the other, for a byte that 0 to 7 more bytes follow. A 64-bit value is kept as two halves:
 * BigInt would be a hundred times slower. Signed, as what bitwise operations yield: V8 then keeps to machine integers.
 */
export function crc64Tables(polynomial: bigint): { HIGH: Int32Array; LOW: Int32Array } {
  const single = crcTable(polynomial);
  const tables = [...single];
  for (let i = 256; i < 8 * 256; i++) {
    const entry = tables[i - 256] ?? 0n;
    tables.push((entry >> 8n) ^ (single[Number(entry & 255n)] ?? 0n));
  }
  return {
    HIGH: new Int32Array(tables.map((entry) => Number(BigInt.asIntN(32, entry >> 32n)))),
    LOW: new Int32Array(tables.map((entry) => Number(BigInt.asIntN(32, entry)))),
  };
}
