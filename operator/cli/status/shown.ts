/** What a question shows: text for a person, a value for a program. */
export type Shown = { text: string; json: unknown };
