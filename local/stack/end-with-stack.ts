import { watchParent } from "../host/child-process/watch-parent.ts";

// Loaded before the agent. One that outlived a killed stack would work on the same state as the next start's agent.
watchParent();
