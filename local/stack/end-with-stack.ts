import { flushCompileCache } from "node:module";
import { watchParentHere } from "../host/child-process/watch-parent.ts";

// Loaded before the agent. One that outlived a killed stack would work on the same state as the next start's agent.
watchParentHere();

// Not only at its end: the agents of a stack's other devices start while it runs.
setTimeout(flushCompileCache, 1_000).unref();
