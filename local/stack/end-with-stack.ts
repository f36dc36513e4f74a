import { watchParent } from "../host/child-process/watch-parent.ts";

// Loaded before the agent: one that outlived a killed stack would work on the same state as the next start's.
watchParent();
