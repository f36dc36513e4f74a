import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatReceipt, parseReceipt, RECEIPT_STATES, type Receipt } from "../../protocol/receipt.ts";
import { anyKey } from "../support/arbitrary-key.ts";

const SHA256_OF_NOTHING = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";

function receipt(change: Partial<Receipt> = {}): Receipt {
  return {
    name: "app/main.py",
    sha256: SHA256_OF_NOTHING,
    state: "installed",
    bytes: 1000,
    requests: 2,
    ...change,
  };
}

describe("[NF-9.6] a receipt", () => {
  test("is sent as the members of the contract, and no other", () => {
    const withMore = { ...receipt({ state: "failed", reason: "sha256" }), path: "main.py" };
    expect(JSON.stringify(formatReceipt(withMore))).toBe(
      `{"name":"app/main.py","sha256":"${SHA256_OF_NOTHING}","state":"failed","reason":"sha256","bytes":1000,"requests":2}`,
    );
  });

  test("has no reason where the state says it all", () => {
    expect(JSON.stringify(formatReceipt(receipt()))).not.toContain("reason");
  });

  test("is read as it was sent", () => {
    const any = fc.record(
      {
        name: anyKey,
        sha256: fc.constant(SHA256_OF_NOTHING),
        state: fc.constantFrom(...RECEIPT_STATES),
        reason: fc.string(),
        bytes: fc.nat(),
        requests: fc.nat(),
        n: fc.integer({ min: 1 }),
        way: fc.constantFrom("whole", "zstd"),
        ended: fc.constantFrom("exit 3", "SIGRTMIN+12", "start", "agent"),
      },
      { requiredKeys: ["name", "sha256", "state", "bytes", "requests"] },
    );
    fc.assert(
      fc.property(any, (sent) => {
        expect(parseReceipt(JSON.parse(JSON.stringify(formatReceipt(sent))))).toEqual(sent);
      }),
    );
  });

  test("may have members that no reader knows", () => {
    expect(parseReceipt({ ...receipt(), colour: "red" })).toEqual(receipt());
  });

  test.each([
    { reason: 5 },
    { n: 0 },
    { n: "5" },
    { n: 2 ** 60 },
    { way: "Whole File" },
    { way: 7 },
    { ended: 3 },
    { ended: "exit 3\n" },
    { ended: "x".repeat(25) },
  ])("is read though an optional member makes no sense: %j", (member) => {
    expect(parseReceipt({ ...receipt(), ...member })).toEqual(receipt());
  });

  test.each<[string, string, string]>([
    ["60,000 characters", "x".repeat(60_000), "x".repeat(300)],
    ["a pair that the bound cuts", `${"x".repeat(299)}😀`, `${"x".repeat(299)}\uFFFD`],
    ["half a pair", "\uD800", "\uFFFD"],
  ])("is read with a reason of %s, as 300 well-formed characters at most", (_what, reason, read) => {
    expect(parseReceipt({ ...receipt(), reason })).toEqual(receipt({ reason: read }));
  });

  test.each(["name", "sha256", "state", "bytes", "requests"])("is none without %s", (member) => {
    const { [member]: _, ...rest }: Record<string, unknown> = receipt();
    expect(parseReceipt(rest)).toBeUndefined();
  });

  test.each<[string, Record<string, unknown>]>([
    ["a state that is none", { state: "done" }],
    ["half a byte", { bytes: 0.5 }],
    ["less than no request", { requests: -1 }],
    ["a name that no key can be", { name: "" }],
    ["half a digest", { sha256: SHA256_OF_NOTHING.slice(20) }],
  ])("is none with %s", (_what, change) => {
    expect(parseReceipt({ ...receipt(), ...change })).toBeUndefined();
  });

  test("is read or passed over, whatever it is", () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything({ withNullPrototype: true }), fc.jsonValue()), (body) => {
        const parsed = parseReceipt(body);
        return parsed === undefined || RECEIPT_STATES.includes(parsed.state);
      }),
      { numRuns: 1000 },
    );
  });
});
