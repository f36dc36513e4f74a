import type { Hub } from "../hub.ts";
import type { Fleet } from "../store/fleet-store.ts";
import type { Variables } from "../variables.ts";
import { deviceOf, fleetOf, type Handler, knownFleet } from "./call.ts";

/** `EnvTreeJsonNode` of the OpenAPI document, which says its members and nothing of what they mean. */
type TreeNode = {
  type: string;
  var_count: number;
  inherited_var_count: number;
  variables: { key: string; value: string; precedence: number; used: boolean }[];
  children: TreeNode[];
} & Record<string, unknown>;

/** One level, with the members that name it. */
type Level = { names: { type: string } & Record<string, string>; variables: Variables };

/** GetProjectEnvironmentHierarchy. */
export const getProjectHierarchy: Handler = ({ hub }) => ({ json: tree([projectLevel(hub)], []) });

/** GetFleetEnvironmentHierarchy: the project, and below it the fleet. */
export const getFleetHierarchy: Handler = (call) => ({
  json: tree([projectLevel(call.hub)], [fleetLevel(call.hub, fleetOf(call))]),
});

/** GetDeviceEnvironmentHierarchy: the project, below it the device's fleets, and the device below each; below the project if it is in none. */
export const getDeviceHierarchy: Handler = (call) => {
  const { deviceUid, fleetUids } = deviceOf(call);
  const fleets = fleetUids().map((uid) => fleetLevel(call.hub, knownFleet(call, uid)));
  const device: Level = {
    names: { type: "device", device_uid: deviceUid },
    variables: call.hub.environment.get(deviceUid).variables,
  };
  return { json: tree([projectLevel(call.hub)], fleets, device) };
};

function projectLevel({ options, environment }: Hub): Level {
  const uid = options.projectUid;
  return {
    names: { type: "app", app_uid: uid, app_label: uid },
    variables: environment.get(uid).variables,
  };
}

function fleetLevel({ environment }: Hub, { uid, label }: Fleet): Level {
  return {
    names: { type: "fleet", fleet_uid: uid, fleet_label: label },
    variables: environment.get(uid).variables,
  };
}

/** @param siblings the fleets, of which the last one wins. */
function tree(top: [Level], siblings: Level[], leaf?: Level): TreeNode {
  const order = [...top, ...siblings, ...(leaf === undefined ? [] : [leaf])];
  const below = leaf === undefined ? [] : [leaf];
  const node = (level: Level, above: Level[], children: TreeNode[]) => shape(level, above, order, children);
  const leaves = (above: Level[]) => below.map((level) => node(level, above, []));
  const children =
    siblings.length === 0 ? leaves(top) : siblings.map((fleet) => node(fleet, top, leaves([...top, fleet])));
  return node(top[0], [], children);
}

function shape(level: Level, above: Level[], order: Level[], children: TreeNode[]): TreeNode {
  const own = Object.entries(level.variables);
  const inherited = new Set(above.flatMap(({ variables }) => Object.keys(variables).map(plain)));
  for (const [key] of own) inherited.delete(plain(key));
  return {
    ...level.names,
    var_count: own.length,
    inherited_var_count: inherited.size,
    variables: own.map(([key, value]) => {
      // 1 for the level that wins, counting those that have the variable.
      const having = order.filter(({ variables }) =>
        Object.keys(variables).some((name) => plain(name) === plain(key)),
      );
      const precedence = having.length - having.indexOf(level);
      return { key, value, precedence, used: precedence === 1 };
    }),
    children,
  };
}

/** Names are not case-sensitive. */
function plain(name: string): string {
  return name.toLowerCase();
}
