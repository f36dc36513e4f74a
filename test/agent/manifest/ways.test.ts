import { describe, expect, test } from "vitest";
import { manifestDigest } from "../../../protocol/manifest.ts";
import { formatVariable } from "../../../protocol/manifest-variable.ts";
import { deviceOfFleet, filesOf } from "../support/fleet-device.ts";

/** A device that has one manifest, with the next announced. */
async function updated(spoil: (files: Map<string, Buffer>, names: string[]) => void, flags: string[] = []) {
  const device = await deviceOfFleet();
  const { start, fleet, card, content } = device;
  fleet.announce(filesOf(3));
  const agent = start({ flags });
  await agent.next("brought");
  const before = new Set(card.files.keys());
  const next = { "app/file-1.py": Buffer.from("short and new") };
  const { variable } = fleet;
  const told = card.variables.get(variable);
  await agent.stop();
  const { serial } = fleet.announce(next);
  spoil(
    card.files,
    [...card.files.keys()].filter((key) => !before.has(key)),
  );
  const again = start({ flags });
  const manifest = await again.next("manifest");
  expect(manifest.serial).toBe(serial);
  await again.next("brought");
  expect(await content("app/file-1.py")).toEqual(next["app/file-1.py"]);
  expect(told).toBeDefined();
  return { ...device, manifest, agent: again };
}

const packed = (names: string[], folder: string) =>
  names.find((name) => name.startsWith(`packed:${folder}/`)) ?? "";

describe("a manifest comes [NF-11.6] [NF-11.7]", () => {
  test("by the step from the one that is here", async () => {
    const { manifest } = await updated(() => undefined);
    expect(manifest.way).toBe("step");
  });

  test.each([
    ["that is not there", (files: Map<string, Buffer>, step: string) => files.delete(step)],
    ["that is no step", (files: Map<string, Buffer>, step: string) => files.get(step)?.fill(7)],
    [
      "that leads elsewhere",
      (files: Map<string, Buffer>, step: string) =>
        files.get(step)?.fill(0, Math.trunc((files.get(step)?.length ?? 0) / 2)),
    ],
  ])("compressed after a step %s", async (_, spoil) => {
    const { manifest } = await updated((files, names) => void spoil(files, packed(names, "step")));
    expect(manifest.way).toBe("zstd");
  });

  test("as it is, where nothing else serves", async () => {
    const { manifest } = await updated((files, names) => {
      files.delete(packed(names, "step"));
      files.set(
        packed(names, "zstd"),
        Buffer.alloc((files.get(packed(names, "zstd")) ?? Buffer.alloc(0)).length),
      );
    });
    expect(manifest.way).toBe("whole");
  });

  test("as it is to a Node that knows neither zstd nor dictionaries", async () => {
    const { manifest } = await updated(() => undefined, ["--zstd-max-bytes", "0", "--patch-max-bytes", "0"]);
    expect(manifest.way).toBe("whole");
  });
});

describe("a manifest that cannot be had", () => {
  test("is asked for again after a rest, and holds up no Note", async () => {
    const { start, fleet, card, content, asked } = await deviceOfFleet();
    const missing = new Map<string, Buffer>();
    fleet.announce(filesOf(1));
    for (const [key, bytes] of card.files)
      if (key.startsWith("packed:")) {
        missing.set(key, bytes);
        card.files.delete(key);
      }
    const agent = start();
    expect(await agent.next("manifest-failed")).toMatchObject({ reason: "file-not-found" });
    card.publish("note.txt", Buffer.from("a Note"));
    await agent.next("installed");
    expect(asked().length).toBeLessThan(20); // in tenths of seconds: no busy loop
    for (const [key, bytes] of missing) card.files.set(key, bytes);
    await agent.next("brought");
    expect(await content("app/file-0.py")).toBeDefined();
    expect(agent.events.filter(({ event }) => event === "manifest-failed")).toHaveLength(1);
  });

  test("and is spoilt on its way is not condemned", async () => {
    const { start, fleet, card } = await deviceOfFleet({ noZstd: true });
    fleet.announce(filesOf(1));
    const [key] = [...card.files.keys()].filter((each) => each.startsWith("packed:manifest/"));
    const right = Buffer.from(card.files.get(key ?? "") ?? "");
    card.files.set(key ?? "", Buffer.from(right).fill(0, 10, 20));
    const agent = start();
    expect(await agent.next("manifest-failed")).toMatchObject({ reason: "wrong-hash" });
    card.files.set(key ?? "", right);
    await agent.next("brought");
  });

  test("since it is none is not fetched again and again [NF-11.1]", async () => {
    const { start, fleet, card, asked } = await deviceOfFleet({ noZstd: true });
    const text = Buffer.from('{"fleet":"fleet:of-somebody-else","serial":1,"files":[]}');
    const sha256 = manifestDigest(text);
    card.files.set(`packed:manifest/${sha256}`, text);
    card.setVariable(fleet.variable, formatVariable({ serial: 1, sha256, size: text.length }));
    const agent = start();
    expect(await agent.next("manifest-failed")).toMatchObject({ reason: "unreadable" });
    card.publish("note.txt", Buffer.from("a Note"));
    await agent.next("installed");
    expect(asked().filter((name) => name.includes("manifest/"))).toHaveLength(1);
  });
});

test.each([
  ["refuses", { reply: { err: "unknown request: env.get {not-supported}" } }],
  ["answers with nonsense", { reply: { body: 7 } }],
  ["spoils", { raw: '{"body": \r\n' }],
] as const)("a Notecard that %s env.get still brings Notes", async (_, stroke) => {
  const { start, fake, card } = await deviceOfFleet();
  fake.script = ({ req }) => (req === "env.get" ? stroke : undefined);
  card.publish("note.txt", Buffer.from("a Note"));
  await start().next("installed");
});
