import { describe, expect, test } from "vitest";
import { linkProfile } from "../../../local/blues/notecard/link/profile.ts";
import { FlagError } from "../../../local/host/command-line/flags.ts";
import { DEFAULT_PORTS, parseFlags } from "../../../local/stack/flags.ts";

describe("parseFlags", () => {
  test("has a default for everything", () => {
    expect(parseFlags([], "/home/me")).toEqual({
      dataDir: "/home/me/.noteferry",
      deviceRoot: "/home/me/.noteferry/device",
      timeScale: 1,
      devices: 1,
      agent: true,
      link: linkProfile("none"),
      iot: false,
      context: {},
      ports: Object.fromEntries(
        Object.entries(DEFAULT_PORTS).map(([name, preferred]) => [name, { preferred }]),
      ),
      consolePort: { preferred: 4607 },
    });
  });

  test("takes folders relative to where it is run, and keeps the device root apart when asked", () => {
    expect(parseFlags(["--data", "d", "--device-root=/srv/app"], "/x")).toMatchObject({
      dataDir: "/x/d",
      deviceRoot: "/srv/app",
    });
  });

  test("takes settings of the deployment, but for those that only the stack knows", () => {
    const args = ["-c", "prune=true", "--context", "alarmEmail=a=b@example.com", "-c", "stage="];
    expect(parseFlags(args, "/")?.context).toEqual({
      prune: "true",
      alarmEmail: "a=b@example.com",
      stage: "",
    });
    for (const wrong of ["prune", "=x", "notehubUrl=https://example.com", "iot=on"])
      expect(() => parseFlags(["-c", wrong], "/")).toThrow(FlagError);
  });

  test("a port that is asked for is that port, or any for 0", () => {
    const flags = parseFlags(["--s3-port", "9000", "--console-port=0"], "/");
    expect(flags).toMatchObject({ ports: { s3: 9000, aws: { preferred: 4601 } }, consolePort: 0 });
  });

  test("flags that npm took for its own are told, not ignored", () => {
    expect(() => parseFlags(["3"], "/", { npm_config_devices: "true" })).toThrow("npm start -- --devices");
    expect(() => parseFlags([], "/", { npm_config_no_agent: "true" })).toThrow("npm start -- --no-agent");
    expect(parseFlags([], "/", { npm_config_cache: "/c", npm_config_link: "" })).toBeDefined();
  });

  test("knows when only help is wanted", () => {
    expect(parseFlags(["--help"], "/")).toBeUndefined();
  });

  test.each([
    [["--time-scale", "0"], "--time-scale"],
    [["--time-scale", "1e3"], "--time-scale"],
    [["--devices", "0"], "--devices"],
    [["--devices", "1001"], "--devices"],
    [["--s3-port", "70000"], "--s3-port"],
    [["--sped"], "--sped"],
    [["--link", "carrier-pigeon"], "--link"],
    [["--fetch", "cheap"], "--fetch"],
    [["here"], "here"],
  ])("refuses %j and names it", (args, named) => {
    expect(() => parseFlags(args, "/")).toThrow(FlagError);
    expect(() => parseFlags(args, "/")).toThrow(named);
  });
});
