import type { Hub } from "../hub.ts";
import { type Handler, isoDate } from "./call.ts";

/** GetProjects: the one that there is. */
export const listProjects: Handler = ({ hub }) => ({ json: { projects: [project(hub)] } });

/** GetProject and GetProjectByProduct. */
export const getProject: Handler = ({ hub }) => ({ json: project(hub) });

/** GetProducts. */
export const listProducts: Handler = ({ hub }) => ({
  json: {
    products: [
      {
        uid: hub.options.productUid,
        label: hub.options.productUid,
        auto_provision_fleets: [],
        disable_devices_by_default: false,
      },
    ],
  },
});

// Nobody made the project; the OpenAPI document requires a date all the same.
function project({ options }: Hub) {
  return { uid: options.projectUid, label: options.projectUid, created: isoDate(0), role: "owner" };
}
