import { defineRequest } from "../request.ts";

const VERSION = { major: 9, minor: 1, patch: 1, build: 17400 };

/** Names itself as what it is, in the form of firmware 9.1.1, whose API the stand-in follows. */
export const cardVersion = defineRequest({}, (_fields, { session }) => {
  const { major, minor, patch, build } = VERSION;
  const version = `notecard-${major}.${minor}.${patch}.${build}`;
  return {
    json: {
      version,
      device: session.deviceUid,
      name: "Noteferry Notecard stand-in",
      sku: "NOTE-STAND-IN",
      board: "0.0",
      cell: true,
      body: {
        org: "Noteferry",
        product: "Notecard stand-in",
        target: "tcp",
        version,
        ver_major: major,
        ver_minor: minor,
        ver_patch: patch,
        ver_build: build,
        built: "Jan  1 2026 00:00:00",
      },
    },
  };
});
