import * as v from "valibot";
import { variablesSchema } from "../store/environment-store.ts";
import { bodyOf, type Call, deviceOf, fleetOf, type Handler } from "./call.ts";

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
  const reply = set(call, device.deviceUid);
  device.changes.emit(undefined);
  return reply;
};

/** GetFleetEnvironmentVariables. */
export const getFleetEnvironment: Handler = (call) => ({
  json: { environment_variables: call.hub.environment.get(fleetOf(call)).variables },
});

/** SetFleetEnvironmentVariables: one call reaches every device of the fleet, later members too. */
export const setFleetEnvironment: Handler = (call) => {
  const fleet = fleetOf(call);
  const reply = set(call, fleet);
  for (const device of call.hub.devices.values()) {
    if (device.fleetUids.includes(fleet)) device.changes.emit(undefined);
  }
  return reply;
};

function set(call: Call, owner: string) {
  const { environment_variables } = bodyOf(call, input);
  const { variables } = call.hub.environment.set(owner, environment_variables, Math.floor(call.hub.now()));
  return { json: { environment_variables: variables } };
}
