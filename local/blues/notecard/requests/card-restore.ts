import { openKnownVariables } from "../known-variables.ts";
import { defineRequest, flag } from "../request.ts";

/**
 * Forgets all Notes and Notehub's variables, with `delete` the settings too, and restarts. It comes back with the settings that a new stand-in has,
 * product included. `connected` changes nothing: Notehub keeps the device, as it has no other.
 */
export const cardRestore = defineRequest({ delete: flag, connected: flag }, (fields, { flash }) => {
  for (const notefile of flash.notes.notefiles()) flash.notes.drop(notefile);
  openKnownVariables(flash.settings).forget();
  if (fields.delete) flash.settings.clear();
  return { json: {}, restart: true };
});
