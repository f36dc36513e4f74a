import { existsSync, readdirSync, realpathSync } from "node:fs";
import path from "node:path";
import { carryOut, describeStep } from "../host/carry-out.ts";
import { PLACES, type Places } from "../host/places.ts";
import { planInstall, planStart } from "../host/plan-install.ts";
import { completionScript } from "./completion-script.ts";
import { readConfigFile } from "./config-file.ts";
import { examine } from "./doctor.ts";
import type { Finding } from "./finding.ts";
import { manPage } from "./man-page.ts";
import { completeSettings, type SettingsOf } from "./run-settings.ts";
import { SettingRefused } from "./settings.ts";

/** A host on which there is nothing to be installed; the message says what to do instead. */
export class HostUnfit extends Error {
  override name = "HostUnfit" as const;
}

export type InstallRequest = {
  /** As a config file has them. */
  written: Readonly<Record<string, unknown>>;
  settings: SettingsOf<"doctor">;
  dryRun: boolean;
};

/** This process, as far as an installation asks about it. */
export type Host = { node: string; script: string; isRoot: boolean };

/**
 * Installs the agent that runs as a service of this host, examines what it needs, and starts it.
 *
 * @param say told each step
 * @returns what the examination found; the service runs all the same, since most of it passes or is mended without it
 * @throws {HostUnfit | StepFailed}
 */
export async function installAgent(
  { written, settings, dryRun }: InstallRequest,
  host: Host,
  say: (sentence: string) => unknown,
  signal: AbortSignal,
  places: Places = PLACES,
): Promise<Finding[]> {
  checkHost(host, dryRun, places);
  const { notecard } = settings;
  const steps = planInstall(
    {
      ...{
        settings: written,
        root: path.resolve(settings.root),
        state: path.resolve(settings.state),
        notecard,
      },
      ...{ program: programFiles(host.script), node: host.node },
      ...{ manPage: manPage(), completion: completionScript("bash") },
      hasPackage: (name) => existsSync(path.join(places.program, "node_modules", name)),
    },
    places,
  );
  if (dryRun) {
    for (const step of [...steps, ...planStart()]) say(`would ${describeStep(step)}`);
    return [];
  }
  for (const step of steps) say(await carryOut(step, signal));
  // What the service goes by: a config file that was there counts.
  const kept = completeSettings("doctor", await readConfigFile(places.config));
  const findings = await examine(kept, signal, say);
  for (const step of planStart()) say(await carryOut(step, signal));
  return findings;
}

function checkHost({ node, script, isRoot }: Host, dryRun: boolean, places: Places): void {
  if (!script.endsWith(".mjs"))
    throw new HostUnfit(
      "this is the agent's source: npm run build:agent makes agent/package/noteferry-agent.mjs, which is to be run on the device",
    );
  if (!existsSync(places.systemd))
    throw new HostUnfit(
      "this host has no systemd: have your supervisor start `noteferry-agent run`, and always start it again",
    );
  if (/^\/(?:home|root)\//.test(node))
    throw new HostUnfit(
      `the service cannot enter ${node}: install Node for all users, as your system's package, and run this with that`,
    );
  if (!isRoot && !dryRun) throw new HostUnfit("this takes root: run it with sudo");
}

/** The agent's file, first, and those that it loads. */
function programFiles(script: string): string[] {
  const main = realpathSync(script);
  const folder = path.dirname(main);
  const others = readdirSync(folder).filter((name) => /^noteferry-agent-[\w-]+\.cjs$/.test(name));
  return [main, ...others.map((name) => path.join(folder, name))];
}

/** @throws {SettingRefused} for what is relative: a service starts in another folder */
export function checkAbsolute(settings: { root: string; state: string }): void {
  for (const name of ["root", "state"] as const)
    if (!path.isAbsolute(settings[name]))
      throw new SettingRefused(`--${name} is to be an absolute path: the service starts in another folder`);
}
