/** A setting that cannot be used; the message names it as the person wrote it. */
export class SettingRefused extends Error {
  override name = "SettingRefused" as const;
}
