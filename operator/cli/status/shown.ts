/** What a question shows: text for a person, with what is said beside it, and a value for a program. */
export type Shown = { text: string; note?: string; json: unknown };
