const BASIC_ISO_8601 = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/;

/** Milliseconds since 1970 of an `X-Amz-Date` such as `20130524T000000Z`; undefined if it is anything else. */
export function parseAmzDate(text: string): number | undefined {
  const [, year, month, day, hour, minute, second] = BASIC_ISO_8601.exec(text) ?? [];
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(time) ? undefined : time;
}

/** The inverse; milliseconds are cut off. */
export function formatAmzDate(time: number): string {
  return new Date(time).toISOString().replace(/[-:]|\.\d{3}/g, "");
}
