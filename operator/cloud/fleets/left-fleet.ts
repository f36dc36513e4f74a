/** What is so of a file whoever asks for it: it is there, or was taken away. */
const STAYS: ReadonlySet<string> = new Set(["installed", "unchanged", "stopped", "removed"]);

/**
 * A file of a fleet that its device has left: what it has of it stays, the rest is brought no more, so that nothing of it waits or is to be
 * looked at. The device says nothing more of it. [NF-11.10]
 */
export function ofLeftFleet<
  View extends { state: string; reason: string | undefined; ended: string | undefined },
>(view: View, fleet: string): View {
  if (STAYS.has(view.state)) return view;
  return { ...view, state: "left", reason: `it has left ${fleet}`, ended: undefined };
}

/**
 * The fleets of which a device has spoken, and that it is not in.
 *
 * @param owners whose manifests it may go by, where that is known
 */
export function leftFleets(
  spokenOf: readonly { fleet: string }[],
  owners: readonly string[] | undefined,
): ReadonlySet<string> {
  return new Set(owners && spokenOf.map(({ fleet }) => fleet).filter((fleet) => !owners.includes(fleet)));
}
