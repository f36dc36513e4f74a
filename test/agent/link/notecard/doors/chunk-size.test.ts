import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  chunkSizes,
  createSizeControl,
  planChunk,
} from "../../../../../agent/link/notecard/doors/chunk-size.ts";

describe("chunks by number", () => {
  test("cover a file from any offset; only a change of size may repeat bytes, less than a chunk of them", () => {
    fc.assert(
      fc.property(
        fc.nat(50_000),
        fc.integer({ min: 1, max: 6000 }),
        fc.array(fc.boolean()),
        (begin, largest, slow) => {
          const sizes = chunkSizes(largest);
          const control = createSizeControl(sizes);
          let offset = begin;
          let before: number | undefined;
          for (const tooSlow of slow) {
            if (tooSlow) control.tooSlow();
            else control.succeeded();
            const { chunk, size, skip } = planChunk(offset, sizes, control.limit());
            expect((chunk - 1) * size + skip).toBe(offset);
            expect(skip).toBeLessThan(size);
            if (size === before) expect(skip).toBe(0);
            before = size;
            offset += size - skip;
          }
        },
      ),
    );
  });

  test("of a size with small divisors never repeat a byte: what one leaves, the next can begin at", () => {
    const sizes = chunkSizes(6000);
    expect(sizes).toEqual([6000, 3000, 1500, 750, 375]);
    const limits = [6000, 3000, 1500, 6000, 750, 375, 3000, 6000];
    let offset = 0;
    for (const limit of limits) {
      const { size, skip } = planChunk(offset, sizes, limit);
      expect(skip).toBe(0);
      offset += size;
    }
  });

  test.each([
    [8192, [8192, 4096, 2048, 1024, 512, 256]],
    [5999, [5999, 2000, 1000, 500, 250]],
    [5998, [5998, 2999, 1000, 500, 250]],
    [1205, [1205, 500, 250]],
    [501, [501, 250]],
    [499, [499]],
    [7, [7]],
  ])("of %d become smaller, down to about 250 bytes", (largest, sizes) => {
    expect(chunkSizes(largest)).toEqual(sizes);
  });

  test("grow again after a run of successes", () => {
    const control = createSizeControl([6000, 3000]);
    control.tooSlow();
    const limits = Array.from({ length: 8 }, () => {
      control.succeeded();
      return control.limit();
    });
    expect(limits).toEqual([...Array(7).fill(3000), 6000]);
  });
});
