/** What each byte value does to an empty register, for a reflected polynomial. */
function crcTable(polynomial: bigint): bigint[] {
  return Array.from({ length: 256 }, (_, byte) => {
    let entry = BigInt(byte);
    for (let bit = 0; bit < 8; bit++) entry = entry & 1n ? (entry >> 1n) ^ polynomial : entry >> 1n;
    return entry;
  });
}

/** So many tables, one after the other. The table at index n is for a byte that n more bytes follow. */
export function crcTables(polynomial: bigint, tables: number): BigUint64Array {
  const entries = crcTable(polynomial);
  for (let i = 256; i < tables * 256; i++) {
    const entry = entries[i - 256] ?? 0n;
    entries.push((entry >> 8n) ^ (entries[Number(entry & 255n)] ?? 0n));
  }
  return BigUint64Array.from(entries);
}
