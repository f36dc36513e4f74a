import { mkdir } from "node:fs/promises";
import path from "node:path";
import { startBrowser } from "./browser.ts";
import { startConsoleWorld } from "./console-world.ts";
import { deviceOf, fillTable, uploadVersions } from "./fleet.ts";

// `npm run screenshots [-- <folder>]`: the pictures of the console in docs/img, of a local stack with a fleet made up for them. Takes a Chromium.
const FOLDER = path.resolve(process.argv[2] ?? path.join(import.meta.dirname, "../../docs/img"));
const DEVICES = 42;
const FILES = [
  "app/main.py",
  "app/config.json",
  "app/radio.py",
  "app/sensors/temperature.py",
  "app/sensors/flow.py",
  "models/leak.tflite",
  "firmware/pump-controller.bin",
  "certs/root.pem",
];
const LINES = [80, 30, 45, 60, 90, 700, 1200, 25];
const SIZE = { width: 1200, height: 760 };

const contents = ["1.4.0", "1.4.1", "1.5.0"].map(
  (release) => (file: string) => `# ${file} ${release}\n`.repeat(LINES[FILES.indexOf(file)] ?? 1),
);

await mkdir(FOLDER, { recursive: true });
const world = await startConsoleWorld(["--no-agent"]);
const browser = await startBrowser();
try {
  const keyed = FILES.map((file) => ({ path: file, key: world.fleetKey(file) }));
  const uploads = await uploadVersions(world.s3, world.bucket, keyed, contents);
  await fillTable(world.dynamodb, world.table, DEVICES, uploads, Date.now());
  const context = await browser.newContext({ viewport: SIZE, deviceScaleFactor: 1.5, locale: "en-GB" });
  const page = await context.newPage();
  await page.goto(world.console.link());
  const origin = new URL(page.url()).origin;
  const key = encodeURIComponent(world.fleetKey("app/main.py"));
  const pages: [string, string, string][] = [
    ["console-devices", "/", "42 devices"],
    ["console-device", `/device?id=${encodeURIComponent(deviceOf(7))}`, "What it said"],
    ["console-file", `/file?key=${key}`, "version 1"],
  ];
  for (const scheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
    for (const [name, address, awaited] of pages) {
      await page.goto(`${origin}${address}`);
      await page.getByText(awaited).first().waitFor();
      await page.getByText("…", { exact: true }).first().waitFor({ state: "detached" });
      const file = `${name}${scheme === "dark" ? "-dark" : ""}.png`;
      await page.screenshot({ path: path.join(FOLDER, file) });
      console.log(file);
    }
  }
  for (const fault of world.faults) console.error(fault);
} finally {
  await browser.close();
  await world.stop();
}
