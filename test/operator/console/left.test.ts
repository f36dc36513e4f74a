import { afterAll, beforeAll, expect, test } from "vitest";
import { createRecordReport } from "../../../functions/delivery-recorder/record/record-report.ts";
import { formatManifestReceipt } from "../../../protocol/manifest-receipt.ts";
import { createFleetTeller, fleetFile, sha256Of } from "../support/fleet-teller.ts";
import { type ConsoleUnderTest, firstLines, startConsoleUnderTest } from "./support/console-under-test.ts";

const OTHER = "fleet:1042ddc5-0000-4000-8000-000000000002";
const FLEET = "fleet:1042ddc5-0000-4000-8000-000000000001";
const T0 = Date.now() - 60_000;
const LEAVER = "dev:864475000000009";

let under: ConsoleUnderTest;
let teller: Awaited<ReturnType<typeof createFleetTeller>>;
beforeAll(async () => {
  under = await startConsoleUnderTest({ manifests: true, fleets: [OTHER, FLEET], devices: [LEAVER] });
  teller = await createFleetTeller(under.services.folder, FLEET);
  const files = Object.fromEntries(
    ["fails", "there", "waits"].map((path) => [
      `fleets/${FLEET}/${path}`,
      fleetFile(path.slice(0, 1).toUpperCase()),
    ]),
  );
  await teller.announce(100, T0, files);
  const counts = { installed: 1, unchanged: 0, removed: 0, bytes: 9, requests: 1 };
  const short = (letter: string) => sha256Of(letter).slice(0, 8);
  const receipt = formatManifestReceipt(
    { fleet: FLEET, serial: 100, ...counts },
    [],
    [
      ["fails", "failed", "run", short("F"), "exit 1"],
      ["waits", "waiting", "busy", short("W")],
    ],
  );
  const manifest = { ...receipt, n: T0 + 10 };
  await createRecordReport(under.services.table)({ kind: "manifest", device: LEAVER, at: T0 + 10, manifest });
}, 60_000);
afterAll(async () => {
  teller[Symbol.dispose]();
  await under.stop();
});

test("the page of a device that has left a fleet shows nothing of it as waiting or failed, once Notehub has said so", async () => {
  const look = async () => {
    const [line] = await firstLines(under.origin, `/api/device?id=${LEAVER}`, under.token, 1);
    const { files, fleets } = Object(Object(line).view);
    return [
      Object.fromEntries(files.map((file: { path: string; state: string }) => [file.path, file.state])),
      fleets,
    ];
  };
  await expect
    .poll(look, { timeout: 10_000 })
    .toEqual([{ fails: "left", there: "installed", waits: "left" }, []]);
});
