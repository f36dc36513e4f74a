import { useEffect, useState } from "preact/hooks";
import type { Targets } from "../../api.ts";
import { askJson } from "../connection.ts";
import { addressOf } from "../route.ts";

/** Who is to get the files, in which folder of theirs, and for what part of a fleet they are, in percent. */
export type Aim = {
  kind: "default" | "device" | "fleet" | "thing" | "thing-group";
  to: string;
  folder: string;
  share: number;
};

/** What a UID of a kind is called, and how it begins. */
const UIDS = {
  device: { label: "UID of the device", begins: "dev:…" },
  fleet: { label: "UID of the fleet", begins: "fleet:…" },
  thing: { label: "thing: and the name of the AWS IoT thing", begins: "thing:…" },
  "thing-group": { label: "thing-group: and the name of the group", begins: "thing-group:…" },
} as const;

export function TargetPicker({ aim, onChange }: { aim: Aim; onChange(aim: Aim): void }) {
  const targets = useTargets(aim.kind === "device" || aim.kind === "thing" ? aim.to : "");
  const { kind, to, folder } = aim;
  const proposed = kind === "fleet" ? targets?.fleets : targets?.devices;
  return (
    <fieldset class="picker">
      <legend>Who gets it</legend>
      <div class="choices">
        <Choice
          kind="default"
          label={`The default target${targets?.defaultTarget === undefined ? "" : `, ${targets.defaultTarget}`}`}
        />
        <Choice kind="device" label="One device" />
        <Choice kind="fleet" label="A fleet" />
        <Choice kind="thing" label="An AWS IoT thing" />
        <Choice kind="thing-group" label="A group of things" />
      </div>
      <div class="fields">
        {kind !== "default" && (
          <label>
            {UIDS[kind].label}
            <input
              class="name"
              list="proposed-targets"
              placeholder={UIDS[kind].begins}
              value={to}
              spellcheck={false}
              autocomplete="off"
              onInput={(event) => onChange({ ...aim, to: event.currentTarget.value.trim() })}
            />
            <datalist id="proposed-targets">
              {proposed?.map((uid) => (
                <option key={uid} value={uid} />
              ))}
            </datalist>
          </label>
        )}
        <label>
          Folder on the device (may be empty)
          <input
            class="name"
            placeholder="app"
            value={folder}
            spellcheck={false}
            autocomplete="off"
            onInput={(event) => onChange({ ...aim, folder: event.currentTarget.value })}
          />
        </label>
      </div>
    </fieldset>
  );

  /** Where there is no choice none is asked for. */
  function onlyOne(kind: Aim["kind"]): string {
    const all = kind === "fleet" ? targets?.fleets : kind === "device" ? targets?.devices : undefined;
    return all?.length === 1 ? (all[0] ?? "") : "";
  }

  function Choice({ kind: own, label }: { kind: Aim["kind"]; label: string }) {
    return (
      <label>
        <input
          type="radio"
          name="target-kind"
          checked={kind === own}
          onChange={() => onChange({ ...aim, kind: own, to: onlyOne(own), share: 100 })}
        />
        {label}
      </label>
    );
  }
}

const PAUSE_MS = 200;

function useTargets(prefix: string): Targets | undefined {
  const [targets, setTargets] = useState<Targets>();
  useEffect(() => {
    let isCurrent = true;
    const waiting = setTimeout(() => {
      askJson<Targets>(addressOf("/api/targets", { q: prefix }))
        .then((found) => isCurrent && setTargets(found))
        .catch(() => undefined); // a UID can still be typed
    }, PAUSE_MS);
    return () => {
      isCurrent = false;
      clearTimeout(waiting);
    };
  }, [prefix]);
  return targets;
}
