import { createHash } from "node:crypto";
import * as v from "valibot";
import { iotArn } from "../arns.ts";
import { IotError } from "../iot-error.ts";
import { isPending } from "../jobs/execution.ts";
import { afterJoin, afterLeave } from "../jobs/job-commands.ts";
import { bodyOf, type Call, type Operation, page, param } from "./operation.ts";

const NAME = /^[a-zA-Z0-9:_-]{1,128}$/;

const Attributes = v.object({
  attributePayload: v.optional(
    v.object({ attributes: v.optional(v.record(v.string(), v.string()), {}) }),
    {},
  ),
});
const Membership = v.object({ thingGroupName: v.string(), thingName: v.string() });

const thingArn = ({ services }: Call, name: string) => iotArn(services.account, "thing", name);
const groupArn = ({ services }: Call, name: string) => iotArn(services.account, "thinggroup", name);
const ofThing = (call: Call) => [thingArn(call, param(call, "thingName"))];
const ofGroup = (call: Call) => [groupArn(call, param(call, "thingGroupName"))];

export const createThingOperation: Operation = {
  action: "iot:CreateThing",
  resources: ofThing,
  run(call) {
    const name = newName(call, "thingName");
    const { attributes } = bodyOf(call, Attributes).attributePayload;
    const { registry } = call.services;
    const was = registry.attributesOf(name);
    if (was !== undefined && JSON.stringify(was) !== JSON.stringify(attributes)) {
      throw new IotError("ResourceAlreadyExists", `there is a thing ${name}`, { resourceId: name });
    }
    registry.addThing(name, attributes);
    return { thingName: name, thingArn: thingArn(call, name), thingId: idOf(name) };
  },
};

export const describeThingOperation: Operation = {
  action: "iot:DescribeThing",
  resources: ofThing,
  run(call) {
    const name = knownThing(call, param(call, "thingName"));
    return {
      defaultClientId: name,
      thingName: name,
      thingId: idOf(name),
      thingArn: thingArn(call, name),
      attributes: call.services.registry.attributesOf(name),
      version: 1,
    };
  },
};

/** What it has pending is REMOVED. */
export const deleteThingOperation: Operation = {
  action: "iot:DeleteThing",
  resources: ofThing,
  run: (call) =>
    call.services.engine.perform((turn) => {
      const name = param(call, "thingName");
      for (const execution of turn.executions.ofThing(name)) {
        if (isPending(execution)) turn.change(execution, { status: "REMOVED" });
      }
      for (const { id } of turn.jobs.all()) turn.jobs.stopWaiting(id, name);
      turn.registry.removeThing(name);
    }),
};

export const listThingsOperation: Operation = {
  action: "iot:ListThings",
  resources: () => ["*"],
  run(call) {
    const { items, nextToken } = page(call, call.services.registry.things());
    return {
      things: items.map((name) => ({
        thingName: name,
        thingArn: thingArn(call, name),
        attributes: call.services.registry.attributesOf(name),
        version: 1,
      })),
      nextToken,
    };
  },
};

export const createGroupOperation: Operation = {
  action: "iot:CreateThingGroup",
  resources: ofGroup,
  run(call) {
    const name = newName(call, "thingGroupName");
    if (bodyOf(call, v.object({ parentGroupName: v.optional(v.string()) })).parentGroupName !== undefined) {
      throw new IotError("InvalidRequest", "groups of groups are not kept here");
    }
    call.services.registry.addGroup(name);
    return { thingGroupName: name, thingGroupArn: groupArn(call, name), thingGroupId: idOf(name) };
  },
};

export const describeGroupOperation: Operation = {
  action: "iot:DescribeThingGroup",
  resources: ofGroup,
  run(call) {
    const name = knownGroup(call, param(call, "thingGroupName"));
    return {
      thingGroupName: name,
      thingGroupArn: groupArn(call, name),
      thingGroupId: idOf(name),
      version: 1,
    };
  },
};

export const deleteGroupOperation: Operation = {
  action: "iot:DeleteThingGroup",
  resources: ofGroup,
  run: (call) =>
    call.services.engine.perform((turn) => {
      const name = param(call, "thingGroupName");
      const members = turn.registry.members(name);
      turn.registry.removeGroup(name);
      for (const thing of members) afterLeave(turn, thing);
    }),
};

export const listGroupsOperation: Operation = {
  action: "iot:ListThingGroups",
  resources: () => ["*"],
  run(call) {
    const { items, nextToken } = page(call, call.services.registry.groups());
    return { thingGroups: items.map((name) => nameAndArn(call, name)), nextToken };
  },
};

export const listMembersOperation: Operation = {
  action: "iot:ListThingsInThingGroup",
  resources: ofGroup,
  run(call) {
    const name = knownGroup(call, param(call, "thingGroupName"));
    const { items, nextToken } = page(call, call.services.registry.members(name));
    return { things: items, nextToken };
  },
};

export const listGroupsOfThingOperation: Operation = {
  action: "iot:ListThingGroupsForThing",
  resources: ofThing,
  run(call) {
    const groups = call.services.registry.groupsOf(knownThing(call, param(call, "thingName")));
    const { items, nextToken } = page(call, groups);
    return { thingGroups: items.map((name) => nameAndArn(call, name)), nextToken };
  },
};

export const addToGroupOperation: Operation = {
  action: "iot:AddThingToThingGroup",
  resources: ofMembership,
  run: (call) =>
    call.services.engine.perform((turn) => {
      const { thingName, thingGroupName } = membership(call);
      turn.registry.join(thingGroupName, thingName);
      afterJoin(turn, groupArn(call, thingGroupName), thingName);
    }),
};

export const removeFromGroupOperation: Operation = {
  action: "iot:RemoveThingFromThingGroup",
  resources: ofMembership,
  run: (call) =>
    call.services.engine.perform((turn) => {
      const { thingName, thingGroupName } = membership(call);
      turn.registry.leave(thingGroupName, thingName);
      afterLeave(turn, thingName);
    }),
};

function ofMembership(call: Call): string[] {
  const { thingName, thingGroupName } = bodyOf(call, Membership);
  return [thingArn(call, thingName), groupArn(call, thingGroupName)];
}

/** @throws {IotError} */
function membership(call: Call) {
  const { thingName, thingGroupName } = bodyOf(call, Membership);
  return { thingName: knownThing(call, thingName), thingGroupName: knownGroup(call, thingGroupName) };
}

function nameAndArn(call: Call, name: string) {
  return { groupName: name, groupArn: groupArn(call, name) };
}

function newName(call: Call, from: string): string {
  const name = param(call, from);
  if (!NAME.test(name))
    throw new IotError("InvalidRequest", `${from} has 1 to 128 of a-z, A-Z, 0-9, :, _ and -`);
  return name;
}

function knownThing({ services }: Call, name: string): string {
  if (services.registry.hasThing(name)) return name;
  throw new IotError("ResourceNotFound", `there is no thing ${name}`);
}

function knownGroup({ services }: Call, name: string): string {
  if (services.registry.hasGroup(name)) return name;
  throw new IotError("ResourceNotFound", `there is no thing group ${name}`);
}

/** The same for a name in every run. */
function idOf(name: string): string {
  return createHash("sha256").update(name).digest("hex").slice(0, 32);
}
