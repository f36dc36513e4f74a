import * as v from "valibot";
import type { HubDevice } from "../hub.ts";
import { type Variables, variablesSchema } from "../variables.ts";
import { bodyOf, type Call, deviceOf, fleetOf, type Handler, membersOf } from "./call.ts";

const input = v.object({ environment_variables: variablesSchema });

/** GetDeviceEnvironmentVariables. */
export const getDeviceEnvironment: Handler = (call) => {
  const device = deviceOf(call);
  return {
    json: {
      environment_variables: call.hub.environment.get(device.deviceUid).variables,
      environment_variables_env_default: {},
      environment_variables_effective: device.environment().variables,
    },
  };
};

/** SetDeviceEnvironmentVariables. */
export const setDeviceEnvironment: Handler = (call) => {
  const device = deviceOf(call);
  return set(call, device.deviceUid, [device]);
};

/** DeleteDeviceEnvironmentVariable. */
export const deleteDeviceVariable: Handler = (call) => {
  const device = deviceOf(call);
  return remove(call, device.deviceUid, [device]);
};

/** GetFleetEnvironmentVariables. */
export const getFleetEnvironment: Handler = (call) => ({
  json: { environment_variables: call.hub.environment.get(fleetOf(call).uid).variables },
});

/** SetFleetEnvironmentVariables: one call reaches every device of the fleet, later members too. */
export const setFleetEnvironment: Handler = (call) => {
  const { uid } = fleetOf(call);
  return set(call, uid, membersOf(call, uid));
};

/** DeleteFleetEnvironmentVariable. */
export const deleteFleetVariable: Handler = (call) => {
  const { uid } = fleetOf(call);
  return remove(call, uid, membersOf(call, uid));
};

/** GetProjectEnvironmentVariables. */
export const getProjectEnvironment: Handler = ({ hub }) => ({
  json: { environment_variables: hub.environment.get(hub.options.projectUid).variables },
});

/** SetProjectEnvironmentVariables. */
export const setProjectEnvironment: Handler = (call) =>
  set(call, call.hub.options.projectUid, call.hub.devices.values());

/** DeleteProjectEnvironmentVariable. */
export const deleteProjectVariable: Handler = (call) =>
  remove(call, call.hub.options.projectUid, call.hub.devices.values());

function set(call: Call, owner: string, affected: Iterable<HubDevice>) {
  return change(call, owner, affected, bodyOf(call, input).environment_variables);
}

/** Removes the variable that the path names. One that is not there is gone already. */
function remove(call: Call, owner: string, affected: Iterable<HubDevice>) {
  return change(call, owner, affected, { [call.params.key ?? ""]: "" });
}

function change({ hub }: Call, owner: string, affected: Iterable<HubDevice>, changes: Variables) {
  const before = hub.environment.get(owner);
  const after = hub.environment.set(owner, changes, Math.floor(hub.now()));
  if (after.modified !== before.modified) for (const device of affected) device.changes.emit(undefined);
  return { json: { environment_variables: after.variables } };
}
