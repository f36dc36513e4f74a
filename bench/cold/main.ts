import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { startAwsServer } from "./aws-server.ts";
import { type Measured, parseMeasured, report } from "./report.ts";
import { buildSubjects } from "./subjects.ts";

/** `npm run bench:cold`: how long the file-server takes until its first byte, against client-s3 alone; and the notifier until its first answer, with AWS IoT and without. */
const RUNS = 20;
const folder = mkdtempSync(path.join(tmpdir(), "noteferry-cold-"));
const aws = await startAwsServer();
try {
  const subjects = buildSubjects(folder, aws.origin);
  const measured = new Map<string, Measured[]>(subjects.map(({ name }) => [name, []]));
  for (let run = 0; run <= RUNS; run++) {
    for (const { name, bundle, env, event } of subjects) {
      const probe = path.join(import.meta.dirname, "probe.ts");
      const args = [probe, bundle, JSON.stringify(event)];
      const { stdout } = await promisify(execFile)(process.execPath, args, { env });
      if (run > 0) measured.get(name)?.push(parseMeasured(name, stdout)); // the first fills the file cache
    }
  }
  const about = new Map(
    subjects.map(({ name, bundle, hasIot }) => [name, { bytes: statSync(bundle).size, hasIot }]),
  );
  process.exitCode = report(measured, about) ? 0 : 1;
} finally {
  aws.close();
  rmSync(folder, { recursive: true });
}
