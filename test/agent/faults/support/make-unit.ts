import { changeOf } from "../../support/change-of.ts";
import { openUnitPlacing, UNIT } from "./put-unit.ts";

// `make-unit.ts <root> <state> <runs>`: puts the unit in its place, as an agent does, and ends as one that is stopped.
const [root = "", state = "", runs] = process.argv.slice(2);
const { placing, programs } = await openUnitPlacing(root, state, runs === "true");
const changes = Object.entries(UNIT).map(([name, content]) => changeOf(name, content));
await placing.putInPlace(changes, new AbortController().signal).catch(() => undefined);
await programs.stop();
